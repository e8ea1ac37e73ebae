"""`python -m export verify` on every family: it passes what agrees, and fails where a fused op is missing."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import onnx_ir as ir
import pytest

from export import parity
from export.__main__ import main
from export.runtime import GraphName
from model.config import ExpertsConfig
from tests.export.conftest import TINY, Verified, change_graph, write_checkpoint


def test_every_family_passes(verified: Verified):
    assert verified.status == 0, verified.printed
    assert [name for name in verified.printed.splitlines() if name in ("bert", "gpt-alibi", "t5")] == [
        "bert",
        "gpt-alibi",
        "t5",
    ]
    assert verified.printed.count("Everything agrees.") == 3
    assert {kind for kind in verified.differences["gpt-alibi"] if "attn_bias" in kind} == {
        "blocks.*.attn.hook_attn_bias"
    }


@pytest.mark.parametrize(
    ("name", "graph", "op", "there"),
    [
        ("bert", "fused", "LayerNormalization", "fused.onnx holds 5 LayerNormalization nodes; there should be 6"),
        ("t5", "encoder", "RMSNormalization", "encoder.onnx holds 4 RMSNormalization nodes; there should be 5"),
        ("t5", "decoder", "RMSNormalization", "decoder.onnx holds 9 RMSNormalization nodes; there should be 10"),
    ],
)
def test_a_family_with_a_fused_op_missing_fails(
    name: str,
    graph: GraphName,
    op: str,
    there: str,
    verified: Verified,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def drop(graph: ir.Graph) -> None:
        node = next(node for node in graph if node.op_type == op)
        read = node.inputs[0]
        assert read is not None
        node.outputs[0].replace_all_uses_with(read)
        graph.remove(node)

    folder = shutil.copytree(verified.checkpoints / name, tmp_path / name)
    change_graph(folder, graph, drop)
    monkeypatch.setattr(parity, "compare", lambda _: verified.differences[name])  # the census alone must find it
    assert main(["verify", str(folder)]) == 1
    assert there in capsys.readouterr().out


def test_experts_that_turn_tokens_away_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    experts = ExpertsConfig(n_experts=4, top_k=2, d_expert=8, capacity=1.25)
    folder = write_checkpoint(tmp_path / "switch", dataclasses.replace(TINY, experts=experts))
    assert main(["build", str(folder)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("switch: experts.capacity is 1.25: which tokens an expert turns away depends on all others")
    assert "capacity null in its config.json" in said
    assert not list(folder.glob("*.onnx"))
