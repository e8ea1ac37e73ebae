"""Attention probabilities on their way to the browser where numbers are read off them: one head, or means of some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.wire.payload import Packed
from model import taps
from model.config import Place
from model.trace import Array, ForwardTrace, Stretch

WHOLE = 60_000
"""The steps that a probability of 1 is sent as; `static/js/state/decode.js` has the same number.

What is read off a pattern must be what the probability itself would be printed as. The places where a printed number
changes, 12.45 % to a tenth or 0.005 % to a hundredth of a per cent, are all multiples of 1/20,000, so that with 60,000
steps, the most of the kind that uint16 holds, each is a step. Rounded *down*, a probability never crosses one; to the
nearest, 12.4496 % would be sent as 12.45 %.
"""

LONG = 256
"""Tokens along a side; of more, a browser is sent no head whole."""


def in_steps(probabilities: Array) -> NDArray[np.uint16]:
    """floor(WHOLE p); a float32 times WHOLE is exact in float64."""
    steps: NDArray[np.uint16] = np.multiply(probabilities, WHOLE, dtype=np.float64).astype(np.uint16)
    return steps


def one(probabilities: Array, *, causal: bool) -> Packed:
    """One head, or a mean of some, `in_steps`.

    Args:
        probabilities: *Shape:* (query, key).
        causal: whether each query reads itself and what is before it; the rest stays here.
    """
    shape = (1, 1, *probabilities.shape)
    kept = probabilities[np.tril_indices(shape[-1])] if causal else probabilities
    return Packed(in_steps(kept), shape, half=causal)


def mean_of(
    trace: ForwardTrace,
    place: Place,
    layers: Sequence[int],
    queries: slice = slice(None),
    keys: slice = slice(None),
) -> Packed:
    """The attention probabilities of some layers, the mean over them and their heads, `in_steps`.

    Args:
        trace: the pass.
        place: the kind of attention.
        layers: which of its layers.
        queries, keys: of a long text, the tokens that are looked at; where the attention is causal, the same ones.
    """
    stack = trace.config.stacks[place]
    n_queries, n_keys = (trace.sizes[name] for name in (stack.asks, stack.reads))
    first, end, _ = queries.indices(n_queries)
    whole = np.zeros((end - first, n_keys))
    for of in zip(*(trace.stretches(taps.PATTERN, layer, place) for layer in layers), strict=True):
        n = of[0].shape[1]
        if first < of[0].start + n and of[0].start < end:
            part = of[0].made(("mean", tuple(layers)), _mean, of)
            at = max(0, of[0].start - first)
            there = part[max(0, first - of[0].start) : end - of[0].start]
            whole[at : at + len(there), : there.shape[1]] = there
    return one(whole[:, keys], causal=stack.causal)


def _mean(_: Stretch, layers: Sequence[Stretch]) -> Array:
    """*Shape:* (query, key)."""
    mean: Array = np.mean([layer.values.mean(axis=0, dtype=np.float64) for layer in layers], axis=0)
    return mean
