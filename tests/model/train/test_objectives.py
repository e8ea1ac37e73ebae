"""Losses, beside the formula written out."""

from __future__ import annotations

import pytest
import torch

from model.study.objective import IGNORED
from model.train.objectives import cross_entropy

TARGETS = torch.tensor([[3, 0, IGNORED], [1, IGNORED, IGNORED]])
LOGITS = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_loss_is_the_cross_entropy_with_the_smoothed_target(smoothing: float):
    losses = []
    for row, column, target in ((0, 0, 3), (0, 1, 0), (1, 0, 1)):
        p = LOGITS[row, column].exp() / LOGITS[row, column].exp().sum()
        wanted = torch.full((5,), smoothing / 5, dtype=torch.float64)
        wanted[target] += 1 - smoothing
        losses.append(-(wanted * p.log()).sum().item())
    assert cross_entropy(LOGITS, TARGETS, smoothing).item() == pytest.approx(sum(losses) / 3, rel=1e-6)
    assert cross_entropy(LOGITS, TARGETS, smoothing, reduction="sum").item() == pytest.approx(sum(losses), rel=1e-6)


def test_logits_at_padding_have_no_gradient():
    logits = LOGITS.clone().requires_grad_()
    cross_entropy(logits, TARGETS, 0.1).backward()
    assert logits.grad is not None
    assert torch.equal(logits.grad.abs().sum(-1) > 0, torch.ne(TARGETS, IGNORED))
