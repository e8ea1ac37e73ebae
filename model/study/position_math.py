"""Where a token stands, as plain formulas in NumPy: the constants of every position scheme.

`model.transformer.positions` runs with these frequencies and slopes, and a page that serves without torch draws them.
What must be traced is in PyTorch there once more, the sinusoids and T5's buckets; a test holds both to one reference.
No torch here.

Axes: pos, distance; pair (of coordinates that belong together); head.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.config import RopeScaling

Floats = NDArray[np.float64]


def sinusoid_frequencies(d_model: int) -> Floats:
    """Radians from one position to the next in each pair of sine and cosine (Vaswani et al. 2017, sec. 3.5)."""
    return 10_000.0 ** (-np.arange(0, d_model, 2) / d_model)


def sinusoids(n_positions: int, d_model: int) -> Floats:
    """The vectors that are added, sine and cosine by turns. *Shape:* (pos, d_model)."""
    angles = np.arange(n_positions)[:, None] * sinusoid_frequencies(d_model)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(n_positions, d_model)


def rope_frequencies(d_rotary: int, theta: float, scaling: RopeScaling | None = None) -> Floats:
    """By how many radians each pair turns from one position to the next: theta^(-2i/d) (Su et al. 2021, eq. 15).

    Returns:
        *Shape:* (pair,), fastest first.
    """
    trained: Floats = theta ** (-np.arange(0, d_rotary, 2) / d_rotary)
    if scaling is None:
        return trained
    if scaling.kind == "longrope":
        return trained / np.array(scaling.divisors)
    share = yarn_kept(d_rotary, theta, scaling)
    return trained * share + trained / scaling.factor * (1 - share)


def yarn_kept(d_rotary: int, theta: float, scaling: RopeScaling) -> Floats:
    """What share of its trained frequency a pair keeps; the rest is divided by the factor. *Shape:* (pair,).

    0 everywhere for position interpolation (Chen et al. 2023); for YaRN a ramp over the pairs, 1 where they turn more
    than `fast` times within the trained length, 0 where less than `slow` times (Peng et al. 2023, eq. 18; the paper's
    gamma); for Llama 3.1 a ramp over how often a pair turns.
    """
    pairs = np.arange(d_rotary // 2, dtype=np.float64)
    if scaling.kind == "linear":
        return np.zeros_like(pairs)
    if scaling.kind == "llama3":
        turns = scaling.trained_length * theta ** (-2 * pairs / d_rotary) / (2 * math.pi)
        return np.clip((turns - scaling.slow) / (scaling.fast - scaling.slow), 0, 1)
    first, last = (pair_that_turns(times, d_rotary, theta, scaling) for times in (scaling.fast, scaling.slow))
    if scaling.whole_pairs:
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, d_rotary - 1)
    if first == last:
        last += 0.001  # the reference implementation's way around a division by zero
    return 1 - np.clip((pairs - first) / (last - first), 0, 1)


def pair_that_turns(times: float, d_rotary: int, theta: float, scaling: RopeScaling) -> float:
    """The (fractional) pair that turns this often within the trained length."""
    return d_rotary * math.log(scaling.trained_length / (times * 2 * math.pi)) / (2 * math.log(theta))


def attention_factor(scaling: RopeScaling | None) -> float:
    """What YaRN multiplies cos and sin by, to keep attention sharp over longer texts (Peng et al. 2023, eq. 22), and
    LongRoPE in short ones as in long (Ding et al. 2024 and its code).
    """
    if scaling is None or scaling.kind not in ("yarn", "longrope"):
        return 1.0
    if scaling.attention_factor is not None:
        return scaling.attention_factor
    return 0.1 * math.log(max(scaling.factor, 1.0)) + 1.0


def alibi_slopes(n_heads: int) -> list[float]:
    """What each head takes off a score per token of distance (Press et al. 2022, sec. 3).

    2^(-8h/n) for n heads a power of two; else those of the power below and every other one of the power above.
    """
    power = 2 ** math.floor(math.log2(n_heads))
    slopes = [2 ** (-8 * (head + 1) / power) for head in range(power)]
    return slopes + [2 ** (-4 * (head + 1) / power) for head in range(0, 2 * power, 2)][: n_heads - power]


def t5_bucket(relative: ArrayLike, n_buckets: int, max_distance: int, bidirectional: bool) -> NDArray[Any]:
    """The bucket of each relative position, key minus query: exact when near, logarithmic when far.

    In float32 as the reference implementation: between buckets the last bit decides (Raffel et al. 2020, sec. 2.1).
    """
    relative = np.asarray(relative)
    first = np.zeros_like(relative)
    if bidirectional:
        n_buckets //= 2
        first = (relative > 0) * n_buckets
        distance = np.abs(relative)
    else:
        distance = np.maximum(-relative, 0)
    n_exact = n_buckets // 2
    near = (np.maximum(distance, 1) / n_exact).astype(np.float32)
    ratio = np.log(near) / np.float32(math.log(max_distance / n_exact))
    far = n_exact + (ratio * np.float32(n_buckets - n_exact)).astype(np.int64)
    bucket: NDArray[Any] = first + np.where(distance < n_exact, distance, np.minimum(far, n_buckets - 1))
    return bucket


def distance_rows(n_buckets: int, max_distance: int, log_buckets: bool) -> NDArray[np.int64]:
    """Which vector of DeBERTa's 2 n_buckets stands for each distance, query minus key, from -max_distance to
    max_distance; farther ones have those of the ends.

    In log_buckets, distances up to half of n_buckets have one each, and those past it share by their logarithm; in
    float32 as the reference implementation, as between buckets the last bit decides (`make_log_bucket_position` of
    DeBERTa v2, which has it; the paper has a vector for each distance, He et al. 2021, eq. 3).

    Returns:
        *Shape:* (2 max_distance + 1,).
    """
    distance = np.arange(-max_distance, max_distance + 1)
    bucket = distance
    if log_buckets:
        middle = n_buckets // 2
        far = np.maximum(np.abs(distance), middle)
        ratio = np.log((far / middle).astype(np.float32)) / np.log(np.float32((max_distance - 1) / middle))
        logarithmic = np.ceil(ratio * np.float32(middle - 1)) + middle
        bucket = np.where(np.abs(distance) <= middle, distance, logarithmic * np.sign(distance)).astype(np.int64)
    rows: NDArray[np.int64] = np.clip(bucket + n_buckets, 0, 2 * n_buckets - 1)
    return rows


def ahead(bias: NDArray[Any], scheme: str) -> NDArray[Any]:
    """A causal model's bias on the scores, filled where the key stands ahead of the query, which no score ever has: in
    ALiBi as far behind is as far ahead; T5's buckets, looking back alone, take all that is ahead for the token itself.

    Args:
        bias: right where the key does not stand ahead. *Shape:* (..., query, key), as many keys as queries.
        scheme: "alibi" or "t5".
    """
    n = bias.shape[-1]
    mirrored = np.swapaxes(bias, -1, -2) if scheme == "alibi" else np.diagonal(bias, axis1=-2, axis2=-1)[..., None]
    whole: NDArray[Any] = np.where(np.tri(n, dtype=np.bool_), bias, mirrored)
    return whole
