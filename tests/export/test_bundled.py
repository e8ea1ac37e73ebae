"""The checkpoints that ship: their graphs belong to their weights, and compute what PyTorch computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from export import census, families, parity
from export.__main__ import CHECKPOINTS
from export.runtime import GraphName
from model import config as configs

BUNDLED = sorted(path.parent for path in CHECKPOINTS.glob("*/tapped.onnx"))


@pytest.mark.parametrize("folder", BUNDLED, ids=lambda folder: folder.name)
def test_a_bundled_model_agrees_with_pytorch(folder: Path):
    for kind, by_program in parity.compare(folder).items():
        for program, difference in by_program.items():
            assert not difference.beyond, f"{program} differs in {kind} by {difference.absolute}: {difference.beyond}"


@pytest.mark.parametrize("folder", BUNDLED, ids=lambda folder: folder.name)
def test_a_bundled_graph_is_fused_and_holds_no_weights(folder: Path):
    for graph in families.interfaces(configs.load(folder)):
        assert not census.missing(folder, graph)
        assert (folder / f"{graph}.onnx").stat().st_size < 300_000


@pytest.mark.parametrize("graph", ["tapped", "fused"])
def test_the_bundled_gpt_has_six_attentions_twelve_rotations_thirteen_norms_and_three_mixtures(graph: GraphName):
    path = CHECKPOINTS / "gpt" / f"{graph}.onnx"
    if not path.is_file():
        pytest.skip(f"{path} is not built; python -m export build gpt")
    nodes = census.in_file(path)
    counts = [nodes[op] for op in ("Attention", "RotaryEmbedding", "RMSNormalization", "MoE")]
    assert counts == [6, 12, 13, 3]
