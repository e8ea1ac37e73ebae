"""The softmax, its logarithm and the logarithm of what it divides by, along the last axis, in NumPy; and the soft cap.

No torch here. The first three subtract the largest score first, so that nothing overflows, and compute in the
precision of what they are given: who sums up a whole vocabulary gives them float64.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatT = TypeVar("FloatT", bound=np.floating)


def softmax(scores: NDArray[FloatT], dtype: type[np.floating] | None = None) -> NDArray[FloatT]:
    """exp(score) over the sum of all. *Shape:* as given.

    Args:
        dtype: in which to sum up, if not in that of the scores; the quotient has the wider of the two.
    """
    unnormalized = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: NDArray[FloatT] = unnormalized / unnormalized.sum(axis=-1, keepdims=True, dtype=dtype)
    return shares


def log_softmax(scores: NDArray[FloatT]) -> NDArray[FloatT]:
    """The logarithm of the softmax. *Shape:* as given."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    logs: NDArray[FloatT] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs


def log_sum_exp(scores: NDArray[FloatT]) -> NDArray[FloatT]:
    """What `log_softmax` takes off each score, log of sum of exp(score). *Shape:* as given, without the last axis."""
    largest = scores.max(axis=-1, keepdims=True)
    sums: NDArray[FloatT] = np.log(np.exp(scores - largest).sum(axis=-1)) + largest[..., 0]
    return sums


def softcapped(scores: NDArray[FloatT], cap: float | None) -> NDArray[FloatT]:
    """Scores kept between -cap and cap, small ones nearly as they are: cap tanh(s / cap) (Gemma Team 2024, sec. 2).

    Args:
        cap: None leaves them as they are.
    """
    if cap is None:
        return scores
    capped: NDArray[FloatT] = np.tanh(scores / cap) * cap
    return capped
