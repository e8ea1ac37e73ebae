"""The tapped graph for CUDA, on the CPU: it gives all that the committed one gives, of nodes that CUDA has."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest

from export import cuda, families, parity
from export.runtime.session import Session
from model import config as configs
from model.config import PositionConfig
from tests.export.conftest import TINY, build, write_checkpoint

BIASED = dataclasses.replace(
    TINY, experts=None, n_layers=1, n_kv_heads=4, positions=PositionConfig("alibi"), score_softcap=4.0
)
"""A mask of numbers, and scores that are bent before it."""


def beside(source: Path, folder: Path) -> Path:
    """A folder with the same weights, and none of its graphs."""
    for name in ("config.json", "model.safetensors"):
        shutil.copy(source / name, folder)
    return folder


@pytest.fixture(scope="module")
def variant(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TINY's graphs for CUDA."""
    folder = beside(tiny, tmp_path_factory.mktemp("cuda"))
    cuda.build(folder)
    return folder


def apart(one: Path, other: Path) -> dict[str, parity.Difference]:
    """How far every output of two tapped graphs is, over all cases of `parity`."""
    config = configs.load(one)
    interface = families.interfaces(config)["tapped"]
    first, second = Session(one), Session(other)
    assert first.outputs == second.outputs
    found = {port.name: parity.Difference() for port in interface.outputs}
    for name, inputs, _ in parity.cases(config, families.load(one), interface):
        ours, theirs = parity.onnx(first, interface, inputs), parity.onnx(second, interface, inputs)
        for output, value in theirs.items():
            found[output].add(name, value, ours[output])
    return found


def test_it_gives_every_output_of_the_committed_graph(tiny: Path, variant: Path):
    """With a mask, gates, an expert off, a past, a row that may attend to nothing, and past the model's context."""
    differences = apart(tiny, variant)
    assert "blocks.1.attn.hook_pattern" in differences
    assert {name: one.beyond for name, one in differences.items() if one.beyond} == {}


def test_scores_are_bent_and_biased_before_the_softmax(tmp_path: Path):
    (tmp_path / "cuda").mkdir()
    folder = build(write_checkpoint(tmp_path / "committed", BIASED), "tapped")
    cuda.build(beside(folder, tmp_path / "cuda"))
    assert {name: one.beyond for name, one in apart(folder, tmp_path / "cuda").items() if one.beyond} == {}


def test_attention_stays_one_node_and_gives_raw_scores_alone(tiny: Path, variant: Path):
    nodes = onnx.load(variant / "tapped.onnx", load_external_data=False).graph.node
    attentions = [node for node in nodes if node.op_type == "Attention"]
    modes = [one.i for node in attentions for one in node.attribute if one.name == "qk_matmul_output_mode"]
    assert len(attentions) == TINY.n_layers
    assert set(modes) <= {cuda.SCORES}
    counts = Counter(node.op_type for node in nodes)
    assert counts["Softmax"] == TINY.n_layers
    expected = families.interfaces(TINY)["tapped"].fused_nodes
    assert {op: counts[op] for op in expected} == expected, "nothing else was taken apart"


def test_in_half_precision_it_computes_nearly_the_same(tiny: Path, variant: Path):
    ids, mask = np.arange(1, 40)[None] % TINY.d_vocab, np.ones((1, 39, 39), bool)
    mask[0, -1] = False
    names = [f"blocks.{layer}.attn.hook_pattern" for layer in range(TINY.n_layers)]
    whole = Session(tiny).run(ids, taps=names, attention_mask=mask)
    half = Session(variant, precision="fp16").run(ids, taps=names, attention_mask=mask)
    for name in names:
        assert half.taps[name].dtype == np.float16
        assert not half.taps[name][0, :, -1].any(), "a query that may attend to nothing"
        np.testing.assert_allclose(half.taps[name], whole.taps[name], atol=0.02)
    assert 0 < np.abs(half.logits - whole.logits).max() < 0.02 * np.abs(whole.logits).max()
