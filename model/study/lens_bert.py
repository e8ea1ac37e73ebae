"""The logit lens of a BERT: its own head, applied to the stream of an inner layer.

No torch here. A BERT normalizes the whole stream after every addition (post-norm), so that no sum of parts makes up a
logit; but its stream can be read at every depth, and its head is what it was trained to be read with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model import taps
from model.config import BertConfig
from model.stored import reading
from model.trace import ForwardTrace

Array = NDArray[np.float32]

_erf = np.vectorize(math.erf, otypes=[np.float32])
_ROOT = np.float32(math.sqrt(2 / math.pi))
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "gelu": lambda x: x * (1 + _erf(x / np.float32(math.sqrt(2)))) / 2,
    "gelu_tanh": lambda x: x * (1 + np.tanh(_ROOT * (x + np.float32(0.044715) * x**3))) / 2,
    "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x / (1 + np.exp(-x)),
}


@dataclass(frozen=True)
class BertLens:
    """The weights of the head that guesses masked tokens (Devlin et al. 2019)."""

    config: BertConfig
    embed: Array
    """*Shape:* (d_vocab, d_embed)."""
    bias: Array
    """*Shape:* (d_vocab,)."""
    dense: tuple[Array, Array]
    """Weight, *Shape:* (d_embed, d_model), and bias."""
    norm: tuple[Array, Array]
    """Weight and bias. *Shape:* (d_embed,) each."""

    @classmethod
    def load(cls, path: Path, config: BertConfig) -> BertLens:
        """Reads a model's safetensors file; only the tensors named here."""
        with reading(path) as read:
            return cls(
                config,
                read("embed.weight"),
                read("masked.bias"),
                (read("masked.dense.weight"), read("masked.dense.bias")),
                (read("masked.ln.weight"), read("masked.ln.bias")),
            )

    def logits(self, streams: Array) -> Array:
        """The head at any depth: a dense layer, its activation, a LayerNorm, and the embedding table read backwards.

        Args:
            streams: *Shape:* (..., d_model).

        Returns:
            *Shape:* (..., d_vocab).
        """
        weight, bias = self.dense
        hidden = ACTIVATIONS[self.config.activation](streams @ weight.T + bias)
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        normalized = centred / np.sqrt(variance + np.float32(self.config.norm_eps)) * self.norm[0] + self.norm[1]
        logits: Array = normalized @ self.embed.T + self.bias
        return logits


def streams(trace: ForwardTrace, position: int) -> Array:
    """One token's stream where it has just been normalized: before the first block, then after each half of each.

    *Shape:* (2 n_layers + 1, d_model).
    """
    found = [trace.row(taps.RESID_PRE, position)]
    for layer in range(trace.config.n_layers):
        found += [trace.row(taps.POST_LN1, position, layer), trace.row(taps.POST_LN2, position, layer)]
    return np.stack(found)
