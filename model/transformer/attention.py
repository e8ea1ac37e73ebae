"""One attention for all: MHA, GQA and MQA by `n_kv_heads`, any position scheme, any mask, with a cache or across."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from model.transformer import ops
from model.transformer.cache import LayerCache
from model.transformer.layers import HookPoint, RMSNorm
from model.transformer.passes import LayerAcross, LayerPass

LATENT_EPS = 1e-6
"""Epsilon of the norms of latents, whatever that of the blocks' norms is, as in the reference implementation."""


def tap_heads(hook: HookPoint, flat: Tensor, n_heads: int) -> Tensor:
    """Shows `hook` the heads apart: (batch, pos, head x d_head) as (batch, pos, head, d_head), and flat again."""
    if not hook.listening:
        return flat
    heads = flat.unflatten(-1, (n_heads, -1))
    edited = hook(heads)
    return flat if edited is heads else edited.flatten(-2)


class Heads(nn.Module):
    """What self- and cross-attention share: the projections, the fused op, each head's gate.

    Args:
        bias: whether the projections add one.
        qkv_bias: the same for q, k and v alone; as `bias` unless given.
        d_value: width of a value; d_head unless given.
        d_query, d_latent: width of what q, and of what k and v come out of; d_model unless given.
        d_shared: coordinates of each key that all heads share, and that `k` does not give.
        scale: what the dot products are multiplied by; 1 / sqrt(d_head) unless given.
        softcap: what bounds them then, softly; nothing unless given.
    """

    def __init__(
        self,
        *,
        d_model: int,
        n_heads: int,
        n_kv_heads: int,
        d_head: int,
        bias: bool,
        qkv_bias: bool | None = None,
        d_value: int | None = None,
        d_query: int | None = None,
        d_latent: int | None = None,
        d_shared: int = 0,
        scale: float | None = None,
        softcap: float | None = None,
    ) -> None:
        super().__init__()
        qkv_bias = bias if qkv_bias is None else qkv_bias
        d_value = d_head if d_value is None else d_value
        d_read = d_model if d_latent is None else d_latent
        self.q = nn.Linear(d_model if d_query is None else d_query, n_heads * d_head, bias=qkv_bias)
        self.k = nn.Linear(d_read, n_kv_heads * (d_head - d_shared), bias=qkv_bias)
        self.v = nn.Linear(d_read, n_kv_heads * d_value, bias=qkv_bias)
        self.o = nn.Linear(n_heads * d_value, d_model, bias=bias)
        self.n_heads, self.n_kv_heads, self.d_head = n_heads, n_kv_heads, d_head
        self.scale = d_head**-0.5 if scale is None else scale
        self.softcap = softcap
        self.hook_q, self.hook_k, self.hook_v = HookPoint(), HookPoint(), HookPoint()
        self.hook_pattern, self.hook_z = HookPoint(), HookPoint()

    def _attend(
        self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, past: LayerCache | None
    ) -> tuple[Tensor, LayerCache]:
        """The fused op; the one that also gives the probabilities when somebody listens to them."""
        heads: dict[str, Any] = {"n_heads": self.n_heads, "n_kv_heads": self.n_kv_heads}
        heads |= {"scale": self.scale, "softcap": self.softcap}
        if not self.hook_pattern.listening:
            return ops.attention(q, k, v, mask, past=past, **heads)
        z, present, pattern = ops.attention_with_pattern(q, k, v, mask, past=past, **heads)
        edited = self.hook_pattern(pattern)
        if edited is not pattern:
            value = present[1].repeat_interleave(self.n_heads // self.n_kv_heads, 1)
            z = (edited @ value).transpose(1, 2).flatten(-2)
        return z, present

    def _project_back(self, z: Tensor, head_gate: Tensor | None) -> Tensor:
        """The heads' mixes of values, gated, as an addition to the stream. *Shape:* (batch, query, d_model)."""
        if head_gate is not None:
            z = (z.unflatten(-1, (self.n_heads, -1)) * head_gate[:, None]).flatten(-2)
        return self.o(tap_heads(self.hook_z, z, self.n_heads))


class JointNorm(RMSNorm):
    """One RMSNorm over the coordinates of all heads together; its hook sees the heads apart.

    Args:
        n_heads: which the coordinates belong to.
        d_head: of each.
    """

    def __init__(self, n_heads: int, d_head: int, *, eps: float) -> None:
        super().__init__(n_heads * d_head, eps=eps)
        self.n_heads = n_heads

    def forward(self, x: Tensor) -> Tensor:
        return tap_heads(self.hook_normalized, ops.rms_norm(x, self.weight, self.eps), self.n_heads)


class HeadNorm(RMSNorm):
    """One RMSNorm that each head passes through by itself."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.unflatten(-1, (-1, self.weight.shape[0]))).flatten(-2)


class Attention(Heads):
    """Projects to q, k and v, lets `model.transformer.ops` attend, projects back.

    Args:
        bias, qkv_bias, scale, softcap, widths: as in `Heads`.
        biased_scores: whether the position scheme adds to the scores.
        qk_norm_eps: of the RMSNorm that q and k pass through before any rotation; none unless given.
        qk_norm_joint: whether it is one over all heads together, not one for each by itself.
    """

    def __init__(
        self,
        *,
        d_model: int,
        n_heads: int,
        n_kv_heads: int,
        d_head: int,
        bias: bool,
        biased_scores: bool = False,
        qkv_bias: bool | None = None,
        qk_norm_eps: float | None = None,
        qk_norm_joint: bool = False,
        scale: float | None = None,
        softcap: float | None = None,
        **widths: Any,
    ) -> None:
        super().__init__(
            d_model=d_model,
            n_heads=n_heads,
            n_kv_heads=n_kv_heads,
            d_head=d_head,
            bias=bias,
            qkv_bias=qkv_bias,
            scale=scale,
            softcap=softcap,
            **widths,
        )

        def norm(heads: int) -> JointNorm | HeadNorm | None:
            if qk_norm_eps is None:
                return None
            return JointNorm(heads, d_head, eps=qk_norm_eps) if qk_norm_joint else HeadNorm(d_head, eps=qk_norm_eps)

        self.q_norm, self.k_norm = norm(n_heads), norm(n_kv_heads)
        self.hook_rot_q, self.hook_rot_k = HookPoint(), HookPoint()
        if biased_scores:
            self.hook_attn_bias = HookPoint()

    def forward(self, x: Tensor, layer_pass: LayerPass) -> tuple[Tensor, LayerCache]:
        """Lets every token look at the tokens that the mask of the pass allows. x: *Shape:* (batch, query, d_model).

        Returns:
            What attention adds to the residual stream, *Shape:* (batch, query, d_model), and the cache grown by x.
        """
        q, k, v = self._projected(x)
        q = tap_heads(self.hook_q, q, self.n_heads)
        k = tap_heads(self.hook_k, k, self.n_kv_heads)
        v = tap_heads(self.hook_v, v, self.n_kv_heads)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        scheme, q_positions = layer_pass.scheme, layer_pass.q_positions
        q, k = scheme.rotate(q, k, q_positions, self.n_heads, self.n_kv_heads)
        q = tap_heads(self.hook_rot_q, q, self.n_heads)
        k = tap_heads(self.hook_rot_k, k, self.n_kv_heads)
        mask = layer_pass.mask[:, None]
        bias = self._bias(q, k, layer_pass)
        if bias is not None:
            mask = self.hook_attn_bias(bias.to(q.dtype)).masked_fill(~mask, float("-inf"))
        z, present = self._attend(q, k, v, mask, layer_pass.past)
        return self._project_back(z, layer_pass.head_gate), present

    def _bias(self, q: Tensor, k: Tensor, layer_pass: LayerPass) -> Tensor | None:
        """What positions add to the scores, *Shape:* (batch, head, query, key)."""
        return layer_pass.scheme.bias(layer_pass.q_positions, layer_pass.k_positions)

    def _projected(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """q, k and v before any norm or rotation. *Shape:* (batch, query, heads x their width) each."""
        return self.q(x), self.k(x), self.v(x)


class LatentAttention(Attention):
    """Multi-head latent attention: k and v of all heads out of one narrow vector, but for the coordinates of k that
    RoPE turns, which all heads share; q out of a narrow one too, or straight from x (DeepSeek-AI 2024, eq. 9-19).

    The cache holds k and v as they come out. The latent and the shared coordinates would suffice, for a program that
    makes k and v of them again at every step, or takes the matrices together (section 2.1.2 there).

    Args:
        bias: whether the ways down and the way back add one; those up add none.
        d_head: width of q and k, of which the first `d_rope` are for RoPE.
        d_value: width of v.
        rank: width of the latent.
        query_rank: width of what q comes out of; none such unless given.
        scale: as in `Heads`.
    """

    def __init__(
        self,
        *,
        d_model: int,
        n_heads: int,
        d_head: int,
        bias: bool,
        rank: int,
        d_rope: int,
        d_value: int,
        query_rank: int | None = None,
        scale: float | None = None,
        softcap: float | None = None,
    ) -> None:
        super().__init__(
            d_model=d_model,
            n_heads=n_heads,
            n_kv_heads=n_heads,
            d_head=d_head,
            bias=bias,
            qkv_bias=False,
            scale=scale,
            softcap=softcap,
            d_value=d_value,
            d_query=query_rank,
            d_latent=rank,
            d_shared=d_rope,
        )
        self.latent = nn.Linear(d_model, rank, bias=bias)
        self.latent_norm = RMSNorm(rank, eps=LATENT_EPS)
        self.shared_k = nn.Linear(d_model, d_rope, bias=bias)
        self.q_latent = None if query_rank is None else nn.Linear(d_model, query_rank, bias=bias)
        self.q_latent_norm = None if query_rank is None else RMSNorm(query_rank, eps=LATENT_EPS)

    def _projected(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        latent = self.latent_norm(self.latent(x))
        shared = self.shared_k(x).unsqueeze(-2).expand(-1, -1, self.n_heads, -1)
        k = torch.cat([shared, self.k(latent).unflatten(-1, (self.n_heads, -1))], dim=-1).flatten(-2)
        if self.q_latent is not None and self.q_latent_norm is not None:
            x = self.q_latent_norm(self.q_latent(x))
        return self.q(x), k, self.v(latent)


class CrossAttention(Heads):
    """Queries of one stream, keys and values of another, which stay the same while the first one grows."""

    def __init__(self, *, d_model: int, n_heads: int, d_head: int, bias: bool, scale: float | None = None) -> None:
        super().__init__(d_model=d_model, n_heads=n_heads, n_kv_heads=n_heads, d_head=d_head, bias=bias, scale=scale)

    def keys_and_values(self, other: Tensor) -> LayerCache:
        """What `forward` looks at; compute it once. other: *Shape:* (batch, key, d_model)."""
        k = tap_heads(self.hook_k, self.k(other), self.n_kv_heads)
        v = tap_heads(self.hook_v, self.v(other), self.n_kv_heads)
        return k, v

    def forward(self, x: Tensor, across: LayerAcross) -> Tensor:
        """Lets every token look at the tokens of the other stream that the mask allows.

        Args:
            x: *Shape:* (batch, query, d_model).
            across: what `keys_and_values` returned, and who may look at it.

        Returns:
            What attention adds to the residual stream, *Shape:* (batch, query, d_model).
        """
        q = tap_heads(self.hook_q, self.q(x), self.n_heads)
        z, _ = self._attend(q, *across.keys_and_values, across.mask[:, None], None)
        return self._project_back(z, across.head_gate)
