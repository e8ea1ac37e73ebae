"""The induction score: 1 for a head that does nothing else, 0 for one that looks elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from model.study.induction import N_ROWS, N_TOKENS, even, repeated, score


@pytest.mark.parametrize("before", [None, 0])
def test_each_row_says_the_same_ordinary_tokens_twice(before: int | None):
    rows = repeated(300, {0, 7, 299}, before)
    front = 0 if before is None else 1
    assert rows.shape == (N_ROWS, front + 2 * N_TOKENS)
    np.testing.assert_array_equal(rows[:, front : front + N_TOKENS], rows[:, front + N_TOKENS :])
    assert not np.isin(rows[:, front:], [0, 7, 299]).any()
    assert all(len(set(row[front:].tolist())) == N_TOKENS for row in rows)
    assert len({tuple(row) for row in rows.tolist()}) == N_ROWS
    np.testing.assert_array_equal(rows, repeated(300, {0, 7, 299}, before))


@pytest.mark.parametrize("before", [None, 0])
def test_a_head_scores_by_what_it_puts_behind_the_first_occurrence(before: int | None):
    rows = repeated(300, (), before)
    n = rows.shape[1]
    pattern = np.zeros((N_ROWS, 3, n, n))
    for row, ids in enumerate(rows.tolist()):
        for query in range(n):
            earlier = [at for at in range(query) if ids[at] == ids[query]]
            behind = earlier[-1] + 1 if earlier else 0
            pattern[row, 0, query, behind] = 1
            pattern[row, 1, query, max(0, query - 1)] = 1
            pattern[row, 2, query, : query + 1] += 0.75 / (query + 1)
            pattern[row, 2, query, behind] += 0.25
    np.testing.assert_allclose(score(pattern), np.array([1.0, 0.0, 0.25 + 0.75 * even(n)]))
