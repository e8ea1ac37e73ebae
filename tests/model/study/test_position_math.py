"""The formulas that the models run and the page draws, held to the reference implementations."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
import torch
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.t5.modeling_t5 import T5Attention

from model import stories
from model.config import RopeScaling
from model.study import position_math
from model.transformer import positions

THETA = 10_000.0


@pytest.mark.parametrize("d_model", [2, 128, 192])
def test_sinusoids_are_those_of_the_module(d_model: int):
    there = positions.Sinusoidal(d_model).embed(torch.arange(300, dtype=torch.float64)[None])[0]
    np.testing.assert_allclose(position_math.sinusoids(300, d_model), there.numpy(), atol=1e-4)  # exponents in float32
    np.testing.assert_allclose(position_math.sinusoids(40, d_model), there[:40].numpy(), atol=1e-5)


@pytest.mark.parametrize(
    "scaling",
    [
        RopeScaling("linear", 4.0),
        RopeScaling("yarn", 4.0, 256),
        RopeScaling("yarn", 16.0, 4096, whole_pairs=False),
        RopeScaling("yarn", 2.0, 8, attention_factor=1.3),
        RopeScaling("llama3", 8.0, 8192, fast=4.0),
    ],
)
@pytest.mark.parametrize(("d_rotary", "theta"), [(32, 10_000.0), (128, 500_000.0), (2, 10.0)])
def test_rope_frequencies_are_those_of_transformers(d_rotary: int, theta: float, scaling: RopeScaling):
    parameters = {
        "rope_type": scaling.kind,
        "rope_theta": theta,
        "factor": scaling.factor,
        "original_max_position_embeddings": scaling.n_ctx,
    }
    if scaling.kind == "yarn":
        parameters |= {"truncate": scaling.whole_pairs, "attention_factor": scaling.attention_factor}
    if scaling.kind == "llama3":
        parameters |= {"low_freq_factor": scaling.slow, "high_freq_factor": scaling.fast}
    config = LlamaConfig(head_dim=d_rotary, rope_parameters=parameters)
    frequencies, factor = ROPE_INIT_FUNCTIONS[scaling.kind](config)
    ours = position_math.rope_frequencies(d_rotary, theta, scaling)
    np.testing.assert_allclose(ours, frequencies.numpy(), rtol=1e-5)  # theirs are in float32
    assert position_math.attention_factor(scaling) == pytest.approx(factor)


def test_rope_turns_each_pair_more_slowly_than_the_one_before_by_the_same_factor():
    frequencies = position_math.rope_frequencies(64, THETA)
    assert frequencies[0] == 1
    np.testing.assert_allclose(frequencies[1:] / frequencies[:-1], THETA ** (-2 / 64), rtol=1e-12)


def test_linear_interpolation_puts_a_longer_text_into_the_trained_angles():
    scaled = position_math.rope_frequencies(64, THETA, RopeScaling("linear", 4.0))
    np.testing.assert_allclose(scaled * 4, position_math.rope_frequencies(64, THETA), rtol=1e-12)


@pytest.mark.parametrize("scaling", [RopeScaling("yarn", 8.0, 512), RopeScaling("llama3", 8.0, 512, fast=4.0)])
def test_fast_pairs_keep_their_frequency_slow_ones_are_divided_and_none_leaves_that_range(scaling: RopeScaling):
    trained, scaled = position_math.rope_frequencies(64, THETA), position_math.rope_frequencies(64, THETA, scaling)
    turns = trained * 512 / (2 * np.pi)
    assert (turns > 40).any()
    assert (turns < 0.5).any()
    np.testing.assert_allclose(scaled[turns > 40], trained[turns > 40], rtol=1e-12)
    np.testing.assert_allclose(scaled[turns < 0.5], trained[turns < 0.5] / 8, rtol=1e-12)
    share = scaled / trained
    assert (np.diff(share) <= 1e-12).all()
    assert len(set(share.round(9).tolist())) > 3  # a ramp, not a step


def test_yarn_sharpens_attention_by_the_logarithm_of_the_factor():
    assert position_math.attention_factor(RopeScaling("yarn", math.e, 512)) == pytest.approx(1.1)
    assert position_math.attention_factor(RopeScaling("yarn", 8.0, 512, attention_factor=1.0)) == 1.0
    assert position_math.attention_factor(RopeScaling("linear", 8.0)) == 1.0
    assert position_math.attention_factor(None) == 1.0


def test_a_pair_keeps_all_or_nothing_outside_yarns_ramp():
    scaling = RopeScaling("yarn", 4.0, 256)
    share = position_math.yarn_kept(32, 10_000.0, scaling)
    turns = 256 * position_math.rope_frequencies(32, 10_000.0) / (2 * np.pi)
    assert set(share[turns > scaling.fast]) == {1.0}
    assert share[turns < scaling.slow][1:].max() == 0.0  # the ramp's end is rounded outwards to a whole pair
    assert np.all(np.diff(share) <= 0)


@pytest.mark.parametrize("n_heads", [1, 2, 6, 8, 12, 16, 20])
def test_alibi_slopes_are_those_of_bloom(n_heads: int):
    theirs = build_alibi_tensor(torch.ones(1, 2), n_heads, torch.float64)[:, 0]  # BLOOM adds slope x key position
    np.testing.assert_allclose(position_math.alibi_slopes(n_heads), theirs[:, 1] - theirs[:, 0], rtol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("n_buckets", "max_distance"), [(32, 128), (16, 40), (4, 3)])
def test_t5_buckets_are_those_of_transformers(n_buckets: int, max_distance: int, bidirectional: bool):
    relative = np.arange(-1100, 1101)
    there = T5Attention._relative_position_bucket(torch.from_numpy(relative), bidirectional, n_buckets, max_distance)
    here = position_math.t5_bucket(relative, n_buckets, max_distance, bidirectional)
    np.testing.assert_array_equal(here, there.numpy())
    assert here.max() == n_buckets - 1


def test_the_stories_are_whole_and_in_the_order_in_which_they_are_held_out():
    told = stories.held_out()
    digests = [hashlib.sha256(story.encode()).hexdigest() for story in told]
    assert len(told) == 40
    assert digests == sorted(digests)
    assert max(digests) < "01", "stories of a larger digest are trained on"
