"""The GPU's benchmark where there is no GPU: its steps on the CPU, what it refuses, and its arithmetic. No times."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from export import families, runtime
from model.relatives.flops import pairs
from model.transformer.capture import capture
from tests.bench.gpu import ceilings, machine, models, parity, placement, readme, results, speed
from tests.bench.gpu.__main__ import main
from tests.bench.gpu.ceilings import Ceilings, Work
from tests.bench.gpu.runners import NoRoomError, OursTapped
from tests.bench.marked import README
from tests.export.conftest import TINY, write_checkpoint

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a trial on the CPU, which ran through."""
    folder = tmp_path_factory.mktemp("gpu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "WORK", folder)
        patch.setattr(results, "WORK", folder)
        before = README.read_bytes()
        assert main(["--device", "cpu", "--quick", "--models", "tiny"]) == 0
        assert README.read_bytes() == before, "only a card's results are told"
    return folder


@pytest.fixture(scope="module")
def told(work: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((work / "trial.json").read_text(encoding="utf-8"))
    return found


def test_every_section_has_its_rows(told: dict[str, Any]):
    assert {section: len(held["rows"]) for section, held in told.items()} == {
        "ceilings": 1,
        "placement": len(placement.GRAPHS),
        "parity": len(placement.GRAPHS) * len(parity.QUICK),
        "speed": 2,
    }
    assert told["speed"]["measured"]["card"] == "cpu"
    assert {"onnxruntime", "torch", "transformers"} <= told["speed"]["measured"]["versions"].keys()


def test_where_the_cpu_is_wanted_all_nodes_are_where_they_should_be(told: dict[str, Any]):
    for row in told["placement"]["rows"]:
        assert row["nodes"].keys() == {CPU}
        assert row["fused"] == {"Attention": 1, "MoE": 1}
        assert (row["copies"], row["lengths"]) == (0, [])


def test_ours_are_raced_beside_pytorch_and_none_failed(told: dict[str, Any]):
    for row in told["speed"]["rows"]:
        ways = row["contestants"]
        assert {name: one["cannot"] for name, one in ways.items() if "cannot" in one} == {}
        assert ways.keys() == {"ours", "ours-copied", "eager", "sdpa", "ours-tapped", "eager-pattern"}
        assert all(len(one["ratio"]) == 3 and one["share"] > 0 for one in ways.values())


def test_a_model_that_is_there_is_not_made_again(work: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "WORK", work)
    monkeypatch.setitem(models.MODELS, "tiny", models.Model("tiny", lambda folder: pytest.fail("made again")))
    assert models.prepare("tiny") == work / "models" / "tiny"


def test_outputs_that_are_further_than_the_tolerance_are_named(
    work: Path, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    row = told["parity"]["rows"][0] | {"norm": 0.5}
    assert parity.beyond(row) == "tiny, fused in fp16, batch 1, 1 tokens: 0.5 from PyTorch, 0.02 allowed"
    assert parity.beyond(row | {"norm": float("nan")})
    assert parity.beyond(row | {"precision": "float32", "largest": 1e-5}) is None
    monkeypatch.setattr(models, "WORK", work)
    monkeypatch.setattr(results, "WORK", work / "again")
    monkeypatch.setattr(parity, "TOLERANCE", {"float32": 0.0, "fp16": 0.0})
    assert main(["--device", "cpu", "--quick", "--models", "tiny"]) == 1
    assert "tiny, tapped in float32, batch 1, 33 tokens:" in capsys.readouterr().err
    assert (work / "again" / "trial.json").is_file()


def test_a_difference_is_told_as_the_largest_and_as_a_norm():
    theirs = np.array([3.0, 4.0])
    assert parity.compared({"logits": np.array([3.0, 4.5])}, {"logits": theirs}) == {
        "largest": 0.125,
        "norm": 0.1,
        "outputs": 1,
    }
    broken = parity.compared({"logits": np.array([3.0, np.nan])}, {"logits": theirs})
    assert broken["largest"] == broken["norm"] == np.inf


def event(name: str, op: str, provider: str, kind: str = "float16", shape: tuple[int, ...] = (1, 33, 32)) -> Any:
    """As ONNX Runtime's profile has it."""
    tensors = [{kind: list(shape)}]
    args = {"op_name": op, "provider": provider, "input_type_shape": tensors, "output_type_shape": tensors}
    return {"cat": "Node", "name": f"{name}_kernel_time", "args": args}


def test_nodes_that_fell_to_the_cpu_are_named():
    events = [
        event("blocks.0.attn/Attention", "Attention", CUDA),
        event("blocks.0.mlp/MoE", "MoE", CPU),
        event("MoE_copy", "MemcpyToHost", CUDA),
        event("Concat", "Concat", CPU, "int64", (3,)),
        {"cat": "Session", "name": "model_run", "args": {}},
    ]
    found = placement.read(events, CUDA)
    assert found.copies == 1
    assert found.lengths == [f"Concat (Concat, {CPU})"]
    with pytest.raises(placement.ElsewhereError, match=rf"1 nodes are not on {CUDA}: blocks.0.mlp/MoE \(MoE, {CPU}\)"):
        placement.refuse("fused.fp16.onnx of gpt", found, {"Attention": 1, "MoE": 1}, CUDA)


def test_whole_numbers_by_the_thousand_count_no_lengths():
    assert placement.read([event("Where", "Where", CPU, "int64", (1, 4096))], CUDA).elsewhere
    assert placement.read([event("Cast", "Cast", CPU, "float", (1,))], CUDA).elsewhere


def test_an_attention_that_was_taken_apart_is_missed():
    found = placement.Placement(Counter({(CUDA, "MatMul"): 9, (CUDA, "Attention"): 5}))
    with pytest.raises(placement.ElsewhereError, match="5 Attention nodes ran on CUDA.*; there should be 6"):
        placement.refuse("fused.fp16.onnx of gpt", found, {"Attention": 6}, CUDA)


def test_without_a_card_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(runtime, "n_cuda_devices", lambda: 0)
    assert main(["--models", "tiny"]) == 1
    assert "no driver reports a GPU; --device cpu --quick" in capsys.readouterr().err


def test_the_bound_is_the_slower_of_both_ceilings():
    measured = Ceilings(bandwidth=100.0, peak=1000.0)
    assert measured.bound(Work(operations=500.0, bytes=10.0)) == 0.5
    assert measured.bound(Work(operations=500.0, bytes=80.0)) == 0.8
    assert speed.share(0.5, [1.0, 2.0, 5.0]) == 0.25


def test_operations_are_those_that_pytorch_counts(tmp_path: Path):
    """Beside the pairs of tokens, of which PyTorch's product over all counts those that the mask forbids as well."""
    folder, n = write_checkpoint(tmp_path, TINY), 23
    module = families.load(folder)
    patterns = [f"blocks.{layer}.attn.hook_pattern" for layer in range(TINY.n_layers)]
    with FlopCounterMode(display=False) as counter, torch.no_grad(), capture(module, patterns):
        module(torch.arange(n)[None])
    forbidden = 4 * TINY.n_heads * TINY.head_width * TINY.n_layers * (n * n - pairs(n))
    told = ceilings.work(folder, n)
    assert told.operations + forbidden == counter.get_total_flops()
    assert told.bytes == 2 * sum(parameter.numel() for parameter in module.parameters())


def test_probabilities_that_do_not_fit_are_not_tried(work: Path):
    way = OursTapped(work / "models" / "tiny", machine.DEVICES["cpu"])
    way.check(48)
    with pytest.raises(NoRoomError, match="probabilities of 100,000 tokens take 80 GB") as raised:
        way.check(100_000)
    assert speed.reason(raised.value) == "probabilities of 100,000 tokens take 80 GB"


def test_the_readme_has_a_place_for_cards_and_says_that_there_is_none(tmp_path: Path):
    page = tmp_path / "README.md"
    page.write_bytes(README.read_bytes())
    readme.write(results.told(), page)
    assert page.read_bytes() == README.read_bytes(), "python -m tests.bench.gpu --tell writes it"
    readme.write([], page)
    assert readme.NOT_YET in page.read_text(encoding="utf-8")


def test_what_a_card_gave_is_told_with_its_name(told: dict[str, Any]):
    words = "\n".join(readme.of_card(told))
    assert words.startswith("**cpu**, driver –")
    assert "| a tiny Mixtral, random | tapped.fp16.onnx | 1 Attention, 1 MoE | 0 | 0 |" in words
    assert results.slug("NVIDIA H200 NVL") == "nvidia-h200-nvl"
