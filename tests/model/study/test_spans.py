"""Span corruption."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.study.spans import corrupt, lengths, parse

SENTINELS = list(range(3, 19))


@given(n=st.integers(2, 200), seed=st.integers(0, 99))
def test_15_per_cent_are_cut_in_spans_of_3_with_text_between(n: int, seed: int):
    kept, cut = lengths(n, len(SENTINELS), np.random.default_rng(seed))
    assert len(kept) == len(cut)
    assert min(*kept, *cut) >= 1
    assert sum(kept) + sum(cut) == n
    assert sum(cut) == min(max(1, round(0.15 * n)), n - 1)
    assert len(cut) == max(1, round(sum(cut) / 3))


@given(n=st.integers(2, 120), seed=st.integers(0, 99))
def test_what_was_cut_fits_into_the_gaps(n: int, seed: int):
    ids = list(range(100, 100 + n))
    read, written = corrupt(ids, SENTINELS, np.random.default_rng(seed))
    gaps = parse(written, SENTINELS)
    assert list(gaps) == SENTINELS[: len(gaps)] == [id for id in read if id in SENTINELS]
    assert [whole for id in read for whole in gaps.get(id, [id])] == ids


def test_all_ways_to_divide_are_equally_likely():
    rng = np.random.default_rng(0)
    firsts = np.array([lengths(40, 16, rng)[1][0] for _ in range(3000)])
    # Six cut tokens in two spans: the first has 1 to 5 of them.
    assert np.bincount(firsts)[1:] / len(firsts) == pytest.approx([0.2] * 5, abs=0.03)


def test_a_single_token_cannot_be_cut():
    with pytest.raises(ValueError, match="1 tokens; to cut some and keep some, at least 2"):
        lengths(1, 16, np.random.default_rng(0))


def test_what_a_model_writes_before_any_sentinel_belongs_to_no_gap():
    assert parse([50, 3, 51, 52, 5], SENTINELS) == {3: [51, 52], 5: []}
