"""From logits to the next token: temperature, top-k, top-p and min-p over the whole vocabulary, and a seeded draw.

No torch here, and no model: logits come in as a NumPy vector, one entry of the vocabulary each, and everything is
computed in float64. Each filter takes probabilities and says which entries it keeps; they compose in the order of the
Hugging Face `transformers` logits processors, each one seeing what the one before has left.

Axes: d_vocab, the entries of the vocabulary by id.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.softmax import log_softmax, softmax

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Settings:
    """How to choose among the entries of the vocabulary. The defaults change nothing.

    Raises:
        ValueError: a setting outside its range.
    """

    temperature: float = 1.0
    """Divides the logits: 0 is the greedy limit, 1 leaves them as they are; at most 10."""
    top_k: int = 0
    """Keep the k likeliest entries (Fan et al. 2018); 0 keeps all."""
    top_p: float = 1.0
    """Keep the nucleus, the fewest entries whose mass reaches p (Holtzman et al. 2020, section 3.1); 1 keeps all."""
    min_p: float = 0.0
    """Keep entries at least min_p times as likely as the likeliest (Nguyen et al. 2024); 0 keeps all."""

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= 10:
            raise ValueError(f"temperature is {self.temperature}; choose between 0 (greedy) and 10")
        if self.top_k < 0:
            raise ValueError(f"top_k is {self.top_k}; choose 0 (off) or the number of entries to keep")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}; choose above 0 and at most 1 (off)")
        if not 0 <= self.min_p <= 1:
            raise ValueError(f"min_p is {self.min_p}; choose between 0 (off) and 1")


@dataclass(frozen=True)
class Distribution:
    """What comes next, before and after the settings. *Shape:* (d_vocab,) for each array."""

    probabilities: Vector
    """The softmax of the untouched logits."""
    scaled: Vector
    """After the temperature, before the filters."""
    keep: Mask
    """The entries that all filters keep; at least one."""
    chances: Vector
    """What each entry will be drawn with: `scaled` renormalized over the kept entries, zero elsewhere."""
    left: Mapping[str, int]
    """How many entries are left after each filter that is on, by its name, in the order in which they apply."""

    @property
    def kept_mass(self) -> float:
        """The part of `scaled` that the filters keep."""
        return float(self.scaled[self.keep].sum())


def probabilities_of(logits: NDArray[np.floating], temperature: float = 1.0) -> Vector:
    """The softmax of logits / temperature; at temperature 0 its limit, all mass on the largest. *Shape:* (d_vocab,).

    Of several largest logits, temperature 0 takes the one with the lowest id, as `argmax` does.
    """
    if temperature == 0:
        return renormalized(np.ones(logits.shape), np.arange(logits.size) == logits.argmax())
    shifted = logits.astype(np.float64) - float(logits.max())
    with np.errstate(over="ignore"):  # a tiny temperature sends all but the largest to -inf, whose exp is the 0 we want
        return softmax(shifted / temperature)


def descending(values: NDArray[np.floating]) -> NDArray[np.intp]:
    """Ids by falling value; entries of equal value by rising id. *Shape:* (d_vocab,)."""
    return np.argsort(-values, kind="stable")


def likeliest(values: NDArray[np.floating], n: int) -> NDArray[np.intp]:
    """The first `n` ids of `descending`, without sorting the whole vocabulary. *Shape:* (min(n, d_vocab),)."""
    if n >= values.size:
        return descending(values)
    candidates = np.flatnonzero(values >= np.partition(values, -n)[-n])
    return candidates[descending(values[candidates])][:n]


def top_k(probabilities: Vector, k: int) -> Mask:
    """Keeps the k likeliest entries, exactly; 0, or a k of at least d_vocab, keeps all. *Shape:* (d_vocab,).

    Where probabilities tie at the k-th place the lower id stays (`transformers` would keep every one of them).
    """
    keep = np.ones(probabilities.shape, dtype=np.bool_)
    if k:
        keep[descending(probabilities)[k:]] = False
    return keep


def top_p(probabilities: Vector, p: float) -> Mask:
    """Keeps the nucleus: the smallest set of likeliest entries whose mass reaches p. *Shape:* (d_vocab,).

    Source: Holtzman et al. 2020, eq. 2. An entry stays if the mass of all likelier ones has not reached p yet.
    """
    keep = np.ones(probabilities.shape, dtype=np.bool_)
    if p < 1:
        order = descending(probabilities)
        reached = np.cumsum(probabilities[order]) >= p
        keep[order[1:]] = ~reached[:-1]
    return keep


def min_p(probabilities: Vector, p: float) -> Mask:
    """Keeps entries whose probability is at least p times the largest one's. *Shape:* (d_vocab,).

    Source: Nguyen et al. 2024, section 3.
    """
    keep: Mask = probabilities >= p * probabilities.max()
    return keep


def renormalized(probabilities: Vector, keep: Mask) -> Vector:
    """The kept probabilities scaled to sum to one, the others zero. *Shape:* (d_vocab,)."""
    kept: Vector = np.where(keep, probabilities, 0.0)
    return kept / float(kept.sum())


def shape(logits: NDArray[np.floating], settings: Settings) -> Distribution:
    """Applies temperature, top-k, top-p and min-p, in this order, to the logits of the whole vocabulary.

    top-p measures its mass within what top-k has left; the likeliest entry always stays.

    Args:
        logits: *Shape:* (d_vocab,).
        settings: temperature and filters.

    Raises:
        ValueError: logits of another rank, none at all, or a NaN or +inf among them.
    """
    if logits.ndim != 1 or not logits.size:
        raise ValueError(f"logits have shape {logits.shape}; expected (d_vocab,) with at least one entry")
    if not math.isfinite(float(logits.max())):
        raise ValueError(f"the largest logit is {logits.max()}; it must be finite")
    scaled = probabilities_of(logits, settings.temperature)
    filters = (
        ("top_k", settings.top_k > 0, partial(top_k, k=settings.top_k)),
        ("top_p", settings.top_p < 1, partial(top_p, p=settings.top_p)),
        ("min_p", settings.min_p > 0, partial(min_p, p=settings.min_p)),
    )
    keep, left = np.ones(logits.shape, dtype=np.bool_), {}
    for name, is_on, keeps in filters:
        if is_on:
            keep &= keeps(renormalized(scaled, keep))
            left[name] = int(keep.sum())
    return Distribution(probabilities_of(logits), scaled, keep, renormalized(scaled, keep), left)


def entropy_bits(probabilities: Vector) -> float:
    """Shannon entropy, -sum p log2 p, in bits; 0 log 0 counts as 0."""
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log2(positive)).sum()) + 0.0  # turns -0.0 into 0.0


def kl_bits(before: NDArray[np.floating], after: NDArray[np.floating]) -> float:
    """The Kullback-Leibler divergence of two predictions over the whole vocabulary, sum p log2 (p / q), in bits.

    How many bits more one needs, on average, to write down what the first predicts with a code made for the second.
    0 for equal predictions; it is not symmetric.

    Args:
        before: the logits whose softmax is p. *Shape:* (d_vocab,).
        after: the logits whose softmax is q. *Shape:* (d_vocab,).
    """
    log_p, log_q = (log_softmax(logits.astype(np.float64)) for logits in (before, after))
    nats = float((np.exp(log_p) * (log_p - log_q)).sum())
    return max(0.0, nats / math.log(2))  # the divergence of nearly equal predictions may round to below 0


def generator(seed: int, index: int) -> np.random.Generator:
    """The source of uniform numbers for draw `index` of a seed; most draws need one number.

    Philox (Salmon et al. 2011) is keyed by the pair, so that any draw can be made again without those before it.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"seed is {seed}; choose between 0 and {MAX_SEED}")
    if not 0 <= index <= MAX_SEED:
        raise ValueError(f"draw index is {index}; choose between 0 (the first draw) and {MAX_SEED}")
    return np.random.Generator(np.random.Philox(key=np.array([seed, index], dtype=np.uint64)))


def draw(chances: Vector, u: float) -> int:
    """The id that the number `u` in [0, 1) picks by inverse CDF, the chances laid side by side in falling order."""
    order = descending(chances)
    cumulative = np.cumsum(chances[order])
    # The last sum may round to just below 1; scaling by it keeps every u in [0, 1) inside the table.
    return int(order[np.searchsorted(cumulative, u * cumulative[-1], side="right")])
