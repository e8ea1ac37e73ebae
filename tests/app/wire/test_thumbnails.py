"""Thumbnails: a byte a cell, the largest of each block, within their bytes however long the text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.wire.payload import pack
from app.wire.thumbnails import BYTES, NOTHING, SIDE, SIGNED_STEPS, STEPS, block_of, blocks, changes, thumbnails
from model.trace import Stretch
from tests.app.wire.test_payload import unpack


def probabilities(n_layers: int, n_heads: int, n_queries: int, n_keys: int, *, causal: bool) -> list[NDArray[Any]]:
    drawn = np.random.default_rng(n_queries).random((n_layers, n_heads, n_queries, n_keys)).astype(np.float32)
    drawn = np.tril(drawn) if causal else drawn
    return list(drawn / drawn.sum(axis=-1, keepdims=True))


@given(st.integers(1, 400), st.integers(1, 1_200), st.integers(1, 1_200), st.booleans())
def test_thumbnails_stay_within_their_bytes(n_heads: int, n_queries: int, n_keys: int, causal: bool) -> None:
    n_keys = n_queries if causal else n_keys
    block = block_of(n_heads, n_queries, n_keys, causal=causal)
    rows, columns = -(-n_queries // block), -(-n_keys // block)
    assert max(rows, columns) <= SIDE
    assert n_heads * (rows * (rows + 1) // 2 if causal else rows * columns) <= BYTES


@pytest.mark.parametrize(
    ("n_queries", "n_keys", "causal"),
    [*((n, n, causal) for n in (1, 7, 64, 65, 130) for causal in (True, False)), (9, 70, False), (70, 9, False)],
)
def test_each_cell_is_the_largest_of_its_block(n_queries: int, n_keys: int, causal: bool) -> None:
    layers = probabilities(2, 3, n_queries, n_keys, causal=causal)
    small = thumbnails(layers, causal=causal)
    sent = unpack(pack({"small": small.packed}), "small")
    assert small.largest == np.stack(layers).max()
    for layer, head, row, column in np.ndindex(sent.shape):
        if causal and column > row:
            continue
        of = slice(row * small.block, (row + 1) * small.block), slice(column * small.block, (column + 1) * small.block)
        expected = layers[layer][head][of].max() / small.largest
        assert abs(sent[layer, head, row, column] / STEPS - expected) <= 0.5 / STEPS + 1e-6


@given(st.integers(257, 400), st.lists(st.integers(1, 399), max_size=9), st.sampled_from([1, 4, 16]))
def test_stretches_of_a_text_give_the_thumbnails_of_the_whole(n: int, cuts: list[int], n_heads: int) -> None:
    (pattern,) = probabilities(1, n_heads, n, n, causal=True)
    ends = sorted({cut for cut in cuts if cut < n} | {n})
    stretches = [Stretch(start, pattern[:, start:end, :end]) for start, end in zip([0, *ends], ends, strict=False)]
    for layers in ([stretches], [stretches]):  # the second time with what was kept
        one, other = thumbnails(layers, causal=True), thumbnails([pattern], causal=True)
        assert (one.block, one.largest) == (other.block, other.largest)
        np.testing.assert_array_equal(one.packed.values, other.packed.values)


def test_a_largest_may_be_given_so_that_several_share_a_scale() -> None:
    small = thumbnails([np.full((1, 1, 1), 0.5, np.float32)], causal=True, largest=1.0)
    assert small.packed.values.tolist() == [[[128]]]


def test_a_change_keeps_its_sign_and_what_has_none_is_told_apart() -> None:
    heads = np.array([[[0.25, -0.5], [np.nan, 0.0]]])
    small = changes([heads], block=1, causal=False)
    assert (small.largest, small.packed.values.ravel().tolist()) == (0.5, [64, -SIGNED_STEPS, NOTHING, 0])
    assert blocks(heads, 2).ravel().tolist() == [-0.5]
    assert np.isnan(blocks(np.full((1, 3, 3), np.nan), 2)).all()


def test_where_nothing_has_changed_no_cell_has() -> None:
    small = changes([np.zeros((2, 3, 3))], block=1, causal=True)
    assert not small.packed.values.any()
