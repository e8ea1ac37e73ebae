"""How a model knows where a token stands: sinusoidal, learned, T5 bias, RoPE, ALiBi, none.

One protocol, three methods, do-nothing defaults: `embed` adds to the embeddings, `rotate` turns q and k, `bias` adds
to the scores. Attention calls what it needs and knows no scheme by name; DeBERTa's, whose scores compare contents with
distances, is in `model.transformer.disentangled`. What a scheme fixes before it sees a token, frequencies and slopes,
`model.study.position_math` computes.

Axes: batch, pos (of the tokens at hand), query, key, head, pair (of coordinates that RoPE rotates together).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from model.config import PositionConfig, RopeScaling
from model.study import position_math
from model.transformer import ops


class PositionScheme(nn.Module):
    """No position at all ("NoPE", Kazemnejad et al. 2023), and the defaults of every other scheme."""

    n_positions: int | None = None
    """How many positions there are; None where they never end."""

    def embed(self, positions: Tensor) -> Tensor | None:
        """What to add to the embeddings. positions: *Shape:* (batch, pos). Returns *Shape:* (batch, pos, d_model)."""
        return None

    def rotate(self, q: Tensor, k: Tensor, positions: Tensor, n_heads: int, n_kv_heads: int) -> tuple[Tensor, Tensor]:
        """Turns q and k of the same tokens by their positions. *Shape:* (batch, pos, heads x d_head) each."""
        return q, k

    def bias(self, q_positions: Tensor, k_positions: Tensor) -> Tensor | None:
        """What to add to the scores. *Shape:* (batch, query), (batch, key) -> (batch, head, query, key)."""
        return None


class Sinusoidal(PositionScheme):
    """Fixed sines and cosines of geometric wavelengths (Vaswani et al. 2017, sec. 3.5), by turns or in two halves.

    Args:
        cosines_behind: whether all cosines stand behind all sines (Marian).
    """

    def __init__(self, d_model: int, *, cosines_behind: bool = False) -> None:
        super().__init__()
        self.d_model, self.cosines_behind = d_model, cosines_behind

    def embed(self, positions: Tensor) -> Tensor:
        exponents = torch.arange(0, self.d_model, 2, device=positions.device) / self.d_model
        angles = positions[..., None] * torch.exp(-math.log(10_000.0) * exponents)
        if self.cosines_behind:
            return torch.cat([angles.sin(), angles.cos()], dim=-1)
        return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


class Learned(PositionScheme):
    """One trained vector for each of n_ctx positions (GPT-2, BERT); there is none beyond them."""

    def __init__(self, *, n_ctx: int, d_model: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_ctx, d_model))
        self.n_positions = n_ctx

    def embed(self, positions: Tensor) -> Tensor:
        return nn.functional.embedding(positions, self.weight)


class Rope(PositionScheme):
    """Rotary embedding: pair i of a head turns by position x frequency i (Su et al. 2021, eq. 15).

    Of a head wider than `d_rotary`, the coordinates behind stay as they are.
    """

    frequencies: Tensor

    def __init__(self, *, d_rotary: int, theta: float, scaling: RopeScaling | None = None) -> None:
        super().__init__()
        frequencies = position_math.rope_frequencies(d_rotary, theta, scaling)
        buffer = torch.tensor(frequencies, dtype=torch.get_default_dtype(), device="cpu")
        self.register_buffer("frequencies", buffer, persistent=False)
        self.factor = position_math.attention_factor(scaling)
        self.n_positions = None if scaling is None else scaling.longest

    def rotate(self, q: Tensor, k: Tensor, positions: Tensor, n_heads: int, n_kv_heads: int) -> tuple[Tensor, Tensor]:
        angles = positions[..., None] * self.frequencies
        cos, sin = angles.cos(), angles.sin()
        if self.factor != 1.0:
            cos, sin = cos * self.factor, sin * self.factor
        cos, sin = cos.to(q.dtype), sin.to(q.dtype)
        return ops.rotary(q, cos, sin, n_heads), ops.rotary(k, cos, sin, n_kv_heads)


class Alibi(PositionScheme):
    """A penalty that grows with distance, steeper in some heads (Press et al. 2022, sec. 3)."""

    slopes: Tensor

    def __init__(self, n_heads: int) -> None:
        super().__init__()
        slopes = torch.tensor(position_math.alibi_slopes(n_heads), device="cpu")
        self.register_buffer("slopes", slopes, persistent=False)

    def bias(self, q_positions: Tensor, k_positions: Tensor) -> Tensor:
        distance = q_positions[:, None, :, None] - k_positions[:, None, None, :]
        return -self.slopes[:, None, None] * distance.abs()


class T5Bias(PositionScheme):
    """A learned number per head for each bucket of distances (Raffel et al. 2020, sec. 2.1)."""

    def __init__(self, *, n_heads: int, n_buckets: int, max_distance: int, bidirectional: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_buckets, n_heads))
        self.n_buckets = n_buckets
        self.max_distance = max_distance
        self.bidirectional = bidirectional

    def bias(self, q_positions: Tensor, k_positions: Tensor) -> Tensor:
        relative = k_positions[:, None, :] - q_positions[:, :, None]
        bucket = t5_bucket(relative, self.n_buckets, self.max_distance, self.bidirectional)
        return nn.functional.embedding(bucket, self.weight).movedim(-1, 1)


def t5_bucket(relative: Tensor, n_buckets: int, max_distance: int, bidirectional: bool) -> Tensor:
    """The bucket of each relative position (key minus query): exact when near, logarithmic when far.

    Follows `T5Attention._relative_position_bucket` of the reference implementation. A tracer must see through it, so it
    is `position_math.t5_bucket` once more in torch's own words; a test holds both to the reference.
    """
    first = torch.zeros_like(relative)
    if bidirectional:
        n_buckets //= 2
        first = (relative > 0) * n_buckets
        distance = relative.abs()
    else:
        distance = -relative.clamp(max=0)
    n_exact = n_buckets // 2
    ratio = (distance.clamp(min=1) / n_exact).log() / math.log(max_distance / n_exact)
    far = n_exact + (ratio * (n_buckets - n_exact)).long()
    return first + torch.where(distance < n_exact, distance, far.clamp(max=n_buckets - 1))


def make(
    config: PositionConfig, *, d_model: int, n_heads: int, d_rotary: int, n_ctx: int, bidirectional: bool = False
) -> PositionScheme:
    """The scheme that a config asks for.

    Args:
        d_rotary: coordinates of each head that RoPE turns.
        bidirectional: whether tokens look both ways, which concerns T5's buckets alone.
    """
    match config.scheme:
        case "none":
            return PositionScheme()
        case "sinusoidal":
            return Sinusoidal(d_model, cosines_behind=config.cosines_behind)
        case "learned":
            return Learned(n_ctx=n_ctx, d_model=d_model)
        case "rope":
            return Rope(d_rotary=d_rotary, theta=config.theta, scaling=config.scaling)
        case "alibi":
            return Alibi(n_heads)
        case "disentangled":
            raise ValueError("a decoder has no disentangled attention")
        case "t5":
            return T5Bias(
                n_heads=n_heads,
                n_buckets=config.n_buckets,
                max_distance=config.max_distance,
                bidirectional=bidirectional,
            )
