"""The graphs of a BERT: what they take, what they give, what they are made of; and running them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export import census, families, parity
from export.runtime import GraphName
from export.runtime.session import Session
from model import taps
from model.transformer.capture import capture
from tests.export.conftest import TINY_BERT, Verified, axes, failures, load_graph

GRAPHS: tuple[GraphName, ...] = ("tapped", "fused")
RNG = np.random.default_rng(1)
IDS = RNG.integers(0, TINY_BERT.d_vocab, (3, 40))
SEGMENTS = (np.arange(40) >= [[5], [17], [40]]).astype(np.int64)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_has_exactly_one_fused_node_for_each_operation(tiny_bert: Path, name: GraphName):
    nodes = census.in_file(tiny_bert / f"{name}.onnx")
    assert nodes["Attention"] == 2
    assert nodes["LayerNormalization"] == 6  # two a block, one of the embeddings, one of the masked head
    assert nodes["Gelu"] == 3
    assert not nodes.keys() & {"Softmax", "ReduceMean", "Erf", "Einsum", "If", "Loop"}, "something was decomposed"
    assert not census.missing(tiny_bert, name)


def test_ports_name_their_axes(tiny_bert: Path):
    inputs = {value.name: axes(value) for value in load_graph(tiny_bert, "tapped").input}
    assert inputs == {
        "input_ids": ("batch", "pos"),
        "token_type_ids": ("batch", "pos"),
        "attention_mask": ("batch", "query", "key"),
        "head_gate": (2, 4),
        "head_bias": (2, 4, 8),
        "mlp_gate": (2,),
        "neuron_gate": (2, 40),
        "mlp_bias": (2, 32),
    }
    assert [value.name for value in load_graph(tiny_bert, "fused").input] == list(inputs)[:3]
    heads = {"logits": ("batch", "pos", 61), "pooled": ("batch", 32), "next_sentence": ("batch", 2)}
    assert {value.name: axes(value) for value in load_graph(tiny_bert, "fused").output} == heads
    outputs = {value.name: axes(value) for value in load_graph(tiny_bert, "tapped").output}
    sizes: dict[str, int] = taps.sizes(TINY_BERT)
    tapped = {name: tuple(sizes.get(axis, axis) for axis in tap.axes) for name, tap in taps.table(TINY_BERT).items()}
    assert outputs == heads | tapped


def test_both_graphs_agree_with_pytorch_on_every_output(verified: Verified):
    differences = verified.differences["bert"]
    assert not failures(differences)
    assert set(differences["logits"]) == {"eager float32", "tapped", "fused"}
    assert {"pooled", "next_sentence", "hook_segment_embed", "blocks.*.attn.hook_pattern"} <= set(differences)


def test_cases_reach_the_last_position_with_segments_and_padding():
    plan = list(parity.plan(TINY_BERT, families.interfaces(TINY_BERT)["tapped"]))
    assert max(shape.pos for shape in plan) == TINY_BERT.n_ctx
    assert not any(shape.past for shape in plan)
    together = {which for shape in plan for which in shape.chosen if shape.batch == 3}
    gates = {"head_gate", "head_bias", "mlp_gate", "mlp_bias", "neuron_gate"}
    assert together == {"attention_mask", "token_type_ids", *gates}


def test_a_session_gives_what_pytorch_gives(tiny_bert: Path):
    """Segments and padding as a tokenizer has them, all heads, all taps."""
    module = families.load(tiny_bert, torch.float64)
    real = np.arange(40) < [[40], [23], [9]]
    with torch.no_grad(), capture(module, taps.table(TINY_BERT)) as taken:
        reference = module(torch.from_numpy(IDS), torch.from_numpy(SEGMENTS), torch.from_numpy(real[:, None]))
    run = Session(tiny_bert).run(IDS, segments=SEGMENTS, attention_mask=real[:, None], taps=taps.table(TINY_BERT))
    assert run.heads.keys() == {"pooled", "next_sentence"}
    assert run.taps.keys() == taken.keys()
    wanted = {"logits": reference.logits, "pooled": reference.pooled, "next_sentence": reference.next_sentence, **taken}
    for name, value in {"logits": run.logits, **run.heads, **run.taps}.items():
        np.testing.assert_allclose(value, wanted[name].numpy(), rtol=1e-4, atol=1e-4, err_msg=name)
    assert not run.taps[taps.PATTERN.name(1)][2, :, :, 9:].any(), "padding was attended to"


def test_segments_are_the_first_unless_given(tiny_bert: Path):
    fused = Session(tiny_bert, "fused")
    np.testing.assert_array_equal(fused.run(IDS).logits, fused.run(IDS, segments=np.zeros_like(IDS)).logits)
    np.testing.assert_array_equal(
        fused.run(IDS, segments=SEGMENTS[:1]).logits, fused.run(IDS, segments=np.tile(SEGMENTS[:1], (3, 1))).logits
    )
    assert np.abs(fused.run(IDS).logits - fused.run(IDS, segments=SEGMENTS).logits).max() > 1e-2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": [1] * 49}, "49 tokens, but its positions end at n_ctx = 48"),
        ({"ids": [1, 2], "segments": [0, 2]}, "segments are int64; they should be integers in 0..1"),
        ({"ids": [1, 2], "segments": [0.0, 1.0]}, "segments are float64; they should be integers in 0..1"),
        ({"ids": [1, 2], "segments": [0, 1, 1]}, "token_type_ids has shape (3,); (batch, pos) should be (1, 2)"),
        ({"ids": [1, 2], "decoder_ids": [1]}, "the fused graph of tiny-bert takes no decoder_input_ids"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_numbers(tiny_bert: Path, arguments: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        Session(tiny_bert, "fused").run(**arguments)
