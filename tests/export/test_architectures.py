"""Every published architecture that can be loaded: its graphs are fused throughout, and run as PyTorch does."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir
import pytest
import torch
from safetensors.torch import save_file

from export import census, families, graphs, parity, weights
from export.runtime import GraphName, confined
from export.runtime.session import Session
from model import config as configs
from model import taps
from model.pretrained import Pretrained
from model.transformer.capture import capture
from tests.export.conftest import failures
from tests.model.agreement import left_padding, random_ids
from tests.model.published import DECODERS, ENCODER_DECODERS, random_peer, saved
from tests.model.published_encoders import ENCODERS

Nodes = dict[str, int]


def rms(layers: int, rotary: bool = True, moe: int = 0, qk_norm: bool = False, norms: int = 2) -> Nodes:
    """What a decoder with RMSNorm should have."""
    nodes = {"Attention": layers, "RMSNormalization": (norms + 2 * qk_norm) * layers + 1}
    return nodes | ({"RotaryEmbedding": 2 * layers} if rotary else {}) | ({"MoE": moe} if moe else {})


ROTARY = rms(3)
QWEN3 = rms(3, qk_norm=True)
EXPECTED: dict[str, Nodes] = {
    "gpt2": {"Attention": 3, "LayerNormalization": 7},
    **dict.fromkeys([name for name in DECODERS if name.startswith(("llama", "mistral"))], ROTARY),
    "qwen2": ROTARY,
    "qwen2, windows from block 1 on": ROTARY,
    "qwen3": QWEN3,
    "qwen3, yarn": QWEN3,
    "mixtral": rms(3, moe=3),
    "mixtral, window": rms(3, moe=3),
    "qwen2_moe": rms(3, moe=1),
    "qwen3_moe": rms(3, moe=2, qk_norm=True),
    "qwen3_moe, top 1 (switch)": rms(3, moe=3, qk_norm=True),
    "deepseek_v2, queries whole": rms(3, moe=2, norms=3),
    "deepseek_v2, yarn with mscale, groups, biases": rms(3, moe=2, norms=4),
    "deepseek_v3, yarn with mscale": rms(3, moe=2, norms=4),
    "deepseek_v3, queries whole, one group, all dense but one, tied": rms(3, moe=1, norms=3),
    **dict.fromkeys([name for name in DECODERS if name.startswith("olmo")], QWEN3),
    **dict.fromkeys([name for name in DECODERS if name.startswith(("phi3", "gemma"))], ROTARY),
    **dict.fromkeys([name for name in DECODERS if name.startswith("gemma2")], rms(3, norms=4)),
    **dict.fromkeys([name for name in DECODERS if name.startswith("gemma3")], rms(3, norms=4, qk_norm=True)),
    "gpt_neox": {"Attention": 3, "RotaryEmbedding": 6, "LayerNormalization": 7},
    "gpt_neox, sequential, half rotated": {"Attention": 3, "RotaryEmbedding": 6, "LayerNormalization": 7},
    "bloom": {"Attention": 3, "LayerNormalization": 8},
    "bloom, 6 heads": {"Attention": 2, "LayerNormalization": 6},
    "mpt": {"Attention": 3, "LayerNormalization": 7},
    "mpt, 6 heads": {"Attention": 2, "LayerNormalization": 5},
    "bert, both heads": {"Attention": 3, "LayerNormalization": 8},
    "bert, masked head": {"Attention": 3, "LayerNormalization": 8},
    "bert, no head": {"Attention": 3, "LayerNormalization": 7},
    "roberta": {"Attention": 3, "LayerNormalization": 8},
    "xlm-roberta, no head": {"Attention": 3, "LayerNormalization": 7},
    "camembert, no head": {"Attention": 3, "LayerNormalization": 7},
    "distilbert": {"Attention": 3, "LayerNormalization": 8},
    "modernbert": {"Attention": 4, "RotaryEmbedding": 8, "LayerNormalization": 10},
    "modernbert, biases, every second block whole": {"Attention": 4, "RotaryEmbedding": 8, "LayerNormalization": 10},
    "modernbert, no head": {"Attention": 4, "RotaryEmbedding": 8, "LayerNormalization": 9},
    **{name: {"Attention": 3, "LayerNormalization": 8} for name in ENCODERS if name.startswith("deberta")},
    "deberta-v2, convolution, narrow embeddings": {"Attention": 3, "LayerNormalization": 9},
    "deberta-v2, no head": {"Attention": 3, "LayerNormalization": 7},
    "deberta, content to position, no head": {"Attention": 3, "LayerNormalization": 7},
    "electra, generator": {"Attention": 3, "LayerNormalization": 8},
    "electra, discriminator": {"Attention": 3, "LayerNormalization": 7},
    **{name: {"Attention": 3, "RMSNormalization": 7} for name in ENCODERS if name.endswith("encoder")},
    "t5 v1.0": {"Attention": 7, "RMSNormalization": 14},
    "t5 v1.1, unscaled": {"Attention": 7, "RMSNormalization": 14},
    "mt5": {"Attention": 7, "RMSNormalization": 14},
    "bart": {"Attention": 7, "LayerNormalization": 14},
    "bart, scaled, tanh GELU, no bias of logits": {"Attention": 7, "LayerNormalization": 14},
    "mbart": {"Attention": 7, "LayerNormalization": 16},
    "pegasus": {"Attention": 7, "LayerNormalization": 14},
    "marian": {"Attention": 7, "LayerNormalization": 12},
}
"""The fused nodes of each tapped graph, counted by hand. That which only predicts has the same; T5 has two of those."""
T5_STACKS: dict[str, Nodes] = {
    "encoder": {"Attention": 3, "RMSNormalization": 7},
    "decoder": {"Attention": 4, "RMSNormalization": 7},
}
"""Those of the two that a T5 has."""
STACKS_AS_IN_2017 = {
    name: {
        "encoder": {"Attention": 3, "LayerNormalization": 6 + ends},
        "decoder": {"Attention": 4, "LayerNormalization": 6 + ends},
    }
    for name, ends in {"bart": 1, "mbart": 2, "pegasus": 1, "marian": 0}.items()
}
"""The same by what a model of a later layout is called."""
UNSCALED = {
    "qwen2_moe": 1,
    "qwen3_moe, top 1 (switch)": 3,
    "deepseek_v2, queries whole": 2,
    "deepseek_v2, yarn with mscale, groups, biases": 2,
}
"""How many softmaxes a graph has of its own: of experts whose shares are not divided by their sum."""
CASES = {**DECODERS, **ENCODERS, **ENCODER_DECODERS}
LIKE_ANOTHER = {
    "llama, multi-query",
    "llama, linear interpolation",
    "llama, llama3 scaling",
    "llama, yarn",
    "mistral, no window",
    "qwen3, yarn",
    "mixtral",
    "olmo2, wide heads, biases",
    "olmo3, yarn, every second",
    "phi3",
    "phi3, window, three quarters rotated, tied",
    "phi3, longrope",
    "gemma",
    "gemma2, uncapped, windows by name",
    "gemma3_text",
    "bloom, 6 heads",
    "mpt, 6 heads",
    "bert, masked head",
    "xlm-roberta, no head",
    "camembert, no head",
    "mt5",
    "modernbert, no head",
    "deberta, content to position, no head",
    "deberta-v2, no terms",
    "deberta-v2, no head",
    "bart, scaled, tanh GELU, no bias of logits",
}
"""Those that have the operators of another case, with other numbers: PyTorch is held against `transformers` on each of
them (tests/model/pretrained), the graphs on the other."""
PREDICTS_LIKE_ANOTHER = {
    "llama",
    "llama, yarn, all settings",
    "qwen2",
    "qwen3_moe",
    "gemma3_text, scaled, capped, every second",
    "gpt_neox",
    "bert, no head",
    "roberta",
    "distilbert",
    "electra, discriminator",
    "modernbert, biases, every second block whole",
    "deberta",
    "deberta-v2, content to position",
    "deberta-v2, every distance by itself",
}
"""Those of the rest whose graph that predicts differs from another's in sizes, or in what their tapped graph shows."""
N_CTX = 64
"""The context to which models are held that would read on, so that what is tried past it stays short."""
FUSED = {"Attention", "RotaryEmbedding", "RMSNormalization", "LayerNormalization", "MoE"}


def test_every_architecture_is_counted():
    assert EXPECTED.keys() == CASES.keys()


def write(loaded: Pretrained, folder: Path, graph: GraphName) -> None:
    """One graph of a model, beside its weights."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(configs.to_json(loaded.config), encoding="utf-8")
    tensors = {key: tensor.contiguous() for key, tensor in loaded.module.state_dict().items()}
    save_file(tensors, folder / "model.safetensors")
    model = graphs.build(loaded.module, families.interfaces(loaded.config)[graph])
    weights.point_into(model, folder / "model.safetensors")
    ir.save(model, folder / f"{graph}.onnx")


def assert_fused(folder: Path, graph: GraphName, expected: Nodes, n_softmax: int) -> None:
    """Nothing was decomposed, in the file or when it is run."""
    nodes = census.in_file(folder / f"{graph}.onnx")
    assert {op: count for op, count in nodes.items() if op in FUSED} == expected
    assert nodes["Softmax"] == n_softmax
    assert not nodes.keys() & {"ReduceMean", "Einsum", "If", "Loop", "ScatterND"}
    assert not census.missing(folder, graph)
    confined.check(folder / f"{graph}.onnx")


@pytest.mark.parametrize("name", sorted(CASES.keys() - LIKE_ANOTHER - PREDICTS_LIKE_ANOTHER))
def test_the_graphs_that_predict_stay_fused_and_agree_with_pytorch_with_and_without_a_cache(name: str, tmp_path: Path):
    loaded = saved(random_peer(CASES[name]), tmp_path / "published")
    if loaded.config.n_ctx > N_CTX:
        loaded = dataclasses.replace(loaded, config=dataclasses.replace(loaded.config, n_ctx=N_CTX))
    ours = tmp_path / "ours"
    predicting = [graph for graph in families.interfaces(loaded.config) if graph != "tapped"]
    for graph in predicting:
        write(loaded, ours, graph)
        expected = STACKS_AS_IN_2017.get(name, T5_STACKS).get(graph, EXPECTED[name])
        assert_fused(ours, graph, expected, UNSCALED.get(name, 0))
    assert not failures(parity.compare(ours, predicting))


@pytest.mark.parametrize("name", sorted(CASES.keys() - LIKE_ANOTHER))
def test_an_architecture_stays_fused_and_agrees_with_pytorch(name: str, tmp_path: Path):
    """At lengths past every threshold, one of two texts padded."""
    loaded = saved(random_peer(CASES[name]), tmp_path / "published")
    config, module, ours = loaded.config, loaded.module, tmp_path / "ours"
    write(loaded, ours, "tapped")
    assert_fused(ours, "tapped", EXPECTED[name], UNSCALED.get(name, 0))

    ids, mask = random_ids(), left_padding()[:, None]
    written: dict[str, Any] = {"decoder_ids": random_ids(30, seed=2)} if name in ENCODER_DECODERS else {}
    table = taps.table(config)
    with torch.no_grad(), capture(module, table) as taken:
        reference = module(ids, attention_mask=mask, **written)
    session = Session(ours)
    run = session.run(
        ids.numpy(),
        attention_mask=mask.numpy(),
        taps=table,
        **{key: value.numpy() for key, value in written.items()},
    )
    given = {**run.heads, **({"logits": run.logits} if "logits" in session.outputs else {})}
    assert given, "no head was exported"
    for key, value in given.items():
        assert np.abs(value - getattr(reference, key).numpy()).max() < 1e-4, key
    for key in table:
        if key.endswith(".hook_pattern"):
            assert np.abs(run.taps[key] - taken[key].numpy()).max() < 1e-4, key
