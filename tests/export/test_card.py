"""The op table: what it counts, and that the kernels it claims are there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime

from export import card, translate
from export.__main__ import main


def test_every_semantic_op_has_a_row():
    ours = {str(op).split(".")[1] for op in translate.TABLE}
    pytorchs = {"layer_norm", "gelu", "moe, 8 bit", "linear, 8 bit", "embedding, 8 bit"}
    assert ours == {fusion.operation for fusion in card.FUSIONS} - pytorchs
    assert all(hasattr(torch.ops.cutaway, name) for name in ours)


def counted(table: str) -> dict[str, list[str]]:
    """The counts of each operation."""
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert head[:3] == ["operation", "ONNX op", "domain, opset"]
    assert head[-2:] == ["kernels on CPU", "kernels on CUDA"]
    return {row[0]: row[3:-2] for row in rows} | {"": head[3:-2]}


def test_the_table_counts_each_graph(tiny: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["card", str(tiny)]) == 0
    assert counted(capsys.readouterr().out) == {
        "": ["fused.onnx", "tapped.onnx"],
        "attention": ["2", "0"],
        "attention_with_pattern": ["0", "2"],
        "rotary": ["4", "4"],
        "rms_norm": ["5", "5"],
        "moe": ["1", "1"],
    }


def test_a_bert_has_layer_norms_and_gelus(tiny_bert: Path):
    """Two norms a block, the embeddings' and the head's; a GELU a block and the head's."""
    assert counted(card.table(tiny_bert)) == {
        "": ["fused.onnx", "tapped.onnx"],
        "attention": ["2", "0"],
        "attention_with_pattern": ["0", "2"],
        "layer_norm": ["6", "6"],
        "gelu": ["3", "3"],
    }


def test_a_t5_is_counted_by_its_stacks(tiny_t5: Path):
    """Two blocks read, three write, with two attentions each; its bias is part of the mask, and no op of its own."""
    assert counted(card.table(tiny_t5)) == {
        "": ["decoder.onnx", "encoder.onnx", "tapped.onnx"],
        "attention": ["6", "2", "0"],
        "attention_with_pattern": ["0", "0", "8"],
        "rms_norm": ["10", "5", "15"],
    }


@pytest.mark.parametrize("fusion", card.FUSIONS, ids=lambda fusion: fusion.operation)
def test_the_installed_runtime_has_the_kernels_that_the_table_claims(fusion: card.Fusion):
    registered = onnxruntime.get_registered_ep_kernel_defs("CPUExecutionProvider")
    version = {"ai.onnx": 23, "com.microsoft": 1}[fusion.domain]
    parameter = {"Attention": "T1", "MatMulNBits": "T1", "GatherBlockQuantized": "T2"}.get(fusion.op, "T")
    types = {
        kind.removeprefix("tensor(").rstrip(")")
        for kernel in registered
        if kernel.op_name == fusion.op
        and (kernel.domain or "ai.onnx") == fusion.domain
        and kernel.version_range[0] <= version <= kernel.version_range[1]
        for kind in kernel.type_constraints[parameter]
    }
    names = {"float": "float32", "double": "float64"}
    assert {names.get(name, name) for name in types} - {"float64"} == set(fusion.cpu.split())


def test_a_folder_without_graphs_says_how_to_build_them(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="holds no graphs; python -m export build"):
        card.table(tmp_path)
