"""A block: attention and feed-forward, each adding to the residual stream."""

from __future__ import annotations

from torch import Tensor, nn

from model.transformer.attention import Attention, CrossAttention
from model.transformer.cache import LayerCache
from model.transformer.layers import MLP, HookPoint, LayerNorm, RMSNorm
from model.transformer.moe import MoE
from model.transformer.positions import PositionScheme


class PreNormBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)): the stream itself is never normalized (Xiong et al. 2020)."""

    def __init__(self, attn: Attention, mlp: MLP | MoE, ln1: RMSNorm | LayerNorm, ln2: RMSNorm | LayerNorm) -> None:
        super().__init__()
        self.ln1, self.attn, self.ln2, self.mlp = ln1, attn, ln2, mlp
        self.hook_resid_pre, self.hook_resid_mid, self.hook_resid_post = HookPoint(), HookPoint(), HookPoint()
        self.hook_attn_out, self.hook_mlp_out = HookPoint(), HookPoint()

    def forward(
        self,
        x: Tensor,
        scheme: PositionScheme,
        q_positions: Tensor,
        k_positions: Tensor,
        mask: Tensor,
        past: LayerCache | None = None,
        head_gate: Tensor | None = None,
        expert_bias: Tensor | None = None,
    ) -> tuple[Tensor, LayerCache, Tensor | None]:
        """Arguments as in `Attention.forward` and `MoE.forward`.

        Returns:
            The stream, *Shape:* (batch, query, d_model), the grown cache, and the router logits if there is a router.
        """
        x = self.hook_resid_pre(x)
        attended, present = self.attn(self.ln1(x), scheme, q_positions, k_positions, mask, past, head_gate)
        x = self.hook_resid_mid(x + self.hook_attn_out(attended))
        fed, router_logits = self.mlp(self.ln2(x), expert_bias)
        return self.hook_resid_post(x + self.hook_mlp_out(fed)), present, router_logits


class ParallelBlock(PreNormBlock):
    """x + attention(norm(x)) + mlp(norm'(x)): both halves read one stream (GPT-NeoX, Black et al. 2022, sec. 2.1)."""

    def __init__(self, attn: Attention, mlp: MLP | MoE, ln1: RMSNorm | LayerNorm, ln2: RMSNorm | LayerNorm) -> None:
        super().__init__(attn, mlp, ln1, ln2)
        del self.hook_resid_mid

    def forward(
        self,
        x: Tensor,
        scheme: PositionScheme,
        q_positions: Tensor,
        k_positions: Tensor,
        mask: Tensor,
        past: LayerCache | None = None,
        head_gate: Tensor | None = None,
        expert_bias: Tensor | None = None,
    ) -> tuple[Tensor, LayerCache, Tensor | None]:
        """As `PreNormBlock.forward`."""
        x = self.hook_resid_pre(x)
        attended, present = self.attn(self.ln1(x), scheme, q_positions, k_positions, mask, past, head_gate)
        attended = self.hook_attn_out(attended)
        fed, router_logits = self.mlp(self.ln2(x), expert_bias)
        return self.hook_resid_post(x + attended + self.hook_mlp_out(fed)), present, router_logits


class PostNormBlock(nn.Module):
    """norm(x + attention(x)), then norm(x + mlp(x)), as in the first transformers (Vaswani et al. 2017; BERT)."""

    def __init__(self, attn: Attention, mlp: MLP, ln1: LayerNorm, ln2: LayerNorm) -> None:
        super().__init__()
        self.attn, self.ln1, self.mlp, self.ln2 = attn, ln1, mlp, ln2
        self.hook_resid_pre, self.hook_resid_mid, self.hook_resid_post = HookPoint(), HookPoint(), HookPoint()
        self.hook_attn_out, self.hook_mlp_out = HookPoint(), HookPoint()

    def forward(
        self, x: Tensor, scheme: PositionScheme, positions: Tensor, mask: Tensor, head_gate: Tensor | None = None
    ) -> Tensor:
        """Arguments as in `Attention.forward`. Returns the normalized stream, *Shape:* (batch, pos, d_model)."""
        x = self.hook_resid_pre(x)
        attended, _ = self.attn(x, scheme, positions, positions, mask, None, head_gate)
        x = self.ln1(self.hook_resid_mid(x + self.hook_attn_out(attended)))
        fed, _ = self.mlp(x)
        return self.ln2(self.hook_resid_post(x + self.hook_mlp_out(fed)))


class CrossBlock(nn.Module):
    """A pre-norm block that looks at another stream between its two halves (Vaswani et al. 2017, sec. 3.1)."""

    def __init__(
        self, attn: Attention, cross_attn: CrossAttention, mlp: MLP, ln1: RMSNorm, ln_cross: RMSNorm, ln2: RMSNorm
    ) -> None:
        super().__init__()
        self.ln1, self.attn, self.ln_cross, self.cross_attn, self.ln2, self.mlp = (
            ln1,
            attn,
            ln_cross,
            cross_attn,
            ln2,
            mlp,
        )
        self.hook_resid_pre, self.hook_resid_mid, self.hook_resid_post = HookPoint(), HookPoint(), HookPoint()
        self.hook_attn_out, self.hook_mlp_out = HookPoint(), HookPoint()
        self.hook_cross_attn_out, self.hook_resid_mid_cross = HookPoint(), HookPoint()

    def forward(
        self,
        x: Tensor,
        scheme: PositionScheme,
        q_positions: Tensor,
        k_positions: Tensor,
        mask: Tensor,
        cross: LayerCache,
        cross_mask: Tensor,
        past: LayerCache | None = None,
        head_gate: Tensor | None = None,
        cross_head_gate: Tensor | None = None,
    ) -> tuple[Tensor, LayerCache]:
        """Arguments as in `Attention.forward` and `CrossAttention.forward`.

        Returns:
            The stream, *Shape:* (batch, query, d_model), and the grown cache of the self-attention.
        """
        x = self.hook_resid_pre(x)
        attended, present = self.attn(self.ln1(x), scheme, q_positions, k_positions, mask, past, head_gate)
        x = self.hook_resid_mid(x + self.hook_attn_out(attended))
        across = self.cross_attn(self.ln_cross(x), cross, cross_mask, cross_head_gate)
        x = self.hook_resid_mid_cross(x + self.hook_cross_attn_out(across))
        fed, _ = self.mlp(self.ln2(x))
        return self.hook_resid_post(x + self.hook_mlp_out(fed)), present
