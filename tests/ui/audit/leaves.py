"""The leaves of the audit's passes: softmax, norms, activations, positions, feed-forwards, each as its paper has it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

erf = np.vectorize(math.erf)


def softmax(x: Array) -> Array:
    """Along the last axis."""
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    out: Array = raised / raised.sum(axis=-1, keepdims=True)
    return out


def rms_norm(x: Array, weight: Array, eps: float) -> Array:
    """X / sqrt(mean(x^2) + eps) * weight (Zhang & Sennrich 2019)."""
    out: Array = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps) * weight
    return out


def layer_norm(x: Array, weight: Array, bias: Array, eps: float) -> Array:
    """(x - mean) / sqrt(variance + eps) * weight + bias (Ba et al. 2016)."""
    centred = x - x.mean(axis=-1, keepdims=True)
    out: Array = centred / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + eps) * weight + bias
    return out


def silu(x: Array) -> Array:
    """X sigmoid(x)."""
    return x / (1 + np.exp(-x))


def gelu(x: Array) -> Array:
    """X times the normal distribution's mass below x (Hendrycks & Gimpel 2016)."""
    out: Array = 0.5 * x * (1 + erf(x / math.sqrt(2)))
    return out


def gelu_tanh(x: Array) -> Array:
    """The same paper's approximation of it."""
    out: Array = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return out


def sinusoids(n: int, d_model: int) -> Array:
    """Sines in even, cosines in odd dimensions (Vaswani et al. 2017, sec. 3.5). *Shape:* (pos, d_model)."""
    angles = np.arange(n)[:, None] / 10_000 ** (np.arange(0, d_model, 2) / d_model)
    out = np.empty((n, d_model))
    out[:, ::2], out[:, 1::2] = np.sin(angles), np.cos(angles)
    return out


def rope_angles(n: int, d_head: int, theta: float) -> Array:
    """Position times theta^(-2i/d) (Su et al. 2021, eq. 15). *Shape:* (pos, pair)."""
    out: Array = np.arange(n)[:, None] * theta ** (-np.arange(0, d_head, 2) / d_head)
    return out


def rotated(x: Array, angles: Array) -> Array:
    """Each pair (i, i + d/2) turned by its angle. *Shape:* (pos, head, d_head)."""
    first, second = np.split(x, 2, axis=-1)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def buckets(relative: NDArray[np.int_], *, both_ways: bool) -> NDArray[np.int_]:
    """T5's 32 buckets up to distance 128, of key minus query: each near distance its own, far ones by their logarithm.

    Raffel et al. 2020, sec. 2.1, and the code released with it: half of the buckets for keys behind the query where
    both ways are read, half of what is there exact.
    """
    n, first = (16, np.where(relative > 0, 16, 0)) if both_ways else (32, np.zeros_like(relative))
    distance = np.abs(relative) if both_ways else np.maximum(-relative, 0)
    exact = n // 2
    far = exact + (np.log(np.maximum(distance, 1) / exact) / math.log(128 / exact) * (n - exact)).astype(int)
    return first + np.where(distance < exact, distance, np.minimum(far, n - 1))


def linear(block: Mapping[str, Array], name: str, x: Array) -> Array:
    """X W^T, and the bias where there is one."""
    out: Array = x @ block[f"{name}.weight"].T
    return out + block[f"{name}.bias"] if f"{name}.bias" in block else out


def dense(block: Mapping[str, Array], x: Array, activation: Any) -> Array:
    """Up, activation, down; with a gate, the activated gate times the way up (Shazeer 2020, eq. 6)."""
    up = linear(block, "mlp.up", x)
    if "mlp.gate.weight" in block:
        return linear(block, "mlp.down", activation(linear(block, "mlp.gate", x)) * up)
    return linear(block, "mlp.down", activation(up))
