"""Who may attend to whom: pure functions of query and key positions. True means *may attend*.

Positions are explicit, so a cache cannot shift a mask. Masks combine with `&`. One body serves torch and NumPy: it uses
only what both spell alike, and what comes out is of the kind that went in. So the page masks without torch.

Axes: batch, query, key. Every function maps (batch, query) and (batch, key) positions to (batch, query, key).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = Any
"""A torch.Tensor or a NumPy array."""


def restrict(mask: Array, attention_mask: Array | None) -> Array:
    """A model's own mask, less what its caller's attention_mask does not allow. *Shape:* (batch, query, key).

    Raises:
        ValueError: attention_mask is not boolean with axes (batch or 1, query or 1, key). One of 0 and 1 for each
            token, as tokenizers give it, would otherwise be added to the scores.
    """
    if attention_mask is None:
        return mask
    if attention_mask.dtype != mask.dtype or attention_mask.ndim != 3:
        shape = tuple(attention_mask.shape)
        raise ValueError(f"attention_mask is {attention_mask.dtype} {shape}; give bool (batch, query, key)")
    return mask & attention_mask


def bidirectional(q_positions: Array, k_positions: Array) -> Array:
    """Everybody."""
    return (q_positions[:, :, None] >= 0) & (k_positions[:, None, :] >= 0)


def causal(q_positions: Array, k_positions: Array) -> Array:
    """Only itself and what came before."""
    return k_positions[:, None, :] <= q_positions[:, :, None]


def padding(is_token: Array) -> Array:
    """Only real tokens. is_token: bool, *Shape:* (batch, key). Returns *Shape:* (batch, 1, key)."""
    return is_token[:, None, :]


def sliding_window(q_positions: Array, k_positions: Array, window: int) -> Array:
    """Only the last `window` tokens, the token itself counted (Jiang et al. 2023, sec. 2). Combine with `causal`."""
    return k_positions[:, None, :] > q_positions[:, :, None] - window


def both_sides(q_positions: Array, k_positions: Array, window: int) -> Array:
    """Fewer than `window` tokens away, the token itself counted, on either side (ModernBERT's local attention)."""
    return abs(q_positions[:, :, None] - k_positions[:, None, :]) < window


def within(q_positions: Array, k_positions: Array, window: int, causal: bool) -> Array:
    """A block's window: of a causal stack the last tokens, combined with `causal`; else those on both sides."""
    return (sliding_window if causal else both_sides)(q_positions, k_positions, window)


def strided(q_positions: Array, k_positions: Array, stride: int) -> Array:
    """The last `stride` tokens, and every `stride`-th before them (Child et al. 2019, sec. 4.3)."""
    distance = q_positions[:, :, None] - k_positions[:, None, :]
    return (distance >= 0) & ((distance < stride) | (distance % stride == 0))


def fixed(q_positions: Array, k_positions: Array, stride: int, summary: int) -> Array:
    """Its own block of `stride` tokens, and the last `summary` tokens of every block (Child et al. 2019, sec. 4.3)."""
    q, k = q_positions[:, :, None], k_positions[:, None, :]
    same_block = q // stride == k // stride
    return (k <= q) & (same_block | (k % stride >= stride - summary))


def longformer(q_positions: Array, k_positions: Array, window: int, global_positions: Array) -> Array:
    """A window on both sides, and global tokens that see and are seen by all (Beltagy et al. 2020, sec. 3.1).

    Args:
        window: how many tokens besides the token itself, half of them on each side.
        global_positions: of the global tokens, *Shape:* (n_global,).
    """
    near = abs(q_positions[:, :, None] - k_positions[:, None, :]) <= window // 2
    sees_all = (q_positions[:, :, None] == global_positions).any(-1)[:, :, None]
    seen_by_all = (k_positions[:, :, None] == global_positions).any(-1)[:, None, :]
    return near | sees_all | seen_by_all


def bigbird(q_positions: Array, k_positions: Array, block: int, n_global: int, random_blocks: Array) -> Array:
    """Blocks of tokens: each sees itself, its two neighbours and a few at random; the first see and are seen by all.

    The block-sparse form of Zaheer et al. 2020 (sec. 2 and appendix D), global tokens being those of the text.

    Args:
        block: tokens in a block.
        n_global: how many blocks in front are global.
        random_blocks: which blocks each block sees at random, -1 for none, as `draw_random_blocks` gives them; of the
            kind of the positions.
    """
    q, k = q_positions // block, k_positions // block
    near = abs(q[:, :, None] - k[:, None, :]) <= 1
    is_global = (q < n_global)[:, :, None] | (k < n_global)[:, None, :]
    drawn = (random_blocks[q][:, :, None, :] == k[:, None, :, None]).any(-1)
    return near | is_global | drawn


def draw_random_blocks(n_blocks: int, n_global: int, n_random: int, seed: int, causal: bool) -> NDArray[np.int64]:
    """For each of the `n_blocks` blocks of a text, `n_random` of those that it does not see anyway.

    So the reference implementation draws (google-research/bigbird, `core/attention.py`). Every pair of blocks draws a
    number, and a block sees those of its lowest. The pairs of a shorter text are numbered before all others, so that
    what looks back only sees the same while the text grows.

    Args:
        n_global: how many blocks in front are global.
        causal: whether only blocks that lie behind are drawn.

    Returns:
        *Shape:* (n_blocks, at most n_random), -1 where no other block is left to draw.
    """
    if n_random < 0:
        raise ValueError(f"n_random is {n_random}; choose 0 or more")
    q, k = np.arange(n_blocks)[:, None], np.arange(n_blocks)[None]
    later = np.maximum(q, k)
    drawn = np.random.default_rng(seed).random(n_blocks**2)[later**2 + later + q - k]
    left = (abs(q - k) > 1) & (q >= n_global) & (k >= n_global) & ((k < q) | (not causal))
    order: NDArray[np.int64] = np.where(left, drawn, np.inf).argsort(axis=-1)
    return np.where(np.take_along_axis(left, order, axis=-1), order, -1)[:, :n_random]


def document(q_documents: Array, k_documents: Array) -> Array:
    """Only tokens of the same document, for packed sequences. Takes document numbers in place of positions."""
    return q_documents[:, :, None] == k_documents[:, None, :]
