"""RoPE's frequencies under position interpolation, YaRN and Llama 3's scaling."""

from __future__ import annotations

import math

import pytest
import torch

from model.config import RopeScaling
from model.transformer import rope

D, THETA, TRAINED = 64, 10_000.0, 512


def test_without_scaling_they_fall_geometrically_from_one() -> None:
    frequencies = rope.frequencies(D, THETA)
    assert frequencies[0] == 1
    ratios = frequencies[1:] / frequencies[:-1]
    torch.testing.assert_close(ratios, torch.full_like(ratios, THETA ** (-2 / D)))


def test_linear_interpolation_puts_a_longer_text_into_the_trained_angles() -> None:
    scaled = rope.frequencies(D, THETA, RopeScaling("linear", 4.0))
    torch.testing.assert_close(scaled * 4 * TRAINED, rope.frequencies(D, THETA) * TRAINED)


@pytest.mark.parametrize("kind", ["yarn", "llama3"])
def test_fast_pairs_keep_their_frequency_slow_ones_are_divided_and_none_leaves_that_range(kind: str) -> None:
    scaling = RopeScaling(kind, 8.0, TRAINED, fast=32.0 if kind == "yarn" else 4.0)  # type: ignore[arg-type]
    trained, scaled = rope.frequencies(D, THETA), rope.frequencies(D, THETA, scaling)
    turns = trained * TRAINED / (2 * math.pi)
    assert (turns > 40).any()
    assert (turns < 0.5).any()
    torch.testing.assert_close(scaled[turns > 40], trained[turns > 40])
    torch.testing.assert_close(scaled[turns < 0.5], trained[turns < 0.5] / 8)
    share = scaled / trained
    assert (share.diff() <= 1e-12).all()
    assert share.unique().numel() > 3  # a ramp, not a step


def test_yarn_sharpens_attention_by_the_logarithm_of_the_factor() -> None:
    assert rope.attention_factor(RopeScaling("yarn", math.e, TRAINED)) == pytest.approx(1.1)
    assert rope.attention_factor(RopeScaling("yarn", 8.0, TRAINED, attention_factor=1.0)) == 1.0
    assert rope.attention_factor(RopeScaling("linear", 8.0)) == 1.0
    assert rope.attention_factor(None) == 1.0


def test_impossible_scalings_are_refused() -> None:
    with pytest.raises(ValueError, match="needs n_ctx"):
        RopeScaling("yarn", 4.0)
    with pytest.raises(ValueError, match="fast = 1.0 must be greater"):
        RopeScaling("yarn", 4.0, TRAINED, fast=1.0)
    with pytest.raises(ValueError, match="factor is -2"):
        RopeScaling("linear", -2.0)
