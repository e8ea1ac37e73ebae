"""The decoder-only transformer: embed, a stack of blocks, norm, unembed.

One class for GPT-2, Llama, Mistral, Qwen, Mixtral, DeepSeek, OLMo 2, Phi-3, Gemma, BLOOM, MPT and GPT-NeoX;
`GPTConfig` says which parts there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from model.config import GPTConfig, PositionConfig
from model.transformer import cache, positions
from model.transformer.attention import Attention, LatentAttention
from model.transformer.blocks import BehindNormBlock, Block, ParallelBlock, PreNormBlock, SandwichBlock
from model.transformer.cache import Cache
from model.transformer.layers import MLP, HookPoint, LayerNorm, RMSNorm, make_norm
from model.transformer.moe import MoE, balance_loss
from model.transformer.passes import Pass


@dataclass(frozen=True)
class Output:
    """What a forward pass returns."""

    hidden: Tensor
    """The normalized stream after the last block, *Shape:* (batch, pos, d_model)."""
    logits: Tensor
    """*Shape:* (batch, pos, d_vocab); of a model without a head that says what comes next, (batch, pos, 0)."""
    cache: Cache
    """Keys and values of all tokens so far."""
    balance_loss: Tensor
    """Load-balancing loss summed over the mixtures of experts; zero without any."""


class GPT(nn.Module):
    """A GPT as its config describes it."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.d_vocab, config.d_model)
        self.positions = self._scheme(config, config.positions)
        windowed = config.windowed_layers if config.positions.window_theta is not None else ()
        self.window_positions = self._scheme(config, config.positions_at(windowed[0])) if windowed else None
        self.ln_embed = self._norm(config) if config.embed_norm else None
        self.blocks = nn.ModuleList(self._block(config, layer) for layer in range(config.n_layers))
        self.ln_final = self._norm(config)
        self.unembed = None if config.tied_embeddings else nn.Linear(config.d_model, config.d_vocab, bias=False)
        self.hook_embed = HookPoint()
        if config.positions.adds_to_embeddings:
            self.hook_pos_embed = HookPoint()
        self._initialize()

    @staticmethod
    def _scheme(config: GPTConfig, rule: PositionConfig) -> positions.PositionScheme:
        return positions.make(
            rule, d_model=config.d_model, n_heads=config.n_heads, d_rotary=config.d_rotary, n_ctx=config.n_ctx
        )

    @staticmethod
    def _norm(config: GPTConfig) -> RMSNorm | LayerNorm:
        return make_norm(config.norm, config.d_model, eps=config.norm_eps, bias=config.norm_bias)

    @staticmethod
    def _feed_forward(config: GPTConfig, layer: int) -> MLP | MoE:
        experts = config.experts
        if experts is None or layer not in config.expert_layers:
            return MLP(
                d_model=config.d_model,
                d_mlp=config.d_mlp,
                activation=config.activation,
                gated=config.gated_mlp,
                bias=config.bias if config.mlp_bias is None else config.mlp_bias,
            )
        return MoE(
            d_model=config.d_model,
            d_expert=experts.d_expert,
            n_experts=experts.n_experts,
            top_k=experts.top_k,
            score=experts.score,
            normalize=experts.normalize,
            capacity=experts.capacity,
            scale=experts.scale,
            n_groups=experts.n_groups,
            top_groups=experts.top_groups,
            group_best=experts.group_best,
            choice_bias=experts.choice_bias,
            d_shared=experts.d_shared,
            gated_shared=experts.gated_shared,
        )

    @staticmethod
    def _attention(config: GPTConfig) -> Attention:
        common: dict[str, Any] = {
            "d_model": config.d_model,
            "n_heads": config.n_heads,
            "d_head": config.head_width,
            "bias": config.bias,
            "scale": config.score_scale,
            "softcap": config.score_softcap,
        }
        if config.latent is not None:
            return LatentAttention(
                **common,
                rank=config.latent.rank,
                d_rope=config.latent.d_rope,
                d_value=config.latent.d_value,
                query_rank=config.latent.query_rank,
            )
        return Attention(
            **common,
            n_kv_heads=config.kv_heads,
            biased_scores=config.positions.adds_to_scores,
            qkv_bias=config.qkv_bias,
            qk_norm_eps=config.norm_eps if config.qk_norm else None,
            qk_norm_joint=config.qk_norm_joint,
        )

    @classmethod
    def _block(cls, config: GPTConfig, layer: int) -> Block:
        parts: dict[str, Any] = {"attn": cls._attention(config), "mlp": cls._feed_forward(config, layer)}
        parts |= {name: cls._norm(config) for name in ("ln1", "ln2") if config.normalizes_read}
        parts |= {name: cls._norm(config) for name in ("ln1_post", "ln2_post") if config.normalizes_added}
        match config.branch_norms:
            case "before":
                return ParallelBlock(**parts) if config.parallel else PreNormBlock(**parts)
            case "behind":
                return BehindNormBlock(**parts)
            case "both":
                return SandwichBlock(**parts)

    def _initialize(self) -> None:
        """Normal(0, 0.02), the projections into the stream over sqrt(2 n_layers) (Radford et al. 2019, sec. 2.3)."""
        into_stream = 0.02 / (2 * self.config.n_layers) ** 0.5
        for name, parameter in self.named_parameters():
            if parameter.dim() >= 2:
                projects_back = name.endswith(("attn.o.weight", "mlp.down.weight", "mlp.w_out"))
                nn.init.normal_(parameter, std=into_stream if projects_back else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(
        self,
        ids: Tensor,
        past: Cache | None = None,
        attention_mask: Tensor | None = None,
        head_gate: Tensor | None = None,
        expert_bias: Tensor | None = None,
    ) -> Output:
        """Predicts, at every position, the token after it.

        Args:
            ids: token ids, *Shape:* (batch, pos).
            past: the cache that an earlier call returned; `ids` continue it.
            attention_mask: True where attending is allowed besides being causal, *Shape:* (batch or 1, pos or 1, key).
            head_gate: what each head's output is multiplied by, *Shape:* (n_layers, n_heads).
            expert_bias: added to the router logits, *Shape:* (n_layers, n_experts).

        Raises:
            ValueError: more tokens than there are positions, or an attention_mask that is not boolean with three axes.
        """
        n_tokens = cache.length(past) + ids.shape[1]
        if self.positions.n_positions is not None and n_tokens > self.positions.n_positions:
            raise ValueError(f"{n_tokens} tokens, but its positions end at n_ctx = {self.positions.n_positions}")
        forward_pass = Pass.over(
            ids,
            self.config.stacks["text"],
            self.positions,
            window_scheme=self.window_positions,
            past=past,
            attention_mask=attention_mask,
            head_gate=head_gate,
            expert_bias=expert_bias,
        )
        x = self.embed(ids)
        if self.config.scaled_embeddings:
            x = x * self.config.d_model**0.5
        x = self.hook_embed(x)
        added = self.positions.embed(forward_pass.q_positions)
        if added is not None:
            x = x + self.hook_pos_embed(added.to(x.dtype))
        if self.ln_embed is not None:
            x = self.ln_embed(x)
        present, balance = [], x.new_zeros(())
        for layer, block in enumerate(self.blocks):
            x, grown, router_logits = block(x, forward_pass.at(layer))
            present.append(grown)
            if router_logits is not None and self.config.experts is not None:
                balance = balance + balance_loss(router_logits, self.config.experts.top_k)
        x = self.ln_final(x)
        return Output(x, self._logits(x), tuple(present), balance)

    def _logits(self, x: Tensor) -> Tensor:
        if self.config.head == "none":
            return x[..., :0]
        logits = x @ self.embed.weight.T if self.unembed is None else self.unembed(x)
        if self.config.logit_softcap is not None:
            logits = self.config.logit_softcap * (logits / self.config.logit_softcap).tanh()
        return logits
