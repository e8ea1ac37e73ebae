"""Many seeded draws from one distribution, and how far what was drawn lies from it.

No torch here. Draw `index` of a seed uses the first number of `model.study.sampling.generator(seed, index)`, as one
draw does.

Axes: d_vocab, the entries of the vocabulary by id.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from model.study import sampling
from model.study.sampling import Vector

Counts = NDArray[np.int64]


@functools.lru_cache(maxsize=32)  # making a generator for every draw takes longer than drawing from a new distribution
def numbers(seed: int, n: int) -> Vector:
    """The uniform numbers of the first `n` draws of a seed, read-only. *Shape:* (n,)."""
    drawn = np.array([sampling.generator(seed, index).random() for index in range(n)])
    drawn.flags.writeable = False
    return drawn


def counts(chances: Vector, uniform: Vector) -> Counts:
    """How often the numbers pick each entry, every one as `sampling.draw` does. *Shape:* (d_vocab,)."""
    order = sampling.descending(chances)
    cumulative = np.cumsum(chances[order])
    picked = order[np.searchsorted(cumulative, uniform * cumulative[-1], side="right")]
    return np.bincount(picked, minlength=chances.size)


def distance(drawn: Counts, chances: Vector) -> float:
    """The total variation distance of the drawn shares from the chances, 0 to 1: half the sum of all differences."""
    return float(np.abs(drawn / drawn.sum() - chances).sum() / 2)


def expected_distance(chances: Vector, n: int) -> float:
    """What `distance` is on average over all ways in which `n` fair draws can fall.

    The mean absolute deviation of a binomial count, De Moivre 1730 (Diaconis & Zabell 1991, eq. 1.1), with
    m = floor(n p): 2 (m + 1) C(n, m + 1) p^(m + 1) (1 - p)^(n - m), summed over the entries and divided by 2 n.
    """
    rare = chances[chances * n < 1]
    deviations = float((2 * n * rare * (1 - rare) ** n).sum())
    for p in chances[(chances * n >= 1) & (chances < 1)].tolist():
        m = math.floor(n * p)
        binomial = math.lgamma(n + 1) - math.lgamma(m + 2) - math.lgamma(n - m)
        powers = (m + 1) * math.log(p) + (n - m) * math.log1p(-p)
        deviations += 2 * (m + 1) * math.exp(binomial + powers)
    return deviations / (2 * n)
