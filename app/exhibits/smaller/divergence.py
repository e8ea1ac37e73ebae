"""How far the predictions of a smaller model are from those of the whole one, at each place of a text."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from model.softmax import log_softmax


def divergence(before: NDArray[np.floating], after: NDArray[np.floating]) -> NDArray[np.float64]:
    """The Kullback-Leibler divergence sum p log2 (p / q) at each place, in bits; as `model.study.sampling.kl_bits`.

    Args:
        before: the logits whose softmax is p. *Shape:* (place, d_vocab).
        after: the logits whose softmax is q. *Shape:* (place, d_vocab).
    """
    log_p, log_q = (log_softmax(logits.astype(np.float64)) for logits in (before, after))
    bits: NDArray[np.float64] = (np.exp(log_p) * (log_p - log_q)).sum(axis=-1) / math.log(2)
    return bits.clip(min=0.0)  # rounding may leave one of nothing below zero
