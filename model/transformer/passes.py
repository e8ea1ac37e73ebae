"""What a forward pass tells its blocks besides the stream: where tokens stand, who may look at whom, what came before.

A model makes one `Pass` a call and hands `at(layer)` to each block; a decoder that looks across at another stream makes
an `Across` as well. Both are values: a module keeps nothing of a pass.

Axes: batch; query, the tokens of this call; key, those of the past and of this call; head; expert.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model import masks
from model.config import Stack
from model.transformer import cache
from model.transformer.cache import Cache, CrossCache, LayerCache
from model.transformer.positions import PositionScheme


@dataclass(frozen=True)
class LayerPass:
    """A pass as one block has it."""

    scheme: PositionScheme
    """How positions enter."""
    q_positions: Tensor
    """Of the tokens in the stream, *Shape:* (batch, query)."""
    k_positions: Tensor
    """Of the past and of the stream, *Shape:* (batch, key)."""
    mask: Tensor
    """True where attending is allowed, *Shape:* (batch, query, key)."""
    past: LayerCache | None = None
    """Keys and values of the tokens before the stream, *Shape:* (batch, kv_head, past, d_head) each."""
    head_gate: Tensor | None = None
    """What each head's output is multiplied by, *Shape:* (n_heads,)."""
    expert_bias: Tensor | None = None
    """What is added to the router logits, *Shape:* (n_experts,)."""


@dataclass(frozen=True)
class Pass:
    """A pass as all blocks of a stack share it."""

    schemes: tuple[PositionScheme, ...]
    """By layer."""
    q_positions: Tensor
    k_positions: Tensor
    masks: tuple[Tensor, ...]
    """By layer; layers of one window share one tensor."""
    past: Cache | None = None
    head_gate: Tensor | None = None
    """*Shape:* (n_layers, n_heads)."""
    expert_bias: Tensor | None = None
    """*Shape:* (n_layers, n_experts)."""

    @classmethod
    def over(
        cls,
        tokens: Tensor,
        stack: Stack,
        scheme: PositionScheme,
        *,
        window_scheme: PositionScheme | None = None,
        past: Cache | None = None,
        attention_mask: Tensor | None = None,
        head_gate: Tensor | None = None,
        expert_bias: Tensor | None = None,
    ) -> Pass:
        """The pass of a stack's blocks over tokens that continue `past`.

        Args:
            tokens: anything that has a row for each text and a place for each token, *Shape:* (batch, query, ...).
            stack: who may read whom, in which block.
            window_scheme: how positions enter in blocks with a window; as in the others unless given.
            attention_mask: True where that is not forbidden, *Shape:* (batch or 1, query or 1, key).

        Raises:
            ValueError: an attention_mask that is not boolean with three axes.
        """
        n_past = cache.length(past)
        k_positions = torch.arange(n_past + tokens.shape[1], device=tokens.device).expand(tokens.shape[0], -1)
        q_positions = k_positions if past is None else k_positions[:, n_past:]
        reaches = masks.causal if stack.causal else masks.bidirectional
        mask = masks.restrict(reaches(q_positions, k_positions), attention_mask)
        windowed = {
            window: mask if window is None else mask & masks.within(q_positions, k_positions, window, stack.causal)
            for window in set(stack.windows)
        }
        by_layer = tuple(windowed[window] for window in stack.windows)
        windows = scheme if window_scheme is None else window_scheme
        schemes = tuple(scheme if window is None else windows for window in stack.windows)
        return cls(schemes, q_positions, k_positions, by_layer, past, head_gate, expert_bias)

    def at(self, layer: int) -> LayerPass:
        """What one block is told."""
        return LayerPass(
            self.schemes[layer],
            self.q_positions,
            self.k_positions,
            self.masks[layer],
            None if self.past is None else self.past[layer],
            None if self.head_gate is None else self.head_gate[layer],
            None if self.expert_bias is None else self.expert_bias[layer],
        )


@dataclass(frozen=True)
class LayerAcross:
    """What one block's cross-attention looks at."""

    keys_and_values: LayerCache
    """As `CrossAttention.keys_and_values` computes them, *Shape:* (batch, key, head x d_head) each."""
    mask: Tensor
    """True where looking across is allowed, *Shape:* (batch, query, key)."""
    head_gate: Tensor | None = None
    """What each head's output is multiplied by, *Shape:* (n_heads,)."""


@dataclass(frozen=True)
class Across:
    """What the cross-attentions of a stack look at. Here key stands for the tokens of the other stream."""

    cross: CrossCache
    mask: Tensor
    head_gate: Tensor | None = None
    """*Shape:* (n_layers, n_heads)."""

    @classmethod
    def over(
        cls, q_positions: Tensor, cross: CrossCache, cross_mask: Tensor | None = None, head_gate: Tensor | None = None
    ) -> Across:
        """From tokens at some positions to all of the other stream that `cross_mask` allows.

        Raises:
            ValueError: a cross_mask that is not boolean with three axes.
        """
        read = torch.arange(cross[0][0].shape[1], device=q_positions.device).expand(q_positions.shape[0], -1)
        return cls(cross, masks.restrict(masks.bidirectional(q_positions, read), cross_mask), head_gate)

    def at(self, layer: int) -> LayerAcross:
        """What one block's cross-attention is told."""
        return LayerAcross(self.cross[layer], self.mask, None if self.head_gate is None else self.head_gate[layer])
