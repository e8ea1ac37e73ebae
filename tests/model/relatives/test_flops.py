"""Operations of published models, against PyTorch's own counter and what their papers state."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from model.relatives import flops, table
from model.relatives.shape import Shape
from tests.model.relatives.hub import built

N = 17
OWN_MASK = ("bloom",)
"""Models that take no mask with a row for each query, and make theirs from lengths alone."""


def of(id: str) -> Shape:
    shape = table.load().by_id[id].shape
    assert shape is not None
    return shape


def counted(id: str) -> int:
    """What PyTorch counts of a pass over N tokens on no device; a decoder that reads an encoder writes one."""
    shape = of(id)
    model = built(id, shape)
    ids = torch.ones((1, N), dtype=torch.long, device="meta")
    more = {"decoder_input_ids": ids[:, :1]} if shape.n_decoder_layers else {}
    if shape.stacks == "decoder" and id not in OWN_MASK:  # else `transformers` would look at numbers to make one
        more["attention_mask"] = torch.zeros((1, 1, N, N), device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(input_ids=ids, use_cache=False, **more) if shape.stacks != "encoder" else model(input_ids=ids)
    return counter.get_total_flops()


@pytest.mark.parametrize("id", ["bert-large", "roberta-large", "distilbert", "t5-base", "ul2", "bart-large"])
def test_operations_are_those_that_pytorch_counts(id: str):
    assert flops.total(of(id), N) == counted(id)


@pytest.mark.parametrize("id", ["gpt-2-xl", "llama-3-8b", "qwen3-8b", "gemma-7b", "phi-2", "bloom"])
def test_a_causal_model_does_as_much_but_for_the_pairs_that_are_masked(id: str):
    """PyTorch computes the masked pairs too; beside that it turns positions into angles, a product of its own."""
    shape = of(id)
    masked = 4 * shape.n_heads * shape.d_head * shape.n_layers * (N * N - flops.pairs(N))
    assert flops.total(shape, N) + masked == pytest.approx(counted(id), rel=2e-7)


def test_rwkvs_operations_are_its_papers():
    """Peng et al. 2023, table of FLOPs a token: 2.778e10 for the 14B."""
    assert flops.total(of("rwkv-4-14b"), 1) == pytest.approx(2.778e10, rel=1e-3)


@pytest.mark.parametrize(
    ("id", "n_ctx", "tokens", "stated"),
    [("gpt-3", 2_048, 300e9, 3.14e23), ("llama-3-405b", 8_192, 15.6e12, 3.8e25)],
)
def test_training_took_three_times_as_much_for_each_token(id: str, n_ctx: int, tokens: float, stated: float):
    """Brown et al. 2020, table D.1; Llama Team 2024, section 3.2: a pass back costs twice the pass forth."""
    assert 3 * flops.total(of(id), n_ctx) / n_ctx * tokens == pytest.approx(stated, rel=0.06)


@pytest.mark.parametrize("window", [None, 1, 5, 8, 9, 100])
@pytest.mark.parametrize("n", [1, 8, 23])
def test_pairs_are_those_of_a_mask(n: int, window: int | None):
    at = torch.arange(n)
    back = at[:, None] - at
    seen = (back >= 0) & (back < (window or n))
    assert flops.pairs(n, window) == int(seen.sum())


def test_a_window_saves_pairs_and_a_state_costs_the_same_for_every_token():
    gemma, mamba = of("gemma-3-27b"), of("mamba-2.8b")
    assert flops.flops(gemma, 4_000)["pairs"] < 4 * 32 * 128 * 62 * flops.pairs(4_000)
    assert flops.flops(gemma, 1_024)["pairs"] == 4 * 32 * 128 * 62 * flops.pairs(1_024)
    assert flops.total(mamba, 100) == 100 * flops.total(mamba, 1)


def test_a_latent_models_pairs_have_two_widths():
    assert flops.flops(of("deepseek-v3"), 10)["pairs"] == 2 * 128 * (192 + 128) * 61 * 55
