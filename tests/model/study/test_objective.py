"""Losses, gradients and short numbers, held against PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from model.study.objective import Flushed, as_bfloat16, as_float16, gradient, losses

D_VOCAB = 700
SHARES = (0.0, 0.1, 0.5)


def example(seed: int, n: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Logits with a spread like a model's, and targets."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 6, (n, D_VOCAB)).astype(np.float32), rng.integers(0, D_VOCAB, n)


@pytest.mark.parametrize("share", SHARES)
def test_losses_are_those_of_pytorch_in_float64(share: float):
    logits, targets = example(0)
    found = losses(logits, targets)
    expected = F.cross_entropy(
        torch.tensor(logits).double(), torch.tensor(targets), reduction="none", label_smoothing=share
    )
    np.testing.assert_allclose(found.smoothed(share), expected.numpy(), rtol=1e-12)
    np.testing.assert_array_equal(found.guess, logits.argmax(axis=1))


@pytest.mark.parametrize("share", SHARES)
def test_the_gradient_is_that_of_autograd_in_float64(share: float):
    logits, targets = example(1)
    leaf = torch.tensor(logits).double().requires_grad_()
    F.cross_entropy(leaf, torch.tensor(targets), label_smoothing=share).backward()
    assert leaf.grad is not None
    for row, target in enumerate(targets.tolist()):
        found = gradient(logits[row], target, share, len(targets))
        np.testing.assert_allclose(found, leaf.grad[row].numpy(), rtol=1e-9, atol=1e-18)
        assert found.sum() == pytest.approx(0, abs=1e-12)


@given(
    st.lists(st.floats(-70_000, 70_000), min_size=1, max_size=40),
    st.lists(st.integers(-45, 0), min_size=1, max_size=40),
)
def test_short_numbers_are_those_of_pytorch(plain: list[float], powers: list[int]):
    values = np.array([*plain, *(1.37 * 10.0**power for power in powers)]).astype(np.float32).astype(np.float64)
    float32 = torch.tensor(values).float()
    np.testing.assert_array_equal(as_float16(values), float32.half().double().numpy())
    np.testing.assert_array_equal(as_bfloat16(values), float32.bfloat16().double().numpy())


def test_half_of_the_smallest_number_of_float16_is_the_last_that_becomes_zero():
    smallest = 2.0**-24
    assert as_float16(np.array([smallest / 2, np.nextafter(smallest / 2, 1), -smallest])).tolist() == [
        0,
        smallest,
        -smallest,
    ]


def test_what_is_flushed_is_counted_and_weighed_and_zeros_are_left_aside():
    values = np.array([0.0, 0.5, -0.25, 1e-9, -3e-9])
    found = Flushed.of(values, as_float16(values))
    assert found.entries == 0.5
    assert found.size == pytest.approx(4e-9 / (0.75 + 4e-9))
    assert Flushed.of(values, as_bfloat16(values)) == Flushed(0, 0)
    assert Flushed.of(np.zeros(3), np.zeros(3)) == Flushed(0, 0)
