"""Masks and segments of BERT's examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.study.corruption import Special, around, fit, mask
from model.study.objective import IGNORED

SPECIAL = Special(cls=2, sep=3, mask=4, first=5, end=1000)


def text(n: int) -> np.ndarray:
    """An example of n ordinary tokens."""
    return around(list(range(5, 5 + n)), [], SPECIAL)[0]


@given(n=st.integers(1, 200), seed=st.integers(0, 99))
def test_15_per_cent_are_chosen_and_nothing_else_is_touched(n: int, seed: int):
    ids = text(n)
    read, targets = mask(ids, SPECIAL, np.random.default_rng(seed))
    chosen = targets != IGNORED
    assert chosen.sum() == max(1, round(0.15 * n))
    assert (targets[chosen] == ids[chosen]).all()
    assert (read[~chosen] == ids[~chosen]).all()
    assert not chosen[[0, -1]].any()
    assert (read[chosen] >= SPECIAL.mask).all()


def test_of_the_chosen_80_per_cent_are_masked_10_swapped_and_10_left():
    rng, fates = np.random.default_rng(0), np.zeros(3)
    for _ in range(200):
        ids = text(400)
        read, targets = mask(ids, SPECIAL, rng)
        chosen = targets != IGNORED
        masked, left = read[chosen] == SPECIAL.mask, read[chosen] == ids[chosen]
        fates += [masked.sum(), (~masked & ~left).sum(), left.sum()]
    assert fates / fates.sum() == pytest.approx([0.8, 0.1, 0.1], abs=0.01)


def test_in_measurements_all_of_the_chosen_are_masked():
    read, targets = mask(text(400), SPECIAL, np.random.default_rng(0), always=True)
    assert (read[targets != IGNORED] == SPECIAL.mask).all()


def test_two_segments_are_laid_out_as_bert_reads_them():
    ids, segments = around([7, 8], [9], SPECIAL)
    assert ids.tolist() == [2, 7, 8, 3, 9, 3]
    assert segments.tolist() == [0, 0, 0, 0, 1, 1]


@given(first=st.integers(0, 80), second=st.integers(0, 80), n=st.integers(2, 60))
def test_shortened_segments_fill_the_room_and_share_it(first: int, second: int, n: int):
    a, b = fit([1] * first, [2] * second, n)
    assert len(a) + len(b) == min(n, first + second)
    assert len(a) >= min(first, n - n // 2)
    assert len(b) >= min(second, n // 2)
