"""A block: attention and feed-forward, each adding to the residual stream.

Every block takes the stream, *Shape:* (batch, query, d_model), and what the pass tells its layer; where the norms stand
and which half reads what is all that tells them apart.
"""

from __future__ import annotations

from torch import Tensor, nn

from model.transformer.attention import Attention, CrossAttention
from model.transformer.cache import LayerCache
from model.transformer.layers import MLP, HookPoint, LayerNorm, RMSNorm
from model.transformer.moe import MoE
from model.transformer.passes import LayerAcross, LayerPass


class Block(nn.Module):
    """The taps that every block has: the stream before and after it, and what each half adds."""

    def __init__(self) -> None:
        super().__init__()
        self.hook_resid_pre, self.hook_resid_post = HookPoint(), HookPoint()
        self.hook_attn_out, self.hook_mlp_out = HookPoint(), HookPoint()


class PreNormBlock(Block):
    """x + attention(norm(x)), then x + mlp(norm(x)): the stream itself is never normalized (Xiong et al. 2020)."""

    def __init__(
        self, *, attn: Attention, mlp: MLP | MoE, ln1: RMSNorm | LayerNorm | nn.Identity, ln2: RMSNorm | LayerNorm
    ) -> None:
        super().__init__()
        self.ln1, self.attn, self.ln2, self.mlp = ln1, attn, ln2, mlp
        self.hook_resid_mid = HookPoint()

    def forward(self, x: Tensor, layer_pass: LayerPass) -> tuple[Tensor, LayerCache, Tensor | None]:
        """Returns the stream, the cache grown by it, and the router logits if there is a router."""
        x = self.hook_resid_pre(x)
        attended, present = self.attn(self.ln1(x), layer_pass)
        x = self.hook_resid_mid(x + self.hook_attn_out(attended))
        fed, router_logits = self.mlp(self.ln2(x), layer_pass.expert_bias)
        return self.hook_resid_post(x + self.hook_mlp_out(fed)), present, router_logits


class BehindNormBlock(Block):
    """x + norm(attention(x)), then x + norm(mlp(x)): what is added is normalized, not what is read (OLMo 2, Walsh et
    al. 2025, sec. 3.2).
    """

    def __init__(
        self, *, attn: Attention, mlp: MLP | MoE, ln1_post: RMSNorm | LayerNorm, ln2_post: RMSNorm | LayerNorm
    ) -> None:
        super().__init__()
        self.attn, self.ln1_post, self.mlp, self.ln2_post = attn, ln1_post, mlp, ln2_post
        self.hook_resid_mid = HookPoint()

    def forward(self, x: Tensor, layer_pass: LayerPass) -> tuple[Tensor, LayerCache, Tensor | None]:
        """Returns what `PreNormBlock` returns."""
        x = self.hook_resid_pre(x)
        attended, present = self.attn(x, layer_pass)
        x = self.hook_resid_mid(x + self.hook_attn_out(self.ln1_post(attended)))
        fed, router_logits = self.mlp(x, layer_pass.expert_bias)
        return self.hook_resid_post(x + self.hook_mlp_out(self.ln2_post(fed))), present, router_logits


class SandwichBlock(Block):
    """x + norm'(attention(norm(x))), then the same with the MLP: a norm on each side of a part (Gemma 2, Gemma Team
    2024, table 1).
    """

    def __init__(
        self,
        *,
        attn: Attention,
        mlp: MLP | MoE,
        ln1: RMSNorm | LayerNorm,
        ln1_post: RMSNorm | LayerNorm,
        ln2: RMSNorm | LayerNorm,
        ln2_post: RMSNorm | LayerNorm,
    ) -> None:
        super().__init__()
        self.ln1, self.attn, self.ln1_post = ln1, attn, ln1_post
        self.ln2, self.mlp, self.ln2_post = ln2, mlp, ln2_post
        self.hook_resid_mid = HookPoint()

    def forward(self, x: Tensor, layer_pass: LayerPass) -> tuple[Tensor, LayerCache, Tensor | None]:
        """Returns what `PreNormBlock` returns."""
        x = self.hook_resid_pre(x)
        attended, present = self.attn(self.ln1(x), layer_pass)
        x = self.hook_resid_mid(x + self.hook_attn_out(self.ln1_post(attended)))
        fed, router_logits = self.mlp(self.ln2(x), layer_pass.expert_bias)
        return self.hook_resid_post(x + self.hook_mlp_out(self.ln2_post(fed))), present, router_logits


class ParallelBlock(Block):
    """x + attention(norm(x)) + mlp(norm'(x)): both halves read one stream (GPT-NeoX, Black et al. 2022, sec. 2.1)."""

    def __init__(self, *, attn: Attention, mlp: MLP | MoE, ln1: RMSNorm | LayerNorm, ln2: RMSNorm | LayerNorm) -> None:
        super().__init__()
        self.ln1, self.attn, self.ln2, self.mlp = ln1, attn, ln2, mlp

    def forward(self, x: Tensor, layer_pass: LayerPass) -> tuple[Tensor, LayerCache, Tensor | None]:
        """Returns what `PreNormBlock` returns."""
        x = self.hook_resid_pre(x)
        attended, present = self.attn(self.ln1(x), layer_pass)
        attended = self.hook_attn_out(attended)
        fed, router_logits = self.mlp(self.ln2(x), layer_pass.expert_bias)
        return self.hook_resid_post(x + attended + self.hook_mlp_out(fed)), present, router_logits


class PostNormBlock(Block):
    """norm(x + attention(x)), then norm(x + mlp(x)), as in the first transformers (Vaswani et al. 2017; BERT)."""

    def __init__(self, *, attn: Attention, mlp: MLP, ln1: RMSNorm | LayerNorm, ln2: RMSNorm | LayerNorm) -> None:
        super().__init__()
        self.attn, self.ln1, self.mlp, self.ln2 = attn, ln1, mlp, ln2
        self.hook_resid_mid = HookPoint()

    def forward(self, x: Tensor, layer_pass: LayerPass) -> Tensor:
        """Returns the normalized stream."""
        x = self.hook_resid_pre(x)
        attended, _ = self.attn(x, layer_pass)
        x = self.ln1(self.hook_resid_mid(x + self.hook_attn_out(attended)))
        fed, _ = self.mlp(x)
        return self.ln2(self.hook_resid_post(x + self.hook_mlp_out(fed)))


class CrossBlock(Block):
    """A pre-norm block that looks at another stream between its two halves (Vaswani et al. 2017, sec. 3.1)."""

    def __init__(
        self,
        *,
        attn: Attention,
        cross_attn: CrossAttention,
        mlp: MLP,
        ln1: RMSNorm | LayerNorm,
        ln_cross: RMSNorm | LayerNorm,
        ln2: RMSNorm | LayerNorm,
    ) -> None:
        super().__init__()
        self.ln1, self.attn = ln1, attn
        self.ln_cross, self.cross_attn = ln_cross, cross_attn
        self.ln2, self.mlp = ln2, mlp
        self.hook_resid_mid = HookPoint()
        self.hook_cross_attn_out, self.hook_resid_mid_cross = HookPoint(), HookPoint()

    def forward(self, x: Tensor, layer_pass: LayerPass, across: LayerAcross) -> tuple[Tensor, LayerCache]:
        """Returns the stream, and the cache of the self-attention grown by it."""
        x = self.hook_resid_pre(x)
        attended, present = self.attn(self.ln1(x), layer_pass)
        x = self.hook_resid_mid(x + self.hook_attn_out(attended))
        looked = self.cross_attn(self.ln_cross(x), across)
        x = self.hook_resid_mid_cross(x + self.hook_cross_attn_out(looked))
        fed, _ = self.mlp(self.ln2(x))
        return self.hook_resid_post(x + self.hook_mlp_out(fed)), present


class PostNormCrossBlock(CrossBlock):
    """The same with each norm in the stream, behind its sum: the block of the first decoders (Vaswani et al. 2017)."""

    def forward(self, x: Tensor, layer_pass: LayerPass, across: LayerAcross) -> tuple[Tensor, LayerCache]:
        """Returns the normalized stream, and the cache of the self-attention grown by it."""
        x = self.hook_resid_pre(x)
        attended, present = self.attn(x, layer_pass)
        x = self.ln1(self.hook_resid_mid(x + self.hook_attn_out(attended)))
        looked = self.cross_attn(x, across)
        x = self.ln_cross(self.hook_resid_mid_cross(x + self.hook_cross_attn_out(looked)))
        fed, _ = self.mlp(x)
        return self.ln2(self.hook_resid_post(x + self.hook_mlp_out(fed))), present
