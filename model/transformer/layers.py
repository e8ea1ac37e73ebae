"""The leaves: hook points, RMSNorm, LayerNorm, MLP. They take plain numbers, not configs."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.config import Activation, Norm
from model.transformer import ops


class HookPoint(nn.Module):
    """The identity, with a name: a place where `model.transformer.capture` can look in or reach in."""

    @property
    def listening(self) -> bool:
        """Whether anybody looks; what only a listener needs is computed only then."""
        return bool(self._forward_hooks)

    def forward(self, x: Tensor) -> Tensor:
        return x


class RMSNorm(nn.Module):
    """x / rms(x) * weight, without centring (Zhang & Sennrich 2019)."""

    def __init__(self, d_model: int, *, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = eps
        self.hook_normalized = HookPoint()

    def forward(self, x: Tensor) -> Tensor:
        return self.hook_normalized(ops.rms_norm(x, self.weight, self.eps))


class LayerNorm(nn.LayerNorm):
    """(x - mean) / std * weight + bias (Ba et al. 2016)."""

    def __init__(self, d_model: int, *, eps: float, bias: bool = True) -> None:
        super().__init__(d_model, eps=eps, bias=bias)
        self.hook_normalized = HookPoint()

    def forward(self, x: Tensor) -> Tensor:
        return self.hook_normalized(super().forward(x))


def make_norm(kind: Norm, d_model: int, *, eps: float, bias: bool = True) -> RMSNorm | LayerNorm:
    """A norm by name; `bias` concerns LayerNorm alone."""
    return RMSNorm(d_model, eps=eps) if kind == "rms" else LayerNorm(d_model, eps=eps, bias=bias)


def gelu_tanh(x: Tensor) -> Tensor:
    """GELU by its tanh approximation, as GPT-2 has it (Hendrycks & Gimpel 2016, sec. 2)."""
    return F.gelu(x, approximate="tanh")


ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": gelu_tanh,
    "silu": F.silu,
}


class MLP(nn.Module):
    """Up, activation, down; gated, the activation of a gate multiplies the way up (SwiGLU: Shazeer 2020, eq. 6)."""

    def __init__(self, *, d_model: int, d_mlp: int, activation: Activation, gated: bool, bias: bool) -> None:
        super().__init__()
        self.gate = nn.Linear(d_model, d_mlp, bias=bias) if gated else None
        self.up = nn.Linear(d_model, d_mlp, bias=bias)
        self.down = nn.Linear(d_mlp, d_model, bias=bias)
        self.activation = ACTIVATIONS[activation]
        self.hook_post = HookPoint()

    def forward(self, x: Tensor, expert_bias: Tensor | None = None) -> tuple[Tensor, None]:
        """x: *Shape:* (batch, pos, d_model). Shares its call with `MoE`; there are no router logits to return."""
        hidden = self.activation(self.up(x)) if self.gate is None else self.activation(self.gate(x)) * self.up(x)
        return self.down(self.hook_post(hidden)), None
