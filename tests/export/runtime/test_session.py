"""Running a graph: against PyTorch, with a cache, under interventions, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch

from export import families, runtime
from export.runtime.session import Session
from model import taps
from model.transformer.capture import capture, intervene
from model.transformer.moe import MoE
from tests.export.conftest import TINY

RNG = np.random.default_rng(1)
IDS = RNG.integers(0, TINY.d_vocab, (3, 40))
"""Longer than n_ctx: rotary positions go on."""


def close(value: np.ndarray, reference: torch.Tensor) -> None:
    np.testing.assert_allclose(value, reference.numpy(), rtol=1e-4, atol=1e-4)


def test_a_graph_gives_what_pytorch_gives(tapped: Session, module: torch.nn.Module):
    with torch.no_grad(), capture(module, taps.table(TINY)) as taken:
        output = module(torch.from_numpy(IDS))
    run = tapped.run(IDS, taps=taps.table(TINY), cache=True)
    close(run.logits, output.logits)
    assert run.taps.keys() == taken.keys()
    for name, value in run.taps.items():
        close(value, taken[name])
    assert run.cache is not None
    for pair, reference in zip(run.cache, output.cache, strict=True):
        close(pair[0], reference[0])
        close(pair[1], reference[1])


def test_a_row_of_ids_is_a_batch_of_one(fused: Session):
    ids = [int(id) for id in IDS[0]]
    np.testing.assert_array_equal(fused.run(ids).logits, fused.run(IDS[:1]).logits)


def test_only_what_is_asked_for_is_fetched(tapped: Session):
    name = taps.PATTERN.name(1)
    run = tapped.run(IDS, taps=[name])
    assert list(run.taps) == [name]
    assert run.cache is None
    assert not tapped.run(IDS).taps


def test_decoding_with_a_cache_matches_one_pass(fused: Session):
    whole = fused.run(IDS).logits
    run = fused.run(IDS[:, :5], cache=True)
    logits = [run.logits]
    for length in (1, 1, 33):
        start = sum(part.shape[1] for part in logits)
        run = fused.run(IDS[:, start : start + length], past=run.cache, cache=True)
        logits.append(run.logits)
    np.testing.assert_allclose(np.concatenate(logits, axis=1), whole, rtol=1e-4, atol=1e-4)


def test_neutral_interventions_change_nothing(tapped: Session):
    layers, heads = TINY.n_layers, TINY.n_heads
    run = tapped.run(
        IDS,
        attention_mask=np.ones((3, 40, 40), bool),
        head_gate=np.ones((layers, heads)),
        expert_bias=np.zeros((layers, 4)),
        past=tuple((np.zeros((3, 2, 0, 8)), np.zeros((3, 2, 0, 8))) for _ in range(layers)),
    )
    np.testing.assert_array_equal(run.logits, tapped.run(IDS).logits)


def test_a_closed_gate_is_a_head_whose_output_is_zero(tapped: Session, module: torch.nn.Module):
    gate = np.ones((TINY.n_layers, TINY.n_heads))
    gate[1, 2] = 0.0

    def silence(z: torch.Tensor) -> torch.Tensor:
        z = z.clone()
        z[:, :, 2] = 0.0
        return z

    with torch.no_grad(), intervene(module, {taps.Z.name(1): silence}):
        reference = module(torch.from_numpy(IDS)).logits
    run = tapped.run(IDS, head_gate=gate, taps=[taps.Z.name(1)])
    close(run.logits, reference)
    assert not run.taps[taps.Z.name(1)][:, :, 2].any()
    assert np.abs(run.logits - tapped.run(IDS).logits).max() > 1e-2


def test_a_mean_stands_in_for_a_head_and_for_a_feed_forward_part(tapped: Session, module: torch.nn.Module):
    rng = np.random.default_rng(0)
    gate, mean = np.ones((TINY.n_layers, TINY.n_heads)), np.zeros((TINY.n_layers, TINY.n_heads, 8), np.float32)
    gate[0, 1], mean[0, 1] = 0, rng.normal(size=8)
    mlp_gate, mlp_mean = np.ones(TINY.n_layers), np.zeros((TINY.n_layers, TINY.d_model), np.float32)
    mlp_gate[1], mlp_mean[1] = 0, rng.normal(size=TINY.d_model)

    def one_head(z: torch.Tensor) -> torch.Tensor:
        z[:, :, 1] = torch.from_numpy(mean[0, 1])
        return z

    def whole(out: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(mlp_mean[1]).to(out.dtype).expand_as(out)

    with torch.no_grad(), intervene(module, {taps.Z.name(0): one_head, taps.MLP_OUT.name(1): whole}):
        reference = module(torch.from_numpy(IDS)).logits
    run = tapped.run(
        IDS, head_gate=gate, head_bias=mean, mlp_gate=mlp_gate, mlp_bias=mlp_mean, taps=[taps.MLP_OUT.name(1)]
    )
    close(run.logits, reference)
    assert (run.taps[taps.MLP_OUT.name(1)] == mlp_mean[1]).all()
    assert np.abs(run.logits - tapped.run(IDS).logits).max() > 1e-2


def test_the_gate_of_a_neuron_multiplies_its_column_of_the_way_out(tiny: Path, tapped: Session):
    """Which the tracer of the graph never saw: the reference changes the weights, the graph its input."""
    changed = families.load(tiny, torch.float64)
    gate = np.ones((TINY.n_layers, TINY.d_mlp), np.float32)
    gate[0, [2, 11, 39]] = 0, 2, 4
    with torch.no_grad():
        changed.get_parameter("blocks.0.mlp.down.weight").mul_(torch.from_numpy(gate[0]).double())
        reference = changed(torch.from_numpy(IDS)).logits
    run = tapped.run(IDS, neuron_gate=gate)
    close(run.logits, reference)
    assert np.abs(run.logits - tapped.run(IDS).logits).max() > 1e-2


def test_an_expert_with_a_bias_of_minus_infinity_is_never_chosen(tapped: Session, module: torch.nn.Module):
    """As if it were not there: the other experts alone, with their share of the router."""
    bias = np.zeros((TINY.n_layers, 4), np.float32)
    bias[1, 0] = -np.inf
    without = torch.from_numpy(bias).double()
    moe = module.get_submodule("blocks.1.mlp")
    assert isinstance(moe, MoE)
    with torch.no_grad(), capture(module, [taps.LN2.name(1), taps.MLP_OUT.name(1)]) as taken:
        reference = module(torch.from_numpy(IDS), expert_bias=without).logits
        remaining = moe.router(taken[taps.LN2.name(1)])[..., 1:]
        weights, chosen = remaining.softmax(-1).topk(2)
        weights = weights / weights.sum(-1, keepdim=True)
        mixed = torch.zeros_like(taken[taps.MLP_OUT.name(1)])
        for expert in range(3):
            gate, up = (taken[taps.LN2.name(1)] @ moe.w_in[expert + 1].mT).unflatten(-1, (-1, 2)).unbind(-1)
            share = (weights * (chosen == expert)).sum(-1, keepdim=True)
            mixed += share * ((torch.nn.functional.silu(gate) * up) @ moe.w_out[expert + 1].mT)
    run = tapped.run(IDS, expert_bias=bias, taps=[taps.ROUTER.name(1), taps.MLP_OUT.name(1)])
    close(run.taps[taps.MLP_OUT.name(1)], mixed)
    close(run.logits, reference)
    assert np.isneginf(run.taps[taps.ROUTER.name(1)][..., 0]).all()
    assert np.abs(run.logits - tapped.run(IDS).logits).max() > 1e-2


@pytest.mark.parametrize("graph", ["tapped", "fused"])
def test_a_token_that_may_attend_to_nothing_gets_nothing(graph: str, request: pytest.FixtureRequest):
    session: Session = request.getfixturevalue(graph)
    mask = np.ones((40, 40), bool)
    mask[7] = False
    names = [taps.PATTERN.name(0), taps.Z.name(0)] if graph == "tapped" else []
    run = session.run(IDS, attention_mask=mask, taps=names)
    assert np.isfinite(run.logits).all()
    for name in names:
        row = run.taps[name][:, :, 7] if "pattern" in name else run.taps[name][:, 7]
        assert not row.any()


def test_padding_on_the_left_leaves_the_rest_as_it_was(fused: Session):
    """Batched generation: rotary positions are relative, so a row may begin anywhere."""
    padded = np.concatenate([np.zeros((3, 4), int), IDS], axis=1)
    mask = np.ones((3, 44, 44), bool)
    mask[:, :, :4] = False
    logits = fused.run(padded, attention_mask=mask).logits[:, 4:]
    np.testing.assert_allclose(logits, fused.run(IDS).logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": []}, "ids are float64 of shape (0,)"),
        ({"ids": [[[1]]]}, "of shape (1, 1, 1)"),
        ({"ids": [1.5]}, "ids are float64"),
        ({"ids": [61]}, "ids lie in 61..61; the vocabulary's are 0..60"),
        ({"ids": [3, -1]}, "ids lie in -1..3"),
        ({"ids": [1, 2], "taps": ["blocks.9.hook_z"]}, "no taps ['blocks.9.hook_z']"),
        ({"ids": [1, 2], "head_gate": np.ones((4, 2))}, "head_gate has shape (4, 2); (2, 4) should be (2, 4)"),
        ({"ids": [1, 2], "expert_bias": np.ones(3)}, "expert_bias has shape (3,)"),
        (
            {"ids": [1, 2], "attention_mask": np.ones((1, 3, 3), bool)},
            "attention_mask has shape (1, 3, 3); (batch, query, key) should be (1, 2, 2)",
        ),
        (
            {"ids": [1, 2], "past": ((np.zeros((1, 2, 3, 8)),) * 2,)},
            "past holds 2 tensors; the tapped graph of tiny takes 4",
        ),
        (
            {"ids": [1, 2], "past": ((np.zeros((1, 2, 3, 8)), np.zeros((1, 2, 1, 8))),) * 2},
            "past_key_values.0.value has shape (1, 2, 1, 8); (batch, 2, past, 8) should be (1, 2, 3, 8)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_numbers(tapped: Session, arguments: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        tapped.run(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"head_gate": np.ones((2, 4))}, "the fused graph of tiny takes no head_gate"),
        ({"taps": ["hook_embed"]}, "the fused graph of tiny has no taps ['hook_embed']"),
    ],
)
def test_the_fused_graph_refuses_what_only_the_tapped_one_has(fused: Session, arguments: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        fused.run([1, 2], **arguments)


def test_a_folder_without_graphs_says_how_to_build_them(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"tapped\.onnx is missing; python -m export build"):
        Session(tmp_path)


def test_a_graph_without_its_weights_says_so(copied: Path):
    (copied / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"tapped\.onnx holds no weights of its own"):
        Session(copied)


def test_a_graph_beside_other_weights_is_refused(copied: Path):
    path = copied / "model.safetensors"
    path.write_bytes(path.read_bytes().replace(b"blocks.0.ln1", b"blocks.0.ln9"))
    with pytest.raises(ValueError, match="points into another model.safetensors"):
        Session(copied)


def test_cuda_is_asked_for_only_where_a_device_is_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime, "n_cuda_devices", lambda: 0)
    assert runtime.default_providers("fused") == ["CPUExecutionProvider"]
    monkeypatch.setattr(runtime, "n_cuda_devices", lambda: 1)
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    assert runtime.default_providers("fused")[0] == "CUDAExecutionProvider"
    assert runtime.default_providers("tapped") == ["CPUExecutionProvider"]


def test_a_session_needs_neither_torch_nor_onnx_and_says_nothing(tiny: Path):
    script = """
import sys
from pathlib import Path
from typing import Any
from export.runtime.session import Session
session = Session(Path(sys.argv[1]))
assert session.inner.get_providers()[-1] == "CPUExecutionProvider"
session.run([1, 2, 3])
heavy = {"torch", "onnx", "onnx_ir", "onnxscript", "transformers"} & sys.modules.keys()
assert not heavy, heavy
import os
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
"""
    run = subprocess.run([sys.executable, "-c", script, str(tiny)], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
