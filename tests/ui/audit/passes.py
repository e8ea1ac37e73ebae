"""The bundled models' arithmetic a second time: in float64, in NumPy, from the papers and a checkpoint's files.

Nothing here comes from `model`, `export` or `app`: what stands on the page is held against it. Vaswani et al. 2017 for
attention, Su et al. 2021 for RoPE (a pair is coordinate i and i + d/2), Press et al. 2022 for ALiBi, Raffel et al. 2020
for T5's buckets and for scores that nothing divides, Shazeer 2020 for gated feed-forwards, Jiang et al. 2024 for the
experts, Devlin et al. 2019 for BERT.

Axes: pos (query, key), head, d_model. A *place* is "text", or a T5's "encoder", "decoder", "cross".
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from tests.ui.audit.leaves import (
    Array,
    buckets,
    dense,
    gelu,
    gelu_tanh,
    layer_norm,
    rms_norm,
    rope_angles,
    silu,
    sinusoids,
)
from tests.ui.audit.parts import UNTOUCHED, Changes, Pass, attend, experts


class Checkpoint:
    """A folder with config.json and model.safetensors."""

    def __init__(self, folder: Path) -> None:
        self.config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.tensors = {
            name: values.astype(np.float64) for name, values in load_file(folder / "model.safetensors").items()
        }

    def __call__(
        self,
        ids: Sequence[int],
        written: Sequence[int] = (),
        changes: Changes = UNTOUCHED,
        segments: Sequence[int] = (),
    ) -> Pass:
        """Reads a text; `written` is what a T5 has written so far, its start token first, `segments` a BERT's."""
        left = Pass(changes=changes)
        if self.config["family"] == "t5":
            self._t5(left, ids, written)
        elif self.config["family"] == "bert":
            self._bert(left, ids, segments or [0] * len(ids))
        else:
            self._gpt(left, ids)
        return left

    def says(self, x: Array) -> Array:
        """The logits of a stream, at any depth: the head that predicts, and the norm before it where there is one."""
        t, eps = self.tensors, self.config["norm_eps"]
        if self.config["family"] == "bert":
            guess = gelu(x @ t["masked.dense.weight"].T + t["masked.dense.bias"])
            guess = layer_norm(guess, t["masked.ln.weight"], t["masked.ln.bias"], eps)
            out: Array = guess @ t["embed.weight"].T + t["masked.bias"]
            return out
        return rms_norm(x, self.final_norm, eps) @ self.unembed.T

    @property
    def final_norm(self) -> Array:
        """The weight of the norm in front of the unembedding. *Shape:* (d_model,)."""
        return self.tensors["decoder.ln_final.weight" if self.config["family"] == "t5" else "ln_final.weight"]

    @property
    def unembed(self) -> Array:
        """The embedding table read backwards; a T5's is scaled by d_model^-1/2. *Shape:* (d_vocab, d_model)."""
        table = self.tensors["embed.weight"]
        return table * self.config["d_model"] ** -0.5 if self.config["family"] == "t5" else table

    def turned(self, neurons: Sequence[tuple[str, int, int | None, int, float]]) -> Checkpoint:
        """The same with some neurons multiplied: that is, with their columns of the way out."""
        other = copy.copy(self)
        other.tensors = dict(self.tensors)
        for place, layer, expert, neuron, factor in neurons:
            block = f"{'' if place == 'text' else f'{place}.'}blocks.{layer}.mlp."
            name = block + ("down.weight" if expert is None else "w_out")
            other.tensors[name] = other.tensors[name].copy()
            columns = other.tensors[name] if expert is None else other.tensors[name][expert]
            columns[:, neuron] *= factor
        return other

    def under(self, prefix: str) -> Mapping[str, Array]:
        """The tensors whose names begin so, without that beginning."""
        return {name.removeprefix(prefix): values for name, values in self.tensors.items() if name.startswith(prefix)}

    def _gpt(self, left: Pass, ids: Sequence[int]) -> None:
        config = self.config
        n, d_model, scheme = len(ids), config["d_model"], config["positions"]["scheme"]
        x = self.tensors["embed.weight"][list(ids)]
        if config.get("scaled_embeddings"):
            x = x * math.sqrt(d_model)
        if scheme == "sinusoidal":
            x = x + sinusoids(n, d_model)
        if scheme == "learned":
            x = x + self.tensors["positions.weight"][:n]
        left.stream["text"].append(x)
        back = np.arange(n)[:, None] - np.arange(n)
        bias = np.zeros((config["n_heads"], n, n))
        if scheme == "alibi":
            slopes = 2.0 ** (-8 * np.arange(1, config["n_heads"] + 1) / config["n_heads"])
            bias = -slopes[:, None, None] * np.abs(back)
        if scheme == "t5":
            bias = self.tensors["positions.weight"][buckets(-back, both_ways=False)].transpose(2, 0, 1)
        if bias.any():
            left.bias["text"] = bias
        angles = rope_angles(n, config["d_head"], config["positions"]["theta"]) if scheme == "rope" else None
        scale = 1 / math.sqrt(config["d_head"])
        for layer in range(config["n_layers"]):
            block = self.under(f"blocks.{layer}.")
            read = rms_norm(x, block["ln1.weight"], config["norm_eps"])
            x = x + attend(left, "text", block, "attn", read, read, bias, back >= 0, scale, self._shape(), angles)
            left.stream["text"].append(x)
            read = rms_norm(x, block["ln2.weight"], config["norm_eps"])
            fed = (
                experts(left, block, read, config["experts"]["top_k"], layer)
                if "mlp.router.weight" in block
                else dense(block, read, silu)
            )
            left.added["text"].append(fed)
            x = x + fed
            left.stream["text"].append(x)
        left.stream["text"].append(rms_norm(x, self.final_norm, config["norm_eps"]))
        left.logits = self.says(x)

    def _bert(self, left: Pass, ids: Sequence[int], segments: Sequence[int]) -> None:
        t = self.tensors
        n, eps = len(ids), self.config["norm_eps"]
        x = t["embed.weight"][list(ids)] + t["positions.weight"][:n] + t["segments.weight"][list(segments)]
        x = layer_norm(x, t["ln_embed.weight"], t["ln_embed.bias"], eps)
        left.stream["text"].append(x)
        everywhere = np.ones((n, n), dtype=bool)
        for layer in range(self.config["n_layers"]):
            block = self.under(f"blocks.{layer}.")
            nothing = np.zeros((self.config["n_heads"], n, n))
            scale = 1 / math.sqrt(self._shape()[2])
            added = attend(left, "text", block, "attn", x, x, nothing, everywhere, scale, self._shape(), None)
            left.stream["text"].append(x + added)
            x = layer_norm(x + added, block["ln1.weight"], block["ln1.bias"], eps)
            left.stream["text"].append(x)
            fed = dense(block, x, gelu)
            left.added["text"].append(fed)
            left.stream["text"].append(x + fed)
            x = layer_norm(x + fed, block["ln2.weight"], block["ln2.bias"], eps)
            left.stream["text"].append(x)
        left.logits = self.says(x)

    def _t5(self, left: Pass, ids: Sequence[int], written: Sequence[int]) -> None:
        config, eps = self.config, self.config["norm_eps"]
        n, m = len(ids), len(written)
        table = self.tensors["embed.weight"]

        x = table[list(ids)]
        left.stream["encoder"].append(x)
        bias = self.tensors["encoder.positions.weight"][buckets(np.arange(n) - np.arange(n)[:, None], both_ways=True)]
        left.bias["encoder"] = bias.transpose(2, 0, 1)
        for layer in range(config["n_layers"]):
            block = self.under(f"encoder.blocks.{layer}.")
            read = rms_norm(x, block["ln1.weight"], eps)
            everywhere = np.ones((n, n), dtype=bool)
            x = x + attend(
                left, "encoder", block, "attn", read, read, bias.transpose(2, 0, 1), everywhere, 1, self._shape(), None
            )
            left.stream["encoder"].append(x)
            fed = dense(block, rms_norm(x, block["ln2.weight"], eps), gelu_tanh)
            left.added["encoder"].append(fed)
            x = x + fed
            left.stream["encoder"].append(x)
        encoded = rms_norm(x, self.tensors["encoder.ln_final.weight"], eps)
        left.stream["encoder"].append(encoded)

        x = table[list(written)]
        left.stream["decoder"].append(x)
        relative = np.arange(m) - np.arange(m)[:, None]
        bias = self.tensors["decoder.positions.weight"][buckets(relative, both_ways=False)]
        left.bias["decoder"] = bias.transpose(2, 0, 1)
        for layer in range(config["n_decoder_layers"] or config["n_layers"]):
            block = self.under(f"decoder.blocks.{layer}.")
            read = rms_norm(x, block["ln1.weight"], eps)
            x = x + attend(
                left,
                "decoder",
                block,
                "attn",
                read,
                read,
                bias.transpose(2, 0, 1),
                relative <= 0,
                1,
                self._shape(),
                None,
            )
            left.stream["decoder"].append(x)
            read, nothing = rms_norm(x, block["ln_cross.weight"], eps), np.zeros((config["n_heads"], m, n))
            everywhere = np.ones((m, n), dtype=bool)
            across = attend(
                left, "cross", block, "cross_attn", read, encoded, nothing, everywhere, 1, self._shape(), None
            )
            left.added["decoder"].append(left.added["cross"][-1])
            x = x + across
            left.stream["decoder"].append(x)
            fed = dense(block, rms_norm(x, block["ln2.weight"], eps), gelu_tanh)
            left.added["decoder"].append(fed)
            x = x + fed
            left.stream["decoder"].append(x)
        left.stream["decoder"].append(rms_norm(x, self.final_norm, eps))
        left.logits = self.says(x)

    def _shape(self) -> tuple[int, int, int]:
        """n_heads, n_kv_heads, d_head."""
        heads = self.config["n_heads"]
        width = self.config.get("d_head") or self.config["d_model"] // heads
        return heads, self.config.get("n_kv_heads") or heads, width
