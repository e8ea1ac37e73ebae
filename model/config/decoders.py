"""What a decoder-only transformer is made of.

No torch here. `model.config` re-exports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from model.config.parts import (
    Activation,
    BranchNorms,
    ExpertsConfig,
    LatentConfig,
    Norm,
    PositionConfig,
    require_choice,
    require_counts,
    require_positive,
)
from model.config.stacks import Place, Stack, Windowed


@dataclass(frozen=True)
class GPTConfig(Windowed):
    """A decoder-only transformer.

    Raises:
        ValueError: sizes that no model can have, or a choice that there is not.
    """

    family: ClassVar[str] = "gpt"
    streams: ClassVar[tuple[Place, ...]] = ("text",)
    post_norm: ClassVar[bool] = False
    scaled_scores: ClassVar[bool] = True
    scaled_logits: ClassVar[bool] = False
    n_segments: ClassVar[int] = 0
    pooler: ClassVar[bool] = False
    start_token_id: ClassVar[None] = None
    logit_bias: ClassVar[bool] = False

    name: str
    d_vocab: int
    n_ctx: int
    d_model: int
    n_layers: int
    n_heads: int
    d_mlp: int
    n_kv_heads: int | None = None
    """Heads of k and v: n_heads is MHA (the default), 1 is MQA, between them GQA."""
    d_head: int | None = None
    """Width of one head; d_model / n_heads unless given."""
    positions: PositionConfig = field(default_factory=PositionConfig)
    norm: Norm = "rms"
    norm_eps: float = 1e-5
    activation: Activation = "silu"
    gated_mlp: bool = True
    """SwiGLU and its kin: activation(gate(x)) * up(x)."""
    bias: bool = False
    """Whether the linear layers add a bias."""
    qkv_bias: bool | None = None
    """The same for q, k and v alone (Qwen2); as `bias` unless given."""
    mlp_bias: bool | None = None
    """The same for the MLP alone; as `bias` unless given."""
    norm_bias: bool = True
    """Whether LayerNorm adds a bias (MPT: no); RMSNorm has none."""
    branch_norms: BranchNorms = "before"
    """Where on its branch a part has its norm: before it, behind it (OLMo 2), or one on each side (Gemma 2)."""
    qk_norm: bool = False
    """Whether each head's q and k pass through an RMSNorm of their own before any rotation (Qwen3)."""
    qk_norm_joint: bool = False
    """Whether that norm is one over the coordinates of all heads together (OLMo 2)."""
    score_scalar: float | None = None
    """Scores are divided by the square root of it (Gemma 2's query_pre_attn_scalar); d_head unless given."""
    score_softcap: float | None = None
    """Scores s become cap tanh(s / cap) before any mask (Gemma 2)."""
    logit_softcap: float | None = None
    """The same of the logits (Gemma 2)."""
    scaled_embeddings: bool = False
    """Whether the embeddings are multiplied by sqrt(d_model) before anything is added (Vaswani et al. 2017, 3.4)."""
    embed_norm: bool = False
    """Whether the embeddings are normalized before the first block (BLOOM)."""
    parallel: bool = False
    """Whether attention and MLP read the same stream, side by side (GPT-NeoX; Wang & Komatsuzaki 2021)."""
    window: int | None = None
    """Tokens that a token may look at, itself counted (Mistral); all before it unless given."""
    window_layers: tuple[int, ...] | None = None
    """The blocks where the window holds; all of them unless given."""
    latent: LatentConfig | None = None
    """Multi-head latent attention (DeepSeek-V2); keys and values straight from the stream unless given."""
    experts: ExpertsConfig | None = None
    tied_embeddings: bool = True
    bos_token_id: int | None = None
    """Prepended to every text, so that the first real token has something to attend to."""
    head: Literal["next", "none"] = "next"
    """What is said of each token: which comes next. A body that was published without that head says nothing."""
    left_aside: str | None = None
    """A head of the published checkpoint that is not run here, in words."""

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, Norm)
        require_choice("activation", self.activation, Activation)
        require_choice("head", self.head, Literal["next", "none"])
        sizes = ("d_vocab", "n_ctx", "d_model", "n_layers", "n_heads", "d_mlp", "n_kv_heads", "d_head", "window")
        require_counts(**{name: getattr(self, name) for name in sizes})
        require_choice("branch_norms", self.branch_norms, BranchNorms)
        caps = ("score_scalar", "score_softcap", "logit_softcap")
        require_positive(norm_eps=self.norm_eps, **{name: getattr(self, name) for name in caps})
        self._resolve_heads()
        if self.parallel and self.branch_norms != "before":
            raise ValueError(f"branch_norms is {self.branch_norms!r}; parallel blocks have theirs before")
        if self.qk_norm_joint and not self.qk_norm:
            raise ValueError("qk_norm_joint says of which kind the norm of q and k is: it needs qk_norm")
        self._check_latent()
        if self.positions.scheme == "rope" and (self.d_rotary % 2 or not self.d_rotary):
            raise ValueError(f"{self.d_rotary} of d_head = {self.d_head} are to be rotated; RoPE rotates pairs")
        self._check_longest()
        if self.positions.scheme == "disentangled":
            raise ValueError("positions.scheme is 'disentangled'; no decoder has it")
        if self.positions.scheme == "sinusoidal" and self.d_model % 2:
            raise ValueError(f"d_model = {self.d_model} is odd; a sinusoidal position is pairs of sine and cosine")
        if self.bos_token_id is not None and not 0 <= self.bos_token_id < self.d_vocab:
            raise ValueError(f"bos_token_id is {self.bos_token_id}; choose an entry below d_vocab = {self.d_vocab}")

    def _resolve_heads(self) -> None:
        """Fills in the defaults of n_kv_heads and d_head."""
        if self.n_kv_heads is None:
            object.__setattr__(self, "n_kv_heads", self.n_heads)
        if self.d_head is None:
            if self.d_model % self.n_heads:
                raise ValueError(f"d_model = {self.d_model} is no multiple of n_heads = {self.n_heads}; give d_head")
            object.__setattr__(self, "d_head", self.d_model // self.n_heads)
        if self.n_heads % self.kv_heads:
            raise ValueError(f"n_heads = {self.n_heads} is no multiple of n_kv_heads = {self.n_kv_heads}")

    def _check_longest(self) -> None:
        """Raises ValueError where RoPE's scaling does not go with the context or with the width of a head."""
        scaling = self.positions.scaling
        if scaling is None or scaling.longest is None:
            return
        if self.n_ctx > scaling.longest:
            raise ValueError(f"n_ctx is {self.n_ctx}; its RoPE's frequencies are for at most {scaling.longest} tokens")
        if 2 * len(scaling.divisors) != self.d_rotary:
            n_divisors = len(scaling.divisors)
            raise ValueError(f"{n_divisors} pairs have a divisor in its RoPE; {self.d_rotary // 2} pairs are rotated")

    def _check_latent(self) -> None:
        """Raises ValueError where latent attention does not go with the rest."""
        if self.latent is None:
            return
        if self.positions.scheme != "rope" or self.positions.fraction != 1.0:
            raise ValueError("latent attention turns the d_rope coordinates of its own by RoPE; leave fraction at 1")
        if self.kv_heads != self.n_heads or self.qk_norm or self.qkv_bias:
            raise ValueError("latent attention has a key and a value for each head, no qk_norm and no qkv_bias")
        if self.latent.d_rope >= self.head_width:
            raise ValueError(f"d_rope is {self.latent.d_rope}; choose less than d_head = {self.head_width}")

    @property
    def logit_sums(self) -> bool:
        """The norms are on the branches, but for the last."""
        return True

    @property
    def kv_heads(self) -> int:
        """`n_kv_heads`, resolved."""
        assert self.n_kv_heads is not None
        return self.n_kv_heads

    @property
    def head_width(self) -> int:
        """`d_head`, resolved."""
        assert self.d_head is not None
        return self.d_head

    @property
    def predicts(self) -> bool:
        """Whether it says which tokens are likely, so that there are logits."""
        return self.head == "next"

    @property
    def d_rotary(self) -> int:
        """How many coordinates of each head RoPE turns."""
        return int(self.head_width * self.positions.fraction) if self.latent is None else self.latent.d_rope

    @property
    def value_width(self) -> int:
        """Width of one head's values, and of their mix."""
        return self.head_width if self.latent is None else self.latent.d_value

    @property
    def score_divisor(self) -> float:
        """`score_scalar`, resolved."""
        return self.head_width if self.score_scalar is None else self.score_scalar

    @property
    def normalizes_read(self) -> bool:
        """Whether what a part reads is normalized."""
        return self.branch_norms != "behind"

    @property
    def normalizes_added(self) -> bool:
        """Whether what a part adds is normalized."""
        return self.branch_norms != "before"

    @property
    def stacks(self) -> Mapping[Place, Stack]:
        """The blocks: each token reads itself and what came before."""
        return {"text": Stack("text", "text", causal=True, windows=self.windows)}

    @property
    def expert_layers(self) -> tuple[int, ...]:
        """The blocks whose feed-forward is a mixture of experts."""
        if self.experts is None:
            return ()
        if self.experts.layers is not None:
            return self.experts.layers
        every = self.experts.every
        return tuple(layer for layer in range(self.n_layers) if (self.n_layers - 1 - layer) % every == 0)
