"""The formulas that the page draws, held to the modules that the models run."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from model import stories
from model.config import RopeScaling
from model.study import position_math
from model.transformer import positions, rope


@pytest.mark.parametrize("d_model", [2, 128, 192])
def test_sinusoids_are_those_of_the_module(d_model: int):
    there = positions.Sinusoidal(d_model).embed(torch.arange(300, dtype=torch.float64)[None])[0]
    np.testing.assert_allclose(position_math.sinusoids(300, d_model), there.numpy(), atol=1e-4)  # exponents in float32
    np.testing.assert_allclose(position_math.sinusoids(40, d_model), there[:40].numpy(), atol=1e-5)


@pytest.mark.parametrize(
    "scaling",
    [
        None,
        RopeScaling("linear", 4.0),
        RopeScaling("yarn", 4.0, 256),
        RopeScaling("yarn", 16.0, 4096, whole_pairs=False),
        RopeScaling("yarn", 2.0, 8),
        RopeScaling("llama3", 8.0, 8192, fast=4.0),
    ],
)
@pytest.mark.parametrize(("d_rotary", "theta"), [(32, 10_000.0), (128, 500_000.0), (2, 10.0)])
def test_rope_frequencies_are_those_of_the_module(d_rotary: int, theta: float, scaling: RopeScaling | None):
    there = rope.frequencies(d_rotary, theta, scaling).numpy()
    np.testing.assert_allclose(position_math.rope_frequencies(d_rotary, theta, scaling), there, rtol=1e-12)
    if scaling is not None:
        assert position_math.attention_factor(scaling) == rope.attention_factor(scaling)


def test_a_pair_keeps_all_or_nothing_outside_yarns_ramp():
    scaling = RopeScaling("yarn", 4.0, 256)
    share = position_math.yarn_kept(32, 10_000.0, scaling)
    turns = 256 * position_math.rope_frequencies(32, 10_000.0) / (2 * np.pi)
    assert set(share[turns > scaling.fast]) == {1.0}
    assert share[turns < scaling.slow][1:].max() == 0.0  # the ramp's end is rounded outwards to a whole pair
    assert np.all(np.diff(share) <= 0)


@pytest.mark.parametrize("n_heads", [1, 4, 5, 6, 8, 12])
def test_alibi_slopes_are_those_of_the_module(n_heads: int):
    assert position_math.alibi_slopes(n_heads) == positions.alibi_slopes(n_heads)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("n_buckets", "max_distance"), [(32, 128), (16, 40), (4, 3)])
def test_t5_buckets_are_those_of_the_module(n_buckets: int, max_distance: int, bidirectional: bool):
    relative = np.arange(-1100, 1101)
    there = positions.t5_bucket(torch.from_numpy(relative), n_buckets, max_distance, bidirectional).numpy()
    here = position_math.t5_bucket(relative, n_buckets, max_distance, bidirectional)
    np.testing.assert_array_equal(here, there)
    assert here.max() == n_buckets - 1


def test_the_stories_are_whole_and_in_the_order_in_which_they_are_held_out():
    told = stories.held_out()
    digests = [hashlib.sha256(story.encode()).hexdigest() for story in told]
    assert len(told) == 40
    assert digests == sorted(digests)
    assert max(digests) < "01", "stories of a larger digest are trained on"
