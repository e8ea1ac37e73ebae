"""The encoder-decoder: one stack reads a text at once, another writes a text from left to right and looks across.

Both are pre-norm with RMSNorm, no biases, no scaling of scores (it is part of the initialization), and one table of
relative position biases a stack, shared by its layers (Raffel et al. 2020). Cross-attention knows no positions.

Streams: "encoder", the text that is read; "decoder", the text that is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from model.config import Stack, T5Config
from model.transformer.attention import Attention, CrossAttention
from model.transformer.blocks import CrossBlock, PreNormBlock
from model.transformer.cache import Cache, CrossCache
from model.transformer.layers import MLP, HookPoint, RMSNorm
from model.transformer.passes import Across, Pass
from model.transformer.positions import T5Bias


@dataclass(frozen=True)
class T5Output:
    """What a forward pass returns."""

    logits: Tensor
    """Of the token after each one of the decoder, *Shape:* (batch, decoder pos, d_vocab)."""
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
        bias=False,
        biased_scores=True,
        scale=1.0,
    )


def _mlp(config: T5Config) -> MLP:
    return MLP(
        d_model=config.d_model,
        d_mlp=config.d_mlp,
        activation=config.activation,
        gated=config.gated_mlp,
        bias=False,
    )


def _norm(config: T5Config) -> RMSNorm:
    return RMSNorm(config.d_model, eps=config.norm_eps)


def _bias(config: T5Config, stack: Stack) -> T5Bias:
    return T5Bias(
        n_heads=config.n_heads,
        n_buckets=config.positions.n_buckets,
        max_distance=config.positions.max_distance,
        bidirectional=not stack.causal,
    )


class Encoder(nn.Module):
    """Reads a text, every token seeing every other."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.stack = config.stacks["encoder"]
        self.positions = _bias(config, self.stack)
        self.blocks = nn.ModuleList(
            PreNormBlock(attn=_attention(config), mlp=_mlp(config), ln1=_norm(config), ln2=_norm(config))
            for _ in range(self.stack.layers)
        )
        self.ln_final = _norm(config)
        self.hook_embed = HookPoint()

    def forward(self, x: Tensor, attention_mask: Tensor | None = None, head_gate: Tensor | None = None) -> Tensor:
        """Arguments as in `T5.encode`, but for x: the embedded text, *Shape:* (batch, pos, d_model)."""
        forward_pass = Pass.over(x, self.stack, self.positions, attention_mask=attention_mask, head_gate=head_gate)
        x = self.hook_embed(x)
        for layer, block in enumerate(self.blocks):
            x, _, _ = block(x, forward_pass.at(layer))
        return self.ln_final(x)


class Decoder(nn.Module):
    """Writes a text from left to right, looking across at the one that was read."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.stack = config.stacks["decoder"]
        self.positions = _bias(config, self.stack)
        self.blocks = nn.ModuleList(
            CrossBlock(
                attn=_attention(config),
                cross_attn=CrossAttention(
                    d_model=config.d_model, n_heads=config.n_heads, d_head=config.head_width, scale=1.0
                ),
                mlp=_mlp(config),
                ln1=_norm(config),
                ln_cross=_norm(config),
                ln2=_norm(config),
            )
            for _ in range(self.stack.layers)
        )
        self.ln_final = _norm(config)
        self.hook_embed = HookPoint()

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
        forward_pass = Pass.over(
            x, self.stack, self.positions, past=past, attention_mask=attention_mask, head_gate=head_gate
        )
        across = Across.over(forward_pass.q_positions, cross, cross_mask, cross_head_gate)
        x = self.hook_embed(x)
        present = []
        for layer, block in enumerate(self.blocks):
            x, grown = block(x, forward_pass.at(layer), across.at(layer))
            present.append(grown)
        return self.ln_final(x), tuple(present)


class T5(nn.Module):
    """A T5 as its config describes it."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.d_vocab, config.d_model)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.unembed = None if config.tied_embeddings else nn.Linear(config.d_model, config.d_vocab, bias=False)
        self._initialize()

    def _initialize(self) -> None:
        """Each matrix so that its outputs have variance one, q divided by sqrt(d_head), as the reference has it."""
        d_model, d_head = self.config.d_model, self.config.head_width
        for name, parameter in self.named_parameters():
            if name in ("embed.weight", "unembed.weight"):
                nn.init.normal_(parameter, std=1.0)
            elif name.endswith("positions.weight"):
                nn.init.normal_(parameter, std=d_model**-0.5)
            elif name.endswith("q.weight"):
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
        """
        return self.encoder(self.embed(ids), attention_mask, head_gate)

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
        """
        embedded = self.embed(decoder_ids)
        x, grown = self.decoder(embedded, cross, past, attention_mask, cross_mask, head_gate, cross_head_gate)
        if self.config.scaled_logits:
            x = x * self.config.d_model**-0.5
        logits = x @ self.embed.weight.T if self.unembed is None else self.unembed(x)
        return T5Output(logits, grown, cross)

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
