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
    assert ours == {fusion.operation for fusion in card.FUSIONS} - {"layer_norm"}
    assert all(hasattr(torch.ops.cutaway, name) for name in ours)


def test_the_table_counts_each_graph(tiny: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["card", str(tiny)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("| operation | ONNX op | domain, opset | fused.onnx | tapped.onnx | kernels on CPU |")
    counted = {cells[1]: cells[4:6] for cells in ([cell.strip() for cell in line.split("|")] for line in lines[2:])}
    assert counted == {
        "attention": ["2", "0"],
        "attention_with_pattern": ["0", "2"],
        "rotary": ["4", "4"],
        "rms_norm": ["5", "5"],
        "moe": ["1", "1"],
    }


@pytest.mark.parametrize("fusion", card.FUSIONS, ids=lambda fusion: fusion.operation)
def test_the_installed_runtime_has_the_kernels_that_the_table_claims(fusion: card.Fusion):
    registered = onnxruntime.get_registered_ep_kernel_defs("CPUExecutionProvider")
    version = {"ai.onnx": 23, "com.microsoft": 1}[fusion.domain]
    types = {
        kernel.type_constraints["T1" if fusion.op == "Attention" else "T"][0].removeprefix("tensor(").rstrip(")")
        for kernel in registered
        if kernel.op_name == fusion.op
        and (kernel.domain or "ai.onnx") == fusion.domain
        and kernel.version_range[0] <= version <= kernel.version_range[1]
    }
    names = {"float": "float32", "double": "float64"}
    assert {names.get(name, name) for name in types} - {"float64"} == set(fusion.cpu.split())


def test_a_folder_without_graphs_says_how_to_build_them(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="holds no graphs; python -m export build"):
        card.table(tmp_path)
