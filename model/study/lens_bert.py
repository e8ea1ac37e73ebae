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
    """The weights of the head that guesses masked tokens (Devlin et al. 2019), and of the norm in front of it where
    there is one (ModernBERT).
    """

    config: BertConfig
    embed: Array
    """*Shape:* (d_vocab, d_embed)."""
    bias: Array
    """*Shape:* (d_vocab,)."""
    dense: tuple[Array, Array | None]
    """Weight, *Shape:* (d_embed, d_model), and bias if it has one."""
    norm: tuple[Array, Array | None]
    """Weight, and bias if it has one. *Shape:* (d_embed,) each."""
    final: tuple[Array, Array | None] | None = None
    """The same of the norm behind the last block. *Shape:* (d_model,) each."""

    @classmethod
    def load(cls, path: Path, config: BertConfig) -> BertLens:
        """Reads a model's safetensors file; only the tensors named here."""
        with reading(path) as read:

            def pair(name: str, has_bias: bool) -> tuple[Array, Array | None]:
                return read(f"{name}.weight"), read(f"{name}.bias") if has_bias else None

            return cls(
                config,
                read("embed.weight"),
                read("masked.bias"),
                pair("masked.dense", config.bias),
                pair("masked.ln", config.norm_bias),
                None if config.post_norm else pair("ln_final", config.norm_bias),
            )

    def logits(self, streams: Array) -> Array:
        """The head at any depth: a dense layer, its activation, a LayerNorm, and the embedding table read backwards;
        before all of it the norm behind the last block, where there is one.

        Args:
            streams: *Shape:* (..., d_model).

        Returns:
            *Shape:* (..., d_vocab).
        """
        weight, bias = self.dense
        read = streams if self.final is None else self._normalized(streams, *self.final)
        hidden = ACTIVATIONS[self.config.activation](read @ weight.T + (0 if bias is None else bias))
        logits: Array = self._normalized(hidden, *self.norm) @ self.embed.T + self.bias
        return logits

    def _normalized(self, values: Array, weight: Array, bias: Array | None) -> Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        normalized: Array = centred / np.sqrt(variance + np.float32(self.config.norm_eps)) * weight
        return normalized if bias is None else normalized + bias


def streams(trace: ForwardTrace, position: int) -> Array:
    """One token's stream before the first block, then after each half of each; where norms stand in the stream, where
    it has just been normalized.

    *Shape:* (2 n_layers + 1, d_model).
    """
    after = (taps.POST_LN1, taps.POST_LN2) if trace.config.post_norm else (taps.RESID_MID, taps.RESID_POST)
    found = [trace.row(taps.RESID_PRE, position)]
    for layer in range(trace.config.n_layers):
        found += [trace.row(kind, position, layer) for kind in after]
    return np.stack(found)
