"""What a mask saves and what it costs: pairs, attention lost, and how far news travels. No torch.

Axes: head, query, key.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NEVER = 255
"""In `steps_to_reach`: not within the model's layers."""


def mass_lost(pattern: NDArray[np.floating], allowed: NDArray[np.bool_]) -> NDArray[np.floating]:
    """The attention of a pass without the mask that falls on what the mask forbids. *Shape:* (..., query).

    Args:
        pattern: attention probabilities, *Shape:* (..., query, key).
        allowed: *Shape:* (query, key).
    """
    lost: NDArray[np.floating] = np.where(allowed, 0, pattern).sum(axis=-1)
    return lost


def steps_to_reach(allowed: NDArray[np.bool_], n_layers: int) -> NDArray[np.uint8]:
    """After how many layers, at the least, what stood at a key can be heard at a query. *Shape:* (query, key).

    0 for a token itself, whose residual stream goes straight through; else the first power of the boolean matrix
    (allowed or the same token) that has the pair; `NEVER` if none up to n_layers has.
    """
    once = allowed | np.eye(len(allowed), dtype=np.bool_)
    steps = np.where(np.eye(len(allowed), dtype=np.bool_), 0, NEVER).astype(np.uint8)
    reached = np.eye(len(allowed), dtype=np.float32)
    for layer in range(1, n_layers + 1):
        reached = np.minimum(reached @ once.astype(np.float32), 1)
        steps[(reached > 0) & (steps == NEVER)] = layer
    return steps


def multiply_adds(pairs: int, d_head: int, n_heads: int, n_layers: int) -> int:
    """What attention multiplies and adds for so many pairs: q · k, and probability times v, in every head and layer."""
    return 2 * d_head * pairs * n_heads * n_layers


def keys_of(kind: str, numbers: tuple[int, ...], n_tokens: int, causal: bool) -> NDArray[Any]:
    """How many keys each query of a text may attend to, by formula: no square is made. *Shape:* (n_tokens,).

    Args:
        kind, numbers: "none" (the model as it is), "window" (w), "strided" (stride), "fixed" (stride, summary),
            "longformer" (window, global tokens in front) or "bigbird" (block, global blocks, random blocks, seed), as
            in `model.masks`. The random blocks count by their expectation over all draws, with their overlap.
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
        chance = min(n_random, n_blocks) / n_blocks
        keys = end - first + np.minimum(n_front, first) + chance * elsewhere
        return np.where(at < n_global, last + 1, keys)
    reach = numbers[0] - 1 if kind == "window" else numbers[0] // 2
    n_front = 0 if kind == "window" else numbers[1]
    first, end = np.maximum(0, q - reach), np.minimum(last, q + reach) + 1
    return np.where(q < n_front, last + 1, end - first + np.minimum(n_front, first))
