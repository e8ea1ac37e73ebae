"""The logit lens and direct logit attribution: what the stream would say at each depth, and who moved it there.

No torch here: it reads what a pass left behind, and a few weights. L is the number of blocks; *depth* counts the places
where the residual stream can be looked at: after the embedding, then in each block after attention and after the MLP or
the experts; in a T5's decoder, whose stream is meant here, after cross-attention too. A stream that each block
normalizes is no sum: a BART's can be read at every depth, but no logit of it taken apart. A BERT's is read by
`model.study.lens_bert`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model import taps
from model.config import GPTConfig, Place, T5Config
from model.softmax import softcapped
from model.stored import reading
from model.trace import ForwardTrace

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Parts:
    """A logit as a sum: what each part of the model adds to it directly. Of a model that bounds its logits softly it is
    the logit before that.
    """

    embedding: float
    """Of the embedding, with whatever position scheme or norm has been applied before the first block."""
    heads: Array
    """*Shape:* (n_layers, n_heads)."""
    cross_heads: Array
    """Of cross-attention; no rows in a GPT. *Shape:* (n_layers, n_heads)."""
    attention_bias: Array
    """Of what attention adds whatever its heads say; zero without biases. *Shape:* (n_layers,)."""
    cross_bias: Array
    """The same of cross-attention; empty in a GPT."""
    feed_forward: Array
    """Of the MLP, or of the experts together. *Shape:* (n_layers,)."""
    norm_bias: float
    """Of the final LayerNorm's bias, and of what is added to the logit itself; zero without either."""

    @property
    def total(self) -> float:
        """The sum of all parts: the logit itself, before any soft cap."""
        layers = (self.heads, self.cross_heads, self.attention_bias, self.cross_bias, self.feed_forward)
        return self.embedding + self.norm_bias + sum(float(part.sum(dtype=np.float64)) for part in layers)


@dataclass(frozen=True)
class Lens:
    """The weights through which a vector of the residual stream is read."""

    config: GPTConfig | T5Config
    unembed: Array
    """With the factor that a T5 may scale its logits by. *Shape:* (d_vocab, d_model)."""
    norm_weight: Array | None
    """None where the norms stand in the stream, and none behind it. *Shape:* (d_model,), as the bias."""
    norm_bias: Array | None
    o_weight: Array
    """What turns each head's mix of values into an addition to the stream. *Shape:* (layer, d_model, head, width of a
    value).
    """
    o_bias: Array | None
    """*Shape:* (layer, d_model)."""
    cross_o_weight: Array | None = None
    """As `o_weight`, of cross-attention."""
    behind_weight: Array | None = None
    """Of the norms behind attention, where what it adds is normalized. *Shape:* (layer, d_model), as the bias."""
    behind_bias: Array | None = None
    cross_o_bias: Array | None = None
    """As `o_bias`, of cross-attention."""
    logit_bias: Array | None = None
    """*Shape:* (d_vocab,)."""

    @classmethod
    def load(cls, path: Path, config: GPTConfig | T5Config) -> Lens:
        """Reads a model's safetensors file; only the tensors named here."""
        stack = config.stacks[config.speaker]
        with reading(path) as read:

            def each(name: str) -> Array:
                return np.stack([read(f"{stack.prefix}blocks.{layer}.{name}") for layer in range(stack.layers)])

            by_head = (stack.layers, config.d_model, config.n_heads, config.value_width)
            unembed = read("embed.weight" if config.tied_embeddings else "unembed.weight")
            final = None if config.post_norm else f"{stack.prefix}ln_final"
            o_weight, crosses = each("attn.o.weight").reshape(by_head), "cross" in config.stacks
            if config.scaled_logits:
                unembed *= config.d_model**-0.5
            has_bias = config.norm == "layer" and config.norm_bias
            behind = config.normalizes_added
            return cls(
                config,
                unembed,
                read(f"{final}.weight") if final else None,
                read(f"{final}.bias") if final and has_bias else None,
                o_weight,
                each("attn.o.bias") if config.bias else None,
                each("cross_attn.o.weight").reshape(by_head) if crosses else None,
                each("ln1_post.weight") if behind else None,
                each("ln1_post.bias") if behind and has_bias else None,
                each("cross_attn.o.bias") if crosses and config.bias else None,
                read("logit_bias") if config.logit_bias else None,
            )

    def logits(self, streams: Array) -> Array:
        """The final norm, where there is one, and the unembedding, applied at any depth (nostalgebraist 2020,
        "interpreting GPT: the logit lens").

        Args:
            streams: *Shape:* (..., d_model).

        Returns:
            *Shape:* (..., d_vocab).
        """
        normalized = streams
        if self.norm_weight is not None:
            normalized = self._centred(streams) / self.scale(streams)[..., None] * self.norm_weight
        if self.norm_bias is not None:
            normalized = normalized + self.norm_bias
        logits: Array = normalized @ self.unembed.T
        if self.logit_bias is not None:
            logits = logits + self.logit_bias
        return softcapped(logits, self.config.logit_softcap)

    def scale(self, streams: Array) -> Array:
        """What the final norm divides by: the root mean square (RMSNorm), or the standard deviation (LayerNorm), as it
        stands over the vector's own coordinates. *Shape:* (...,).
        """
        squares = np.square(self._centred(streams)).mean(axis=-1)
        scale: Array = np.sqrt(squares + np.float32(self.config.norm_eps))
        return scale

    def _centred(self, streams: Array) -> Array:
        """LayerNorm subtracts the mean, RMSNorm does not."""
        if self.config.norm == "rms":
            return streams
        return streams - streams.mean(axis=-1, keepdims=True)

    def attribute(self, trace: ForwardTrace, position: int, token: int, against: int | None = None) -> Parts:
        """What each part of the model adds to the logit of `token` by itself (Elhage et al. 2021, "A Mathematical
        Framework for Transformer Circuits": the direct paths).

        The stream is a sum, and the unembedding linear. Only the final norm is not: its divisor depends on the sum.
        With that divisor held at what it is for the whole stream, the logit is exactly the sum of the parts. The same
        goes for the norms behind attention, where there are any: each head's share passes through, the divisor held at
        what it is for all heads together. A soft cap of the logits is no sum: the parts are those of the logit before.

        Args:
            token: an entry of the vocabulary.
            against: another one; given, the parts are those of the difference of the two logits.

        Raises:
            ValueError: norms stand in the stream, so that a logit is no sum.
        """
        if self.norm_weight is None:
            raise ValueError(f"norms stand in the stream of {self.config.name}: its logits are no sums")
        place = self.config.speaker
        n_blocks = self.config.stacks[place].layers
        wanted = self.unembed[token] if against is None else self.unembed[token] - self.unembed[against]
        final = trace.row(taps.RESID_POST, position, n_blocks - 1, place)
        # A dot product with a centred vector is that with the vector, once the other side is centred.
        direction = self._centred(self.norm_weight * wanted) / self.scale(final)
        directions = np.stack([direction] * n_blocks)
        attention_bias, cross_bias = np.zeros((2, n_blocks), np.float32)
        if self.behind_weight is not None:
            given = np.stack([self._given(trace, position, layer) for layer in range(n_blocks)])
            directions = self._centred(self.behind_weight * direction) / self.scale(given)[:, None]
            if self.behind_bias is not None:
                attention_bias = self.behind_bias @ direction
        if self.o_bias is not None:
            attention_bias = attention_bias + np.einsum("lm,lm->l", self.o_bias, directions)
        if self.cross_o_bias is not None:
            cross_bias = self.cross_o_bias @ direction

        def of_heads(o_weight: Array, kind: Place) -> Array:
            z = np.stack([trace.row(taps.Z, position, layer, kind) for layer in range(n_blocks)])
            towards = np.einsum("lm,lmf->lf", directions, o_weight.reshape(*directions.shape, -1))
            parts: Array = np.einsum("lhd,lhd->lh", z, towards.reshape(z.shape))
            return parts

        cross, none = self.cross_o_weight, np.zeros((0, self.config.n_heads), np.float32)
        added = np.stack([trace.row(taps.MLP_OUT, position, layer, place) for layer in range(n_blocks)])
        return Parts(
            embedding=float(trace.row(taps.RESID_PRE, position, 0, place) @ direction),
            heads=of_heads(self.o_weight, place),
            cross_heads=none if cross is None else of_heads(cross, "cross"),
            attention_bias=attention_bias,
            cross_bias=cross_bias[:0] if cross is None else cross_bias,
            feed_forward=added @ direction,
            norm_bias=self._shift(wanted, token, against),
        )

    def _shift(self, wanted: Array, token: int, against: int | None) -> float:
        """What is added whatever the stream holds: by the final norm, and to the logit itself."""
        shift = 0.0 if self.norm_bias is None else float(self.norm_bias @ wanted)
        if self.logit_bias is None:
            return shift
        return shift + float(self.logit_bias[token]) - (0.0 if against is None else float(self.logit_bias[against]))

    def _given(self, trace: ForwardTrace, position: int, layer: int) -> Array:
        """What attention gives to the norm behind it. *Shape:* (d_model,)."""
        z = trace.row(taps.Z, position, layer, self.config.speaker)
        given: Array = self.o_weight[layer].reshape(self.config.d_model, -1) @ z.reshape(-1)
        return given if self.o_bias is None else given + self.o_bias[layer]


def streams(trace: ForwardTrace, position: int) -> Array:
    """One token's residual stream at every depth; where norms stand in it, where it has just been normalized.

    *Shape:* (depth, d_model).

    Where attention and MLP read the same stream side by side, there is none between them to tap: the sum stands for it.
    """
    place = trace.config.speaker
    if trace.config.post_norm:
        return _normalized(trace, position, place)
    found = [trace.row(taps.RESID_PRE, position, 0, place)]
    for layer in range(trace.config.stacks[place].layers):
        attended = trace.row(taps.RESID_PRE, position, layer, place)
        attended = attended + trace.row(taps.ATTN_OUT, position, layer, place)
        crossed = [trace.row(taps.RESID_MID_CROSS, position, layer, place)] if "cross" in trace.config.stacks else []
        found += [attended, *crossed, trace.row(taps.RESID_POST, position, layer, place)]
    return np.stack(found)


def _normalized(trace: ForwardTrace, position: int, place: Place) -> Array:
    """The same of a stream that a norm stands in behind each sum."""
    found = [trace.row(taps.RESID_PRE, position, 0, place)]
    behind = (taps.POST_LN1, taps.POST_LN_CROSS, taps.POST_LN2)
    for layer in range(trace.config.stacks[place].layers):
        found += [trace.row(kind, position, layer, place) for kind in behind]
    return np.stack(found)
