"""Who may attend to whom: pure functions of query and key positions. True means *may attend*.

Positions are explicit, so a cache cannot shift a mask. Masks combine with `&`.

Axes: batch, query, key. Every function maps (batch, query) and (batch, key) positions to (batch, query, key).
"""

from __future__ import annotations

import torch
from torch import Tensor


def restrict(mask: Tensor, attention_mask: Tensor | None) -> Tensor:
    """A model's own mask, less what its caller's attention_mask does not allow. *Shape:* (batch, query, key).

    Raises:
        ValueError: attention_mask is not boolean with axes (batch or 1, query or 1, key). One of 0 and 1 for each
            token, as tokenizers give it, would otherwise be added to the scores.
    """
    if attention_mask is None:
        return mask
    if attention_mask.dtype != torch.bool or attention_mask.dim() != 3:
        shape = tuple(attention_mask.shape)
        raise ValueError(f"attention_mask is {attention_mask.dtype} {shape}; give bool (batch, query, key)")
    return mask & attention_mask


def bidirectional(q_positions: Tensor, k_positions: Tensor) -> Tensor:
    """Everybody."""
    return (q_positions[:, :, None] >= 0) & (k_positions[:, None, :] >= 0)


def causal(q_positions: Tensor, k_positions: Tensor) -> Tensor:
    """Only itself and what came before."""
    return k_positions[:, None, :] <= q_positions[:, :, None]


def padding(is_token: Tensor) -> Tensor:
    """Only real tokens. is_token: bool, *Shape:* (batch, key). Returns *Shape:* (batch, 1, key)."""
    return is_token[:, None, :]


def sliding_window(q_positions: Tensor, k_positions: Tensor, window: int) -> Tensor:
    """Only the last `window` tokens, the token itself counted (Jiang et al. 2023, sec. 2). Combine with `causal`."""
    return k_positions[:, None, :] > q_positions[:, :, None] - window


def strided(q_positions: Tensor, k_positions: Tensor, stride: int) -> Tensor:
    """The last `stride` tokens, and every `stride`-th before them (Child et al. 2019, sec. 4.3)."""
    distance = q_positions[:, :, None] - k_positions[:, None, :]
    return (distance >= 0) & ((distance < stride) | (distance % stride == 0))


def fixed(q_positions: Tensor, k_positions: Tensor, stride: int, summary: int) -> Tensor:
    """Its own block of `stride` tokens, and the last `summary` tokens of every block (Child et al. 2019, sec. 4.3)."""
    q, k = q_positions[:, :, None], k_positions[:, None, :]
    same_block = q // stride == k // stride
    return (k <= q) & (same_block | (k % stride >= stride - summary))


def longformer(q_positions: Tensor, k_positions: Tensor, window: int, global_positions: Tensor) -> Tensor:
    """A window on both sides, and global tokens that see and are seen by all (Beltagy et al. 2020, sec. 3.1).

    Args:
        window: how many tokens besides the token itself, half of them on each side.
        global_positions: of the global tokens, *Shape:* (n_global,).
    """
    near = (q_positions[:, :, None] - k_positions[:, None, :]).abs() <= window // 2
    sees_all = torch.isin(q_positions, global_positions)[:, :, None]
    seen_by_all = torch.isin(k_positions, global_positions)[:, None, :]
    return near | sees_all | seen_by_all


def bigbird(q_positions: Tensor, k_positions: Tensor, block: int, n_global: int, random_blocks: Tensor) -> Tensor:
    """Blocks of tokens: each sees itself, its two neighbours and a few at random; the first see and are seen by all.

    The block-sparse form of Zaheer et al. 2020 (sec. 2 and appendix D), global tokens being those of the text.

    Args:
        block: tokens in a block.
        n_global: how many blocks in front are global.
        random_blocks: which blocks each block sees at random, as `draw_random_blocks` gives them.
    """
    q, k = q_positions // block, k_positions // block
    near = (q[:, :, None] - k[:, None, :]).abs() <= 1
    is_global = (q < n_global)[:, :, None] | (k < n_global)[:, None, :]
    drawn = (random_blocks.to(q.device)[q][:, :, None, :] == k[:, None, :, None]).any(dim=-1)
    return near | is_global | drawn


def draw_random_blocks(n_blocks: int, n_random: int, seed: int) -> Tensor:
    """For each of `n_blocks` blocks, `n_random` different ones. *Shape:* (n_blocks, n_random).

    The same seed gives the same blocks; draw for the whole context, so that they stay while a text grows.
    """
    if not 0 <= n_random <= n_blocks:
        raise ValueError(f"n_random is {n_random}; choose between 0 and n_blocks = {n_blocks}")
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n_blocks, n_blocks, generator=generator).argsort(dim=-1)[:, :n_random]


def document(q_documents: Tensor, k_documents: Tensor) -> Tensor:
    """Only tokens of the same document, for packed sequences. Takes document numbers in place of positions."""
    return q_documents[:, :, None] == k_documents[:, None, :]
