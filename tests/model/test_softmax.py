"""The softmax against PyTorch's, over many rows, in either precision, where naive exponentials overflow."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from model.softmax import log_softmax, log_sum_exp, softmax

SCORES = np.random.default_rng(0).normal(0, 400, (3, 7, 50))
"""Beyond 709 an exponential is infinite."""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_three_are_torchs_in_the_precision_of_the_scores(dtype: type[np.floating]):
    scores = SCORES.astype(dtype)
    there = torch.from_numpy(scores)
    pairs = (
        (softmax(scores), there.softmax(-1)),
        (log_softmax(scores), there.log_softmax(-1)),
        (log_sum_exp(scores), there.logsumexp(-1)),
    )
    for ours, theirs in pairs:
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-5 if dtype is np.float32 else 1e-12, atol=1e-12)


def test_a_wider_sum_gives_wider_shares():
    scores = np.zeros(300_000, np.float32)
    shares = softmax(scores, dtype=np.float64)
    assert shares.dtype == np.float64
    np.testing.assert_allclose(shares, 1 / 300_000, rtol=1e-15)


def test_what_is_forbidden_gets_nothing():
    row = np.array([1.0, -np.inf, 1.0])
    np.testing.assert_array_equal(softmax(row), [0.5, 0.0, 0.5])
    assert log_softmax(row)[1] == -np.inf
