"""The semantic ops: attention, rotary, rms_norm and moe, each a readable reference body behind one name.

Each op but one is registered as `CompositeImplicitAutograd`: eager mode, autograd and `torch.compile` see straight
through to the body below, while `torch.export` keeps the call as one node, in whose place a translator can put one
fused kernel. Nothing here knows of any.

Axes: B batch, Q query, K key, P past, H head, G kv_head, D d_head, E expert, F d_expert, C d_model. The 3-D layout
(batch, sequence, heads x d_head) is the one that fused kernels take without a transpose.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_library = torch.library.Library("cutaway", "DEF")


def _with_past(heads: Tensor, past: Tensor | None, n_heads: int) -> Tensor:
    """(B, S, heads x D) as (B, heads, P + S, D), the past in front."""
    heads = heads.unflatten(-1, (n_heads, -1)).transpose(1, 2)
    return heads if past is None else torch.cat([past, heads], dim=2)


def _additive(mask: Tensor, like: Tensor) -> Tensor:
    """A mask as something to add to scores: 0 where a key may be attended to, minus infinity elsewhere."""
    if mask.dtype != torch.bool:
        return mask.to(like.dtype)
    return torch.zeros_like(mask, dtype=like.dtype).masked_fill(~mask, float("-inf"))


def _attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor,
    past_key: Tensor | None,
    past_value: Tensor | None,
    n_heads: int,
    n_kv_heads: int,
    scale: float,
    softcap: float,
) -> tuple[Tensor, Tensor, Tensor]:
    if softcap:  # PyTorch's own has none
        z, key, value, _ = _attention_with_pattern(
            q, k, v, mask, past_key, past_value, n_heads, n_kv_heads, scale, softcap
        )
        return z, key, value
    queries = q.unflatten(-1, (n_heads, -1)).transpose(1, 2)
    key = _with_past(k, past_key, n_kv_heads)
    value = _with_past(v, past_value, n_kv_heads)
    group = n_heads // n_kv_heads
    z = F.scaled_dot_product_attention(
        queries, key.repeat_interleave(group, 1), value.repeat_interleave(group, 1), attn_mask=mask, scale=scale
    )
    return z.transpose(1, 2).flatten(-2), key, value


def _attention_with_pattern(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor,
    past_key: Tensor | None,
    past_value: Tensor | None,
    n_heads: int,
    n_kv_heads: int,
    scale: float,
    softcap: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    queries = q.unflatten(-1, (n_heads, -1)).transpose(1, 2)
    key = _with_past(k, past_key, n_kv_heads)
    value = _with_past(v, past_value, n_kv_heads)
    group = n_heads // n_kv_heads
    scores = queries @ key.repeat_interleave(group, 1).mT * scale
    if softcap:
        scores = softcap * (scores / softcap).tanh()
    scores = scores + _additive(mask, queries)
    # A query that may attend to nothing gets zeros, not NaN: a painted mask can do that.
    nothing = scores.isneginf().all(dim=-1, keepdim=True)
    pattern = scores.masked_fill(nothing, 0.0).softmax(dim=-1).masked_fill(nothing, 0.0)
    z = pattern @ value.repeat_interleave(group, 1)
    return z.transpose(1, 2).flatten(-2), key, value, pattern


def _rotary(x: Tensor, cos: Tensor, sin: Tensor, n_heads: int) -> Tensor:
    heads = x.unflatten(-1, (n_heads, -1))
    d_rotated = 2 * cos.shape[-1]
    first, second = heads[..., :d_rotated].chunk(2, dim=-1)
    cos, sin = cos.unsqueeze(-2), sin.unsqueeze(-2)
    rotated = [first * cos - second * sin, first * sin + second * cos, heads[..., d_rotated:]]
    return torch.cat(rotated, dim=-1).flatten(-2)


def _rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + eps) * weight


def _moe(x: Tensor, router_logits: Tensor, w_in: Tensor, w_out: Tensor, top_k: int) -> Tensor:
    tokens = x.flatten(0, -2)
    weights, chosen = router_logits.flatten(0, -2).softmax(dim=-1).topk(top_k, dim=-1)
    weights = weights / weights.sum(dim=-1, keepdim=True)
    w_gate, w_up = w_in.unflatten(1, (-1, 2)).unbind(dim=2)
    out = torch.zeros_like(tokens)
    for expert, (gate, up, down) in enumerate(zip(w_gate.unbind(), w_up.unbind(), w_out.unbind(), strict=True)):
        rows, choice = torch.where(chosen == expert)
        routed = tokens[rows]
        mixed = (F.silu(routed @ gate.mT) * (routed @ up.mT)) @ down.mT
        out = out.index_add(0, rows, mixed * weights[rows, choice, None])
    return out.view_as(x)


_ATTENTION_ARGUMENTS = (
    "Tensor q, Tensor k, Tensor v, Tensor mask, Tensor? past_key, Tensor? past_value, "
    "int n_heads, int n_kv_heads, float scale, float softcap"
)
_library.define(f"attention({_ATTENTION_ARGUMENTS}) -> (Tensor, Tensor, Tensor)")
_library.define(f"attention_with_pattern({_ATTENTION_ARGUMENTS}) -> (Tensor, Tensor, Tensor, Tensor)")
_library.define("rotary(Tensor x, Tensor cos, Tensor sin, int n_heads) -> Tensor")
_library.define("rms_norm(Tensor x, Tensor weight, float eps) -> Tensor")
_library.define("moe(Tensor x, Tensor router_logits, Tensor w_in, Tensor w_out, int top_k) -> Tensor")
_library.impl("attention", _attention, "CompositeImplicitAutograd")
_library.impl("attention_with_pattern", _attention_with_pattern, "CompositeImplicitAutograd")
_library.impl("rotary", _rotary, "CompositeImplicitAutograd")
_library.impl("rms_norm", _rms_norm, "CompositeImplicitAutograd")
# How many rows an expert gets depends on the data, which a tracer cannot see through: this op is opaque to it, and
# only a tracer calls it (see `moe` below).
_library.impl("moe", _moe, "CompositeExplicitAutograd")
torch.library.register_fake("cutaway::moe", lambda x, *_: torch.empty_like(x), lib=_library)


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor,
    *,
    past: tuple[Tensor, Tensor] | None,
    n_heads: int,
    n_kv_heads: int,
    scale: float,
    softcap: float | None = None,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """softmax(q k^T scale + mask) v, head by head (Vaswani et al. 2017, eq. 1).

    Args:
        q: *Shape:* (B, Q, H x D).
        k, v: *Shape:* (B, K - P, G x D); query head h reads kv head h // (H / G) (GQA, Ainslie et al. 2023).
        mask: bool, True where attending is allowed, or float, added to the scores. *Shape:* (B, 1 or H, Q, K). A query
            that may attend to nothing mixes nothing: zeros.
        past: keys and values of earlier tokens, *Shape:* (B, G, P, D) each.
        scale: what the dot products are multiplied by; 1 / sqrt(D) in most models, 1 in T5.
        softcap: given, the scaled dot products s become softcap tanh(s / softcap) before the mask (Gemma 2).

    Returns:
        The mixed values, *Shape:* (B, Q, H x D), and the keys and values of all K tokens, *Shape:* (B, G, K, D) each.
    """
    z, key, value = torch.ops.cutaway.attention(
        q, k, v, mask, *(past or (None, None)), n_heads, n_kv_heads, scale, softcap or 0.0
    )
    return z, (key, value)


def attention_with_pattern(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor,
    *,
    past: tuple[Tensor, Tensor] | None,
    n_heads: int,
    n_kv_heads: int,
    scale: float,
    softcap: float | None = None,
) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
    """`attention` that also returns the probabilities, *Shape:* (B, H, Q, K)."""
    z, key, value, pattern = torch.ops.cutaway.attention_with_pattern(
        q, k, v, mask, *(past or (None, None)), n_heads, n_kv_heads, scale, softcap or 0.0
    )
    return z, (key, value), pattern


def rotary(x: Tensor, cos: Tensor, sin: Tensor, n_heads: int) -> Tensor:
    """Rotates pairs of a head's coordinates by the angles of RoPE (Su et al. 2021, eq. 34).

    Coordinate i is paired with i + R / 2, the "half" layout of Llama; coordinates from R on stay as they are.

    Args:
        x: *Shape:* (B, Q, heads x D).
        cos, sin: of each position's angles, *Shape:* (B, Q, R / 2).
    """
    return torch.ops.cutaway.rotary(x, cos, sin, n_heads)


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Divides x by its root mean square over the last axis, times weight (Zhang & Sennrich 2019, eq. 4)."""
    return torch.ops.cutaway.rms_norm(x, weight, eps)


def moe(x: Tensor, router_logits: Tensor, w_in: Tensor, w_out: Tensor, top_k: int) -> Tensor:
    """Each token's top_k SwiGLU experts, weighted by a softmax over their router logits (Jiang et al. 2024, sec. 2.1).

    Args:
        x: *Shape:* (..., C).
        router_logits: minus infinity gives an expert no weight; one at least is finite. *Shape:* (..., E).
        w_in: rows of gate and up projection interleaved, *Shape:* (E, 2 F, C).
        w_out: *Shape:* (E, C, F).
    """
    body = torch.ops.cutaway.moe if torch.compiler.is_exporting() else _moe
    return body(x, router_logits, w_in, w_out, top_k)
