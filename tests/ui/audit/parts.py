"""What a pass leaves behind, what a person may change in it, and the two parts that take note: attention and experts.

Axes: pos (query, key), head, d_model. A *place* is "text", or a T5's "encoder", "decoder", "cross".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tests.ui.audit.leaves import Array, linear, rotated, silu, softmax


@dataclass(frozen=True)
class Changes:
    """What a person changes in a model."""

    mask: NDArray[np.bool_] | None = None
    """What is allowed of the text's own attention, a T5's encoder's. *Shape:* (query, key)."""
    heads_off: frozenset[tuple[str, int, int]] = frozenset()
    """By place, layer and head."""
    expert_bias: tuple[tuple[int, int, float], ...] = ()
    """By block and expert: what is added to the router's logit; minus infinity where the expert is off."""
    neurons: tuple[tuple[str, int, int | None, int, float], ...] = ()
    """By stack, block, expert where there are some, and number: what a neuron is multiplied by."""


UNTOUCHED = Changes()


@dataclass
class Pass:
    """What one text left behind in one model."""

    patterns: dict[str, list[Array]] = field(default_factory=lambda: defaultdict(list))
    """By place and layer. *Shape:* (head, query, key)."""
    heads: dict[str, list[tuple[Array, Array, Array]]] = field(default_factory=lambda: defaultdict(list))
    """Queries and keys as the dot product sees them, and values, by place and layer. *Shape:* (pos, head, d_head)."""
    added: dict[str, list[Array]] = field(default_factory=lambda: defaultdict(list))
    """What each part adds to a stream, in order. *Shape:* (pos, d_model)."""
    stream: dict[str, list[Array]] = field(default_factory=lambda: defaultdict(list))
    """Each stream before the first block, and after every part. *Shape:* (pos, d_model)."""
    bias: dict[str, Array] = field(default_factory=dict)
    """What the position scheme adds to the scores, by place, if anything. *Shape:* (head, query, key)."""
    mixed: dict[str, list[Array]] = field(default_factory=lambda: defaultdict(list))
    """Each head's mix of values, by place and layer. *Shape:* (pos, head, d_head)."""
    router_logits: list[Array] = field(default_factory=list)
    """At each block with experts. *Shape:* (pos, expert), as those below."""
    router: list[Array] = field(default_factory=list)
    """Their softmax. *Shape:* (pos, expert)."""
    weights: list[Array] = field(default_factory=list)
    """What each expert's output is multiplied by; 0 where it is not chosen. *Shape:* (pos, expert)."""
    logits: Array = field(default_factory=lambda: np.empty(0))
    """*Shape:* (pos, d_vocab)."""
    changes: Changes = UNTOUCHED


def attend(
    left: Pass,
    place: str,
    block: Mapping[str, Array],
    part: str,
    asks: Array,
    reads: Array,
    bias: Array,
    may: NDArray[np.bool_],
    scale: float,
    shape: tuple[int, int, int],
    angles: Array | None,
) -> Array:
    """softmax(q k^T x scale + bias) v, back to the stream (Vaswani et al. 2017, eq. 1). *Shape:* (query, d_model)."""
    n_heads, n_kv_heads, d_head = shape
    q, k, v = (linear(block, f"{part}.{name}", x) for name, x in zip("qkv", (asks, reads, reads), strict=True))
    q = q.reshape(len(q), n_heads, d_head)
    k, v = (rows.reshape(len(rows), n_kv_heads, d_head) for rows in (k, v))
    if angles is not None:
        q, k = rotated(q, angles), rotated(k, angles)
    left.heads[place].append((q, k, v))
    k, v = (np.repeat(rows, n_heads // n_kv_heads, axis=1) for rows in (k, v))
    scores = q.transpose(1, 0, 2) @ k.transpose(1, 2, 0) * scale + bias
    if left.changes.mask is not None and place in ("text", "encoder"):
        may = may & left.changes.mask
    pattern = softmax(np.where(may, scores, -np.inf))
    layer = len(left.patterns[place])
    left.patterns[place].append(pattern)
    mixed = (pattern @ v.transpose(1, 0, 2)).transpose(1, 0, 2)
    mixed[:, [head for at, its, head in left.changes.heads_off if (at, its) == (place, layer)]] = 0
    left.mixed[place].append(mixed)
    added = linear(block, f"{part}.o", mixed.reshape(len(asks), -1))
    left.added[place].append(added)
    return added


def experts(left: Pass, block: Mapping[str, Array], x: Array, top_k: int, layer: int) -> Array:
    """The top k of a softmax over all experts, renormalized, of SwiGLU experts (Jiang et al. 2024, sec. 2.1).

    In the file, an expert's gate and up rows alternate.
    """
    logits = x @ block["mlp.router.weight"].T
    for at, expert, bias in left.changes.expert_bias:
        logits[:, expert] += bias if at == layer else 0
    probabilities = softmax(logits)
    order = np.argsort(-probabilities, axis=-1, kind="stable")[:, :top_k]
    weights = np.zeros_like(probabilities)
    np.put_along_axis(weights, order, np.take_along_axis(probabilities, order, -1), -1)
    weights /= weights.sum(axis=-1, keepdims=True)
    left.router_logits.append(logits)
    left.router.append(probabilities)
    left.weights.append(weights)
    out = np.zeros_like(x)
    for expert, (into, back) in enumerate(zip(block["mlp.w_in"], block["mlp.w_out"], strict=True)):
        both = x @ into.T
        out += weights[:, expert, None] * (silu(both[:, ::2]) * both[:, 1::2] @ back.T)
    return out
