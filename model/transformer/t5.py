"""The encoder-decoder: one stack reads a text at once, another writes a text from left to right and looks across.

In a T5 both are pre-norm with RMSNorm, no biases, no scaling of scores (it is part of the initialization), and one
table of relative position biases a stack, shared by its layers (Raffel et al. 2020). BART and Marian are as in 2017:
norms in the stream, scaled scores, positions added to the embeddings. `T5Config` says which. Cross-attention knows no
positions.

Streams: "encoder", the text that is read; "decoder", the text that is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from model.config import Stack, T5Config
from model.transformer import cache, positions
from model.transformer.attention import Attention, CrossAttention
from model.transformer.blocks import CrossBlock, PostNormBlock, PostNormCrossBlock, PreNormBlock
from model.transformer.cache import Cache, CrossCache
from model.transformer.layers import MLP, HookPoint, LayerNorm, RMSNorm, make_norm
from model.transformer.passes import Across, Pass


@dataclass(frozen=True)
class T5Output:
    """What a forward pass returns."""

    hidden: Tensor
    """The decoder's stream after its last block, normalized, *Shape:* (batch, decoder pos, d_model)."""
    logits: Tensor
    """Of the token after each one of the decoder, *Shape:* (batch, decoder pos, d_vocab); of a model without a head
    that says what comes next, (batch, decoder pos, 0)."""
    cache: Cache
    """Keys and values of all decoder tokens so far."""
    cross: CrossCache
    """Keys and values of the encoder's tokens; the same in every call about one text."""


def _attention(config: T5Config) -> Attention:
    return Attention(
        d_model=config.d_model,
        n_heads=config.n_heads,
        n_kv_heads=config.n_heads,
        d_head=config.head_width,
        bias=config.bias,
        biased_scores=config.positions.adds_to_scores,
        scale=config.score_scale,
    )


def _mlp(config: T5Config) -> MLP:
    return MLP(
        d_model=config.d_model,
        d_mlp=config.d_mlp,
        activation=config.activation,
        gated=config.gated_mlp,
        bias=config.bias,
    )


def _norm(config: T5Config) -> RMSNorm | LayerNorm:
    return make_norm(config.norm, config.d_model, eps=config.norm_eps, bias=config.norm_bias)


class Embedded(nn.Module):
    """What both stacks do to embedded tokens before their first block, and behind their last.

    Raises:
        ValueError: more tokens than there are positions.
    """

    def __init__(self, config: T5Config, stack: Stack) -> None:
        super().__init__()
        self.stack = stack
        self.positions = positions.make(
            config.positions,
            d_model=config.d_model,
            n_heads=config.n_heads,
            d_rotary=config.head_width,
            n_ctx=config.n_ctx,
            bidirectional=not stack.causal,
        )
        self.ln_embed = _norm(config) if config.embed_norm else None
        self.ln_final = None if config.post_norm else _norm(config)
        self.hook_embed = HookPoint()
        if config.positions.adds_to_embeddings:
            self.hook_pos_embed = HookPoint()

    def _enter(self, x: Tensor, q_positions: Tensor) -> Tensor:
        """The stream that enters the first block. *Shape:* (batch, pos, d_model), as x."""
        x = self.hook_embed(x)
        added = self.positions.embed(q_positions)
        if added is not None:
            x = x + self.hook_pos_embed(added.to(x.dtype))
        return x if self.ln_embed is None else self.ln_embed(x)

    def _leave(self, x: Tensor) -> Tensor:
        """The stream as whoever reads the stack gets it."""
        return x if self.ln_final is None else self.ln_final(x)

    def _require_room(self, n_tokens: int) -> None:
        most = self.positions.n_positions
        if most is not None and n_tokens > most:
            raise ValueError(f"{n_tokens} tokens, but the model learned n_ctx = {most} positions")


class Encoder(Embedded):
    """Reads a text, every token seeing every other."""

    def __init__(self, config: T5Config) -> None:
        super().__init__(config, config.stacks["encoder"])
        kind = PostNormBlock if config.post_norm else PreNormBlock
        self.blocks = nn.ModuleList(
            kind(attn=_attention(config), mlp=_mlp(config), ln1=_norm(config), ln2=_norm(config))
            for _ in range(self.stack.layers)
        )

    def forward(self, x: Tensor, attention_mask: Tensor | None = None, head_gate: Tensor | None = None) -> Tensor:
        """Arguments as in `T5.encode`, but for x: the embedded text, *Shape:* (batch, pos, d_model)."""
        self._require_room(x.shape[1])
        forward_pass = Pass.over(x, self.stack, self.positions, attention_mask=attention_mask, head_gate=head_gate)
        x = self._enter(x, forward_pass.q_positions)
        for layer, block in enumerate(self.blocks):
            given = block(x, forward_pass.at(layer))
            x = given[0] if isinstance(given, tuple) else given  # a pre-norm block gives a cache besides
        return self._leave(x)


class Decoder(Embedded):
    """Writes a text from left to right, looking across at the one that was read."""

    def __init__(self, config: T5Config) -> None:
        super().__init__(config, config.stacks["decoder"])
        kind = PostNormCrossBlock if config.post_norm else CrossBlock
        self.blocks = nn.ModuleList(
            kind(
                attn=_attention(config),
                cross_attn=CrossAttention(
                    d_model=config.d_model,
                    n_heads=config.n_heads,
                    d_head=config.head_width,
                    bias=config.bias,
                    scale=config.score_scale,
                ),
                mlp=_mlp(config),
                ln1=_norm(config),
                ln_cross=_norm(config),
                ln2=_norm(config),
            )
            for _ in range(self.stack.layers)
        )

    def look_across(self, encoded: Tensor) -> CrossCache:
        """What each block's cross-attention will look at: keys and values of the encoder's text, computed once."""
        return tuple(cast(CrossBlock, block).cross_attn.keys_and_values(encoded) for block in self.blocks)

    def forward(
        self,
        x: Tensor,
        cross: CrossCache,
        past: Cache | None = None,
        attention_mask: Tensor | None = None,
        cross_mask: Tensor | None = None,
        head_gate: Tensor | None = None,
        cross_head_gate: Tensor | None = None,
    ) -> tuple[Tensor, Cache]:
        """Arguments as in `T5.decode`, but for x: the embedded text, *Shape:* (batch, pos, d_model)."""
        self._require_room(cache.length(past) + x.shape[1])
        forward_pass = Pass.over(
            x, self.stack, self.positions, past=past, attention_mask=attention_mask, head_gate=head_gate
        )
        across = Across.over(forward_pass.q_positions, cross, cross_mask, cross_head_gate)
        x = self._enter(x, forward_pass.q_positions)
        present = []
        for layer, block in enumerate(self.blocks):
            x, grown = block(x, forward_pass.at(layer), across.at(layer))
            present.append(grown)
        return self._leave(x), tuple(present)


class T5(nn.Module):
    """A T5 as its config describes it."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.d_vocab, config.d_model)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.unembed = None if config.tied_embeddings else nn.Linear(config.d_model, config.d_vocab, bias=False)
        self.logit_bias = nn.Parameter(torch.zeros(config.d_vocab)) if config.logit_bias else None
        self._initialize()

    def _initialize(self) -> None:
        """Each matrix so that its outputs have variance one, q divided by sqrt(d_head), as the reference has it."""
        d_model, d_head = self.config.d_model, self.config.head_width
        for name, parameter in self.named_parameters():
            if name in ("embed.weight", "unembed.weight"):
                nn.init.normal_(parameter, std=1.0)
            elif name.endswith("positions.weight"):
                nn.init.normal_(parameter, std=d_model**-0.5)
            elif name.endswith("q.weight") and not self.config.scaled_scores:
                nn.init.normal_(parameter, std=(d_model * d_head) ** -0.5)
            elif parameter.dim() == 2:
                nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)

    def encode(self, ids: Tensor, attention_mask: Tensor | None = None, head_gate: Tensor | None = None) -> Tensor:
        """Reads a text.

        Args:
            ids: *Shape:* (batch, pos).
            attention_mask: True where attending is allowed, everywhere unless given.
                *Shape:* (batch or 1, pos or 1, key).
            head_gate: what each head's output is multiplied by, *Shape:* (n_layers, n_heads).

        Returns:
            *Shape:* (batch, pos, d_model).

        Raises:
            ValueError: more tokens than there are positions, or an attention_mask that is not boolean with three axes.
        """
        return self.encoder(self._embed(ids), attention_mask, head_gate)

    def _embed(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        return x * self.config.d_model**0.5 if self.config.scaled_embeddings else x

    def decode(
        self,
        decoder_ids: Tensor,
        cross: CrossCache,
        past: Cache | None = None,
        attention_mask: Tensor | None = None,
        cross_mask: Tensor | None = None,
        head_gate: Tensor | None = None,
        cross_head_gate: Tensor | None = None,
    ) -> T5Output:
        """Predicts, at every position of the decoder, the token after it.

        Args:
            decoder_ids: *Shape:* (batch, pos). The first of a text is `config.start_token_id`.
            cross: what `decoder.look_across` made of the encoded text.
            past: the cache that an earlier call returned; `decoder_ids` continue it.
            attention_mask: True where attending is allowed besides being causal, *Shape:* (batch or 1, pos or 1, key).
            cross_mask: True where the decoder may look across. *Shape:* (batch or 1, pos or 1, encoder pos).
            head_gate, cross_head_gate: what each head's output is multiplied by, *Shape:* (decoder_layers, n_heads).

        Raises:
            ValueError: as `encode`, of either mask.
        """
        embedded = self._embed(decoder_ids)
        x, grown = self.decoder(embedded, cross, past, attention_mask, cross_mask, head_gate, cross_head_gate)
        return T5Output(x, self._logits(x), grown, cross)

    def _logits(self, x: Tensor) -> Tensor:
        if self.config.head == "none":
            return x[..., :0]
        if self.config.scaled_logits:
            x = x * self.config.d_model**-0.5
        logits = x @ self.embed.weight.T if self.unembed is None else self.unembed(x)
        return logits if self.logit_bias is None else logits + self.logit_bias

    def forward(
        self,
        ids: Tensor,
        decoder_ids: Tensor,
        attention_mask: Tensor | None = None,
        decoder_mask: Tensor | None = None,
        cross_mask: Tensor | None = None,
        head_gate: Tensor | None = None,
        decoder_head_gate: Tensor | None = None,
        cross_head_gate: Tensor | None = None,
    ) -> T5Output:
        """Encodes and decodes at once; masks and gates as in `encode` and `decode`."""
        cross = self.decoder.look_across(self.encode(ids, attention_mask, head_gate))
        return self.decode(
            decoder_ids,
            cross,
            attention_mask=decoder_mask,
            cross_mask=cross_mask,
            head_gate=decoder_head_gate,
            cross_head_gate=cross_head_gate,
        )
