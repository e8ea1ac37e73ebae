"""Whether heads do induction: on random tokens that are said twice, do they look at what followed the first time?

No torch here, and no model. Olsson et al. 2022, "In-context Learning and Induction Heads": the *prefix matching score*
of a head is the mean, over the tokens of the second copy, of what it puts on the token behind their first occurrence.
As the tokens are random, nothing but the repetition can tell what comes next.

Axes: row, several such sequences; head, query, key.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

N_ROWS, N_TOKENS, SEED = 8, 24, 0
"""How many sequences, how many tokens each says twice, and what they are drawn by."""


def repeated(d_vocab: int, special: Collection[int], before: int | None) -> NDArray[np.int64]:
    """Random tokens, no two alike in a row, each row of them twice; behind the token that every text begins with.

    Args:
        d_vocab: how many entries there are to draw from.
        special: those that are left out.
        before: the token in front; None where texts have none.

    Returns:
        *Shape:* (`N_ROWS`, `N_TOKENS` x 2, and one more with `before`).
    """
    rng = np.random.default_rng(SEED)
    ordinary = np.setdiff1d(np.arange(d_vocab), list(special))
    rows = np.stack([rng.choice(ordinary, N_TOKENS, replace=False) for _ in range(N_ROWS)])
    front = np.full((N_ROWS, 0 if before is None else 1), before or 0)
    return np.concatenate([front, rows, rows], axis=1).astype(np.int64)


def even(n: int) -> float:
    """The score of a head that spreads what it has evenly over all that it may read, in a row of `n` tokens."""
    return float((1 / np.arange(n - N_TOKENS + 1, n + 1)).mean())


def score(pattern: NDArray[np.floating]) -> NDArray[np.float64]:
    """The score of each head on `repeated`, from 0 to 1. *Shape:* (head,).

    Args:
        pattern: attention probabilities. *Shape:* (row, head, query, key).
    """
    queries = np.arange(pattern.shape[2] - N_TOKENS, pattern.shape[2])
    found: NDArray[np.float64] = pattern[:, :, queries, queries - N_TOKENS + 1].mean(axis=(0, 2), dtype=np.float64)
    return found
