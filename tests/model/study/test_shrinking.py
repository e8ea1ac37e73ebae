"""A model made smaller, by hand: levels, zeros, and bytes counted one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import int8
from model.config import BertConfig, GPTConfig, PositionConfig, T5Config
from model.study import shrinking
from model.study.shrinking import BITS, NOTHING, ZEROED, Part, Removed, Setting

RNG = np.random.default_rng(3)
ROUNDED = [bits for bits in BITS if bits < shrinking.WHOLE]


@pytest.mark.parametrize("grain", shrinking.GRAINS)
@pytest.mark.parametrize("bits", ROUNDED)
def test_each_weight_goes_to_the_nearest_level_of_its_row_or_group(bits: int, grain: shrinking.Grain):
    """Against a search over all levels, weight by weight, for rows that end in a shorter group."""
    weight = RNG.normal(size=(5, 75)).astype(np.float16)
    made = shrinking.rounded(weight, bits, grain)
    most = 2 ** (bits - 1) - 1
    width = 32 if grain == "group" else 75
    for row in range(5):
        for start in range(0, 75, width):
            part = weight[row, start : start + width].astype(np.float64)
            scale = np.float64(np.float16(np.abs(part).max() / most))
            assert made.scales[row, start // width] == scale
            levels = scale * np.arange(-most, most + 1)
            nearest = levels[np.abs(part[:, None] - levels).argmin(axis=1)]
            np.testing.assert_allclose(made.values[row, start : start + width], nearest, atol=1.001e-3 * scale)
    assert np.abs(made.numbers).max() == most
    assert len(np.unique(made.numbers)) <= 2 * most + 1
    assert made.values.shape == made.numbers.shape == weight.shape


def test_eight_bits_in_groups_are_those_of_the_int8_graphs():
    weight = (RNG.normal(size=(7, 96)) * RNG.uniform(0.01, 3, (7, 1))).astype(np.float16)
    numbers, scales = int8.quantize(weight)
    made = shrinking.rounded(weight, 8, "group")
    np.testing.assert_array_equal(made.numbers, numbers.reshape(7, 96).astype(int) - int8.ZERO)
    np.testing.assert_array_equal(made.scales, scales)
    np.testing.assert_allclose(made.values, int8.dequantize(numbers, scales), rtol=1e-6)


def test_a_row_of_zeros_stays_one():
    assert not shrinking.rounded(np.zeros((2, 40), np.float16), 4, "group").values.any()


@given(st.sampled_from(ZEROED), st.integers(1, 9), st.integers(1, 40))
def test_the_smallest_of_each_matrix_go_and_no_others(percent: int, rows: int, columns: int):
    weight = np.random.default_rng(rows * columns).normal(size=(3, rows, columns)).astype(np.float32)
    left = shrinking.without_smallest(weight, percent)
    for before, after in zip(weight, left, strict=True):
        gone = after == 0
        assert gone.sum() == round(rows * columns * percent / 100)
        np.testing.assert_array_equal(after[~gone], before[~gone])
        if gone.any() and not gone.all():
            assert np.abs(before[gone]).max() <= np.abs(before[~gone]).min()


def test_finer_scales_and_more_bits_never_round_further():
    weight = RNG.normal(size=(64, 96)).astype(np.float16)
    off = {
        (bits, grain): np.square(shrinking.rounded(weight, bits, grain).values - weight).mean()
        for bits in ROUNDED
        for grain in shrinking.GRAINS
    }
    for bits, fewer in itertools.pairwise(ROUNDED):
        assert off[bits, "group"] < off[fewer, "group"]
        assert off[bits, "row"] < off[fewer, "row"]
        assert off[bits, "group"] < off[bits, "row"]


def test_zeros_stay_zeros_when_what_is_left_is_rounded():
    weight = RNG.normal(size=(8, 64)).astype(np.float16)
    made = shrinking.shrunk(weight, Setting(4, "group", 50))
    assert (made[shrinking.without_smallest(weight, 50) == 0] == 0).all()


def test_only_large_matrices_are_made_smaller():
    names = {
        "embed.weight": True,
        "blocks.0.attn.q.weight": True,
        "blocks.1.mlp.w_in": True,
        "masked.dense.weight": True,
        "blocks.1.mlp.router.weight": False,
        "positions.weight": False,
        "encoder.positions.weight": False,
        "segments.weight": False,
        "next_sentence.weight": False,
    }
    assert {name: shrinking.is_matrix(name, (8, 64)) for name in names} == names
    assert not shrinking.is_matrix("ln_final.weight", (64,))
    made = shrinking.weights({name: np.ones((8, 64), np.float16) for name in names}, Setting(3))
    assert set(made) == {name for name, shrinks in names.items() if shrinks}


GPT = GPTConfig(name="g", d_vocab=50, n_ctx=16, d_model=64, n_layers=2, n_heads=4, n_kv_heads=2, d_mlp=96)
PARTS = {
    "embed.weight": (50, 64),
    **{f"blocks.{layer}.attn.{part}.weight": (64, 64) for layer in (0, 1) for part in ("q", "o")},
    **{f"blocks.{layer}.attn.{part}.weight": (32, 64) for layer in (0, 1) for part in ("k", "v")},
    **{f"blocks.{layer}.mlp.{part}.weight": (96, 64) for layer in (0, 1) for part in ("gate", "up")},
    **{f"blocks.{layer}.mlp.down.weight": (64, 96) for layer in (0, 1)},
    **{f"blocks.{layer}.ln1.weight": (64,) for layer in (0, 1)},
}


def sizes(setting: Setting, removed: Removed = NOTHING) -> int:
    parts = {name: Part(shape, 2, shrinking.is_matrix(name, shape)) for name, shape in PARTS.items()}
    return shrinking.n_bytes(parts, GPT, setting, removed)


def numbers(of: int = 2) -> int:
    return sum(int(np.prod(shape)) for shape in PARTS.values() if len(shape) == of)


def test_bytes_are_bits_and_scales_and_what_stays():
    norms = 2 * numbers(1)
    assert sizes(Setting()) == 2 * numbers() + norms
    groups = sum(shape[0] * -(-shape[1] // 32) for shape in PARTS.values() if len(shape) == 2)
    rows = sum(shape[0] for shape in PARTS.values() if len(shape) == 2)
    assert sizes(Setting(4)) == numbers() // 2 + 2 * groups + norms
    assert sizes(Setting(3, "row")) == 3 * numbers() // 8 + 2 * rows + norms


def test_bytes_of_zeros_are_a_bit_a_weight_and_the_others_or_all_where_that_is_less():
    norms = 2 * numbers(1)
    assert sizes(Setting(zeroed=50)) == numbers() // 8 + numbers() + norms
    assert sizes(Setting(2, "row", 30)) == sizes(Setting(2, "row")), "a bit and 0.7 times 2 bits are more than 2"
    assert sizes(Setting(2, "row", 90)) < sizes(Setting(2, "row"))


def test_a_removed_head_takes_its_rows_and_columns_along_and_shared_keys_go_with_the_last():
    whole, one = sizes(Setting()), sizes(Setting(), Removed([("text", 0, 0)]))
    assert whole - one == 2 * (16 * 64 + 64 * 16)
    both = sizes(Setting(), Removed([("text", 0, 0), ("text", 0, 1)]))
    assert one - both == 2 * (16 * 64 + 64 * 16) + 2 * 2 * 16 * 64
    assert whole - sizes(Setting(), Removed([], [("text", 1)])) == 2 * 3 * 96 * 64


def test_a_layer_that_is_removed_leaves_its_norms_alone():
    layer = shrinking.layer_of(GPT, "text", 0)
    block = sum(
        int(np.prod(shape)) for name, shape in PARTS.items() if name.startswith("blocks.0.") and len(shape) == 2
    )
    assert sizes(Setting()) - sizes(Setting(), layer) == 2 * block


def test_the_parts_of_all_families_are_counted():
    t5 = T5Config(
        name="t",
        d_vocab=61,
        n_ctx=24,
        d_model=32,
        n_layers=2,
        n_decoder_layers=3,
        n_heads=4,
        d_mlp=40,
        positions=PositionConfig("t5"),
    )
    bert = BertConfig(name="b", d_vocab=61, n_ctx=48, d_model=32, n_layers=2, n_heads=4, d_mlp=40)
    assert len(shrinking.heads_of(t5)) == 4 * (2 + 3 + 3)
    assert shrinking.layers_of(t5) == [("encoder", 0), ("encoder", 1), *(("decoder", layer) for layer in range(3))]
    assert len(shrinking.layer_of(t5, "decoder", 1).heads) == 8
    assert len(shrinking.heads_of(bert)) == 8
    across = Part((32, 32), 2, True)
    parts = {f"decoder.blocks.0.{kind}.q.weight": across for kind in ("attn", "cross_attn")}
    assert shrinking.n_bytes(parts, t5, Setting(), Removed([("cross", 0, 1)])) == 2 * (32 * 32 + 24 * 32)
