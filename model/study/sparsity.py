"""What a mask saves and what it costs: pairs, attention lost, and how far news travels. No torch.

Axes: layer, head, query, key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Layers = Sequence[NDArray[np.bool_]] | NDArray[np.bool_]
"""What each layer allows. *Shape:* (query, key) each."""
NEVER = 255
"""In `steps_to_reach`: not within the model's layers."""


def mass_lost(pattern: NDArray[np.floating], allowed: NDArray[np.bool_]) -> NDArray[np.floating]:
    """The attention of a pass without the mask that falls on what the mask forbids. *Shape:* (..., query).

    Args:
        pattern: attention probabilities, *Shape:* (..., query, key).
        allowed: *Shape:* (..., query, key), or (query, key) for all alike.
    """
    lost: NDArray[np.floating] = np.where(allowed, 0, pattern).sum(axis=-1)
    return lost


def steps_to_reach(allowed: Layers) -> NDArray[np.uint8]:
    """Through how many of the last layers, at the least, a key's token can be heard at a query. *Shape:* (query, key).

    0 for a token itself, whose residual stream goes straight through; else the first product of the layers' boolean
    matrices (allowed or the same token), from the last one back, that has the pair; `NEVER` if none has.

    Args:
        allowed: what each layer allows.
    """
    itself = np.eye(len(allowed[0]), dtype=np.bool_)
    steps = np.where(itself, 0, NEVER).astype(np.uint8)
    reached = itself.astype(np.float32)
    for count, layer in enumerate(reversed(allowed), start=1):
        reached = np.minimum(reached @ (layer | itself).astype(np.float32), 1)
        steps[(reached > 0) & (steps == NEVER)] = count
    return steps


def steps_from(query: int, allowed: Layers) -> NDArray[np.uint8]:
    """The row of one query in `steps_to_reach`, without the others. *Shape:* (key,).

    From layer to layer, only what has become known since is followed further.

    Args:
        query: from 0.
        allowed: likewise; quick where layers that are alike are one and the same array.
    """
    layers = list(allowed)
    reached = np.zeros(len(layers[0]), np.bool_)
    reached[query] = True
    steps = np.where(reached, 0, NEVER).astype(np.uint8)
    followed: dict[int, NDArray[np.bool_]] = {}
    at_an_end: set[int] = set()
    for count, layer in enumerate(reversed(layers), start=1):
        if id(layer) in at_an_end:
            continue
        news = reached & ~followed[id(layer)] if id(layer) in followed else reached
        followed[id(layer)] = reached
        further = layer[np.flatnonzero(news)].any(axis=0) & ~reached
        if further.any():
            steps[further] = count
            reached = reached | further
            at_an_end.clear()
        else:
            at_an_end.add(id(layer))
    return steps


def multiply_adds(pairs: int, widths: int, n_heads: int) -> int:
    """What attention multiplies and adds for so many pairs, in every head: q · k, and probability times v.

    Args:
        widths: of a key and of a value together.
    """
    return widths * pairs * n_heads


def keys_of(kind: str, numbers: tuple[int, ...], n_tokens: int, causal: bool) -> NDArray[Any]:
    """How many keys each query of a text may attend to, by formula: no square is made. *Shape:* (n_tokens,).

    Args:
        kind, numbers: "none" (the model as it is), "window" (w), "strided" (stride), "fixed" (stride, summary),
            "longformer" (window, global tokens in front) or "bigbird" (block, global blocks, random blocks, seed), as
            in `model.masks`. The random blocks count by their expectation over all draws.
        causal: whether keys after the query are forbidden besides.
    """
    q = np.arange(n_tokens)
    last = q if causal else np.full_like(q, n_tokens - 1)
    if kind == "none":
        return last + 1
    if kind == "strided":
        return np.minimum(q + 1, numbers[0]) + q // numbers[0]
    if kind == "fixed":
        stride, summary = numbers
        return q % stride + 1 + q // stride * min(stride, summary)
    if kind == "bigbird":
        block, n_global, n_random, _ = numbers
        at, n_blocks, n_front = q // block, -(-n_tokens // block), n_global * block
        first, end = np.maximum(0, (at - 1) * block), np.minimum(last + 1, (at + 2) * block)
        elsewhere = np.maximum(0, first - n_front) + last + 1 - end
        left = np.maximum(0, at - 1 - n_global)
        if not causal:
            left += np.maximum(0, n_blocks - at - 2)
        chance = np.minimum(n_random, left) / np.maximum(1, left)
        keys = end - first + np.minimum(n_front, first) + chance * elsewhere
        return np.where(at < n_global, last + 1, keys)
    reach = numbers[0] - 1 if kind == "window" else numbers[0] // 2
    n_front = 0 if kind == "window" else numbers[1]
    first, end = np.maximum(0, q - reach), np.minimum(last, q + reach) + 1
    return np.where(q < n_front, last + 1, end - first + np.minimum(n_front, first))
