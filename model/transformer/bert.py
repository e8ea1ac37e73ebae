"""The bidirectional encoder: embed, a stack of blocks, and the heads it was trained with.

One class for BERT, RoBERTa, DistilBERT, ELECTRA, ModernBERT, DeBERTa and the encoder of a T5; `BertConfig` says which
parts there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.config import Activation, BertConfig
from model.transformer.attention import Attention
from model.transformer.blocks import PostNormBlock, PreNormBlock
from model.transformer.disentangled import Disentangled, DisentangledAttention
from model.transformer.layers import ACTIVATIONS, MLP, HookPoint, LayerNorm, RMSNorm, make_norm
from model.transformer.passes import LayerPass, Pass
from model.transformer.positions import Learned, PositionScheme, Rope, T5Bias


@dataclass(frozen=True)
class BertOutput:
    """What a forward pass returns; None stands for a head that the model does not have."""

    hidden: Tensor
    """The normalized stream after the last block, *Shape:* (batch, pos, d_model)."""
    logits: Tensor | None
    """What each token was before it was masked, *Shape:* (batch, pos, d_vocab); where the call names those that are to
    be guessed, theirs alone, *Shape:* (guessed, d_vocab)."""
    pooled: Tensor | None
    """The first token's summary of the text, *Shape:* (batch, d_model)."""
    next_sentence: Tensor | None
    """Logits of "the second segment follows the first" and "it does not", *Shape:* (batch, 2)."""
    replaced: Tensor | None
    """Logit of each token having been replaced (ELECTRA's discriminator), *Shape:* (batch, pos)."""


class MaskedHead(nn.Module):
    """Guesses masked tokens: a transform, a norm, and the embedding table read backwards (Devlin et al. 2019)."""

    def __init__(
        self,
        *,
        d_model: int,
        d_embed: int,
        d_vocab: int,
        activation: Activation,
        eps: float,
        bias: bool = True,
        norm_bias: bool = True,
    ) -> None:
        super().__init__()
        self.dense = nn.Linear(d_model, d_embed, bias=bias)
        self.activation = ACTIVATIONS[activation]
        self.ln = LayerNorm(d_embed, eps=eps, bias=norm_bias)
        self.bias = nn.Parameter(torch.zeros(d_vocab))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """x: *Shape:* (batch, pos, d_model); embedding: *Shape:* (d_vocab, d_embed)."""
        return self.ln(self.activation(self.dense(x))) @ embedding.T + self.bias


class ReplacedHead(nn.Module):
    """Tells real tokens from a generator's (Clark et al. 2020, sec. 2); in DeBERTa v3 it reads norm(x + first x)."""

    def __init__(self, *, d_model: int, activation: Activation, eps: float, beside_first: bool) -> None:
        super().__init__()
        self.ln = nn.LayerNorm(d_model, eps=eps) if beside_first else None
        self.dense = nn.Linear(d_model, d_model)
        self.activation = ACTIVATIONS[activation]
        self.score = nn.Linear(d_model, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: *Shape:* (batch, pos, d_model). Returns *Shape:* (batch, pos)."""
        if self.ln is not None:
            x = self.ln(x + x[:, :1])
        return self.score(self.activation(self.dense(x))).squeeze(-1)


class Convolution(nn.Module):
    """norm(x + activation(convolution of the embeddings)), behind the first block (DeBERTa v2, `ConvLayer`)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        d_model, kernel = config.d_model, config.conv_kernel
        assert kernel is not None
        self.mix = nn.Conv1d(d_model, d_model, kernel, padding=kernel // 2, groups=config.conv_groups)
        self.activation = ACTIVATIONS[config.conv_activation]
        self.ln = LayerNorm(d_model, eps=config.norm_eps)
        self.hook_out = HookPoint()

    def forward(self, x: Tensor, entered: Tensor, is_token: Tensor | None) -> Tensor:
        """The stream that enters the second block, *Shape:* (batch, pos, d_model).

        Args:
            x: what the first block leaves, *Shape:* (batch, pos, d_model).
            entered: what entered it; where no token may be read, as padding may not, zeros are mixed in its place.
            is_token: False there, *Shape:* (batch, pos).
        """
        if is_token is not None:
            entered = entered * is_token[..., None]
        return self.ln(x + self.hook_out(self.activation(self.mix(entered.mT).mT)))


class Bert(nn.Module):
    """A BERT as its config describes it."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        d_model, d_embed = config.d_model, config.embed_width
        self.embed = nn.Embedding(config.d_vocab, d_embed)
        self.positions: PositionScheme
        self.window_positions: Rope | None = None
        rule = config.positions
        if rule.scheme == "rope":
            self.positions = Rope(d_rotary=config.head_width, theta=rule.theta, scaling=rule.scaling)
            if rule.window_theta is not None:
                self.window_positions = Rope(d_rotary=config.head_width, theta=rule.window_theta)
        elif rule.scheme == "disentangled":
            table = Learned(n_ctx=config.n_position_rows, d_model=d_embed) if rule.absolute else None
            self.positions = Disentangled(rule, d_model=d_model, absolute=table)
        elif rule.scheme == "t5":
            buckets = {"n_buckets": rule.n_buckets, "max_distance": rule.max_distance}
            self.positions = T5Bias(n_heads=config.n_heads, bidirectional=True, **buckets)
        else:
            self.positions = Learned(n_ctx=config.n_position_rows, d_model=d_embed)
        self.segments = nn.Embedding(config.n_segments, d_embed) if config.n_segments else None
        width = d_model if config.project_first else d_embed
        self.ln_embed = self._norm(config, width) if config.embed_norm else nn.Identity()
        self.project = nn.Linear(d_embed, d_model, bias=not config.project_first) if d_embed != d_model else None
        self.conv = None if config.conv_kernel is None else Convolution(config)
        self.blocks = nn.ModuleList(self._block(config, layer) for layer in range(config.n_layers))
        self.ln_final = None if config.post_norm else self._norm(config, d_model)
        masked, replaced = config.head == "masked", config.head == "replaced"
        self.masked = (
            MaskedHead(
                d_model=d_model,
                d_embed=d_embed,
                d_vocab=config.d_vocab,
                activation=config.activation,
                eps=config.norm_eps,
                bias=config.bias,
                norm_bias=config.norm_bias,
            )
            if masked
            else None
        )
        self.replaced = (
            ReplacedHead(
                d_model=d_model,
                activation=config.activation,
                eps=config.norm_eps,
                beside_first=config.replaced_beside_first,
            )
            if replaced
            else None
        )
        self.pooler = nn.Linear(d_model, d_model) if config.pooler else None
        self.next_sentence = nn.Linear(d_model, 2) if config.next_sentence else None
        self.hook_embed = HookPoint()
        if config.positions.adds_to_embeddings:
            self.hook_pos_embed = HookPoint()
        if self.segments is not None:
            self.hook_segment_embed = HookPoint()
        self._initialize()

    @staticmethod
    def _norm(config: BertConfig, width: int) -> RMSNorm | LayerNorm:
        return make_norm(config.norm, width, eps=config.norm_eps, bias=config.norm_bias)

    @classmethod
    def _block(cls, config: BertConfig, layer: int) -> PostNormBlock | PreNormBlock:
        attn: Attention
        if config.positions.scheme == "disentangled":
            attn = DisentangledAttention(
                config.positions,
                d_model=config.d_model,
                n_heads=config.n_heads,
                d_head=config.head_width,
                bias=config.bias,
                scale=config.score_scale,
            )
        else:
            attn = Attention(
                d_model=config.d_model,
                n_heads=config.n_heads,
                n_kv_heads=config.n_heads,
                d_head=config.head_width,
                bias=config.bias,
                biased_scores=config.positions.adds_to_scores,
                scale=config.score_scale,
            )
        mlp = MLP(
            d_model=config.d_model,
            d_mlp=config.d_mlp,
            activation=config.activation,
            gated=config.gated_mlp,
            bias=config.bias,
        )
        ln1, ln2 = (cls._norm(config, config.d_model) for _ in range(2))
        if config.post_norm:
            return PostNormBlock(attn=attn, mlp=mlp, ln1=ln1, ln2=ln2)
        # Embeddings with a norm of their own were normalized just before the first attention.
        return PreNormBlock(attn=attn, mlp=mlp, ln1=ln1 if layer or not config.first_raw else nn.Identity(), ln2=ln2)

    def _initialize(self) -> None:
        """Normal(0, 0.02) and no biases, as the reference implementation has it (it truncates at two deviations)."""
        for name, parameter in self.named_parameters():
            if parameter.dim() >= 2:
                nn.init.trunc_normal_(parameter, std=0.02, a=-0.04, b=0.04)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(
        self,
        ids: Tensor,
        segments: Tensor | None = None,
        attention_mask: Tensor | None = None,
        head_gate: Tensor | None = None,
        guessed: Tensor | None = None,
    ) -> BertOutput:
        """Reads a text at once, every token seeing every other.

        Args:
            ids: token ids, *Shape:* (batch, pos).
            segments: which of two sentences each token belongs to, the first unless given. *Shape:* (batch, pos).
            attention_mask: True where attending is allowed, everywhere unless given. It keeps padding out.
                *Shape:* (batch or 1, pos or 1, key).
            head_gate: what each head's output is multiplied by, *Shape:* (n_layers, n_heads).

        Raises:
            ValueError: more tokens than n_ctx, or an attention_mask that is not boolean with three axes.
        """
        if self.positions.n_positions is not None and ids.shape[1] > self.config.n_ctx:
            raise ValueError(f"{ids.shape[1]} tokens, but the model learned n_ctx = {self.config.n_ctx} positions")
        stack = self.config.stacks["text"]
        forward_pass = Pass.over(
            ids,
            stack,
            self.positions,
            window_scheme=self.window_positions,
            attention_mask=attention_mask,
            head_gate=head_gate,
        )
        x = self._embedded(ids, segments, forward_pass.q_positions)
        entered = x
        for layer, block in enumerate(self.blocks):
            x = self._through(block, x, forward_pass.at(layer))
            if self.conv is not None and layer == 0:
                x = self.conv(x, entered, None if attention_mask is None else attention_mask.any(dim=1))
        if self.ln_final is not None:
            x = self.ln_final(x)
        pooled = None if self.pooler is None else self.pooler(x[:, 0]).tanh()
        return BertOutput(
            hidden=x,
            logits=None
            if self.masked is None
            else self.masked(x if guessed is None else x[guessed], self.embed.weight),
            pooled=pooled,
            next_sentence=None if self.next_sentence is None else self.next_sentence(pooled),
            replaced=None if self.replaced is None else self.replaced(x),
        )

    @staticmethod
    def _through(block: nn.Module, x: Tensor, layer_pass: LayerPass) -> Tensor:
        """The stream behind a block; that of a pre-norm one gives a cache besides, which an encoder has no use for."""
        given = block(x, layer_pass)
        return given[0] if isinstance(given, tuple) else given

    def _embedded(self, ids: Tensor, segments: Tensor | None, positions: Tensor) -> Tensor:
        """The stream that enters the first block, *Shape:* (batch, pos, d_model)."""
        rows = positions
        if self.config.counting_from is not None:
            # RoBERTa numbers the real tokens only, and begins behind the number that is the padding's own.
            real = (ids != self.config.counting_from).long()
            rows = real.cumsum(dim=1) * real + self.config.counting_from
        x = self.hook_embed(self.embed(ids))
        added = self.positions.embed(rows)
        if added is not None:
            x = x + self.hook_pos_embed(added)
        if self.segments is not None:
            x = x + self.hook_segment_embed(self.segments(torch.zeros_like(ids) if segments is None else segments))
        if self.project is None:
            return self.ln_embed(x)
        return self.ln_embed(self.project(x)) if self.config.project_first else self.project(self.ln_embed(x))
