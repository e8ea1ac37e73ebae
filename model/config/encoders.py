"""What the two families with an encoder are made of: BERT and T5.

No torch here. `model.config` re-exports both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from model.config.parts import Activation, Norm, PositionConfig, require_choice, require_counts, require_positive
from model.config.stacks import Place, Stack, Stacked, Windowed


@dataclass(frozen=True)
class BertConfig(Windowed):
    """A bidirectional encoder: BERT, RoBERTa, DistilBERT, ELECTRA, ModernBERT, DeBERTa, and that of a T5 by itself.

    Raises:
        ValueError: sizes that no model can have, or a choice that there is not.
    """

    family: ClassVar[str] = "bert"
    streams: ClassVar[tuple[Place, ...]] = ("text",)
    parallel: ClassVar[bool] = False
    mlp_bias: ClassVar[None] = None
    qk_norm: ClassVar[bool] = False
    experts: ClassVar[None] = None
    expert_layers: ClassVar[tuple[int, ...]] = ()
    bos_token_id: ClassVar[None] = None
    start_token_id: ClassVar[None] = None

    name: str
    d_vocab: int
    n_ctx: int
    d_model: int
    n_layers: int
    n_heads: int
    d_mlp: int
    d_embed: int | None = None
    """Width of the embeddings where they are projected to d_model (ELECTRA); d_model unless given."""
    project_first: bool = False
    """Whether they are projected before their norm, without a bias, and not behind it (DeBERTa)."""
    embed_norm: bool = True
    """Whether the embeddings are normalized before the first block; in a T5 they are not."""
    d_head: int | None = None
    """Width of one head; d_model / n_heads unless given."""
    scaled_scores: bool = True
    """Whether q · k is divided by sqrt(d_head); in a T5 it is not."""
    n_segments: int = 2
    """Kinds of segments that have an embedding; none in DistilBERT."""
    counting_from: int | None = None
    """RoBERTa: id of the padding token; positions count the other tokens, and begin behind this number."""
    norm_eps: float = 1e-12
    activation: Activation = "gelu"
    head: Literal["masked", "replaced", "none"] = "masked"
    """What is predicted of each token: which it was before masking, or whether it was replaced (ELECTRA)."""
    replaced_beside_first: bool = False
    """Whether the head for replaced tokens reads each token's stream with the first one's added to it (DeBERTa v3)."""
    pooler: bool = True
    """Whether the first token's stream is made into a summary of the text."""
    next_sentence: bool = True
    """Whether the summary says if the second segment follows the first."""
    left_aside: str | None = None
    """A head of the published checkpoint that is not run here, in words."""
    positions: PositionConfig = field(default_factory=lambda: PositionConfig("learned"))
    post_norm: bool = True
    """Whether the norms stand in the stream, behind each sum, and not before each part (Xiong et al. 2020).

    Where the embeddings have a norm of their own, the first attention reads them as it leaves them (ModernBERT).
    """
    norm: Norm = "layer"
    norm_bias: bool = True
    gated_mlp: bool = False
    """GEGLU: activation(gate(x)) * up(x) (ModernBERT)."""
    bias: bool = True
    """Whether the linear layers add a bias."""
    window: int | None = None
    """Tokens that a token may look at on each side, itself counted; all unless given."""
    window_layers: tuple[int, ...] | None = None
    """The blocks where the window holds; all of them unless given."""
    conv_kernel: int | None = None
    """Tokens that a convolution of the embeddings mixes, whose result is added behind the first block (DeBERTa v2)."""
    conv_groups: int = 1
    """Groups of coordinates that it mixes apart from the others."""
    conv_activation: Activation = "gelu"

    def __post_init__(self) -> None:
        require_choice("activation", self.activation, Activation)
        require_choice("conv_activation", self.conv_activation, Activation)
        require_choice("norm", self.norm, Norm)
        require_choice("head", self.head, Literal["masked", "replaced", "none"])
        sizes = ("d_vocab", "n_ctx", "d_model", "n_layers", "n_heads", "d_mlp", "d_embed", "d_head", "window")
        require_counts(**{name: getattr(self, name) for name in (*sizes, "conv_kernel", "conv_groups")})
        require_positive(norm_eps=self.norm_eps)
        if self.d_head is None and self.d_model % self.n_heads:
            raise ValueError(f"d_model = {self.d_model} is no multiple of n_heads = {self.n_heads}; give d_head")
        if self.norm != "layer" and self.head != "none":
            raise ValueError(f"norm is {self.norm!r}; the heads that look at each token have LayerNorm")
        if self.next_sentence and not self.pooler:
            raise ValueError("next_sentence reads the summary: it needs pooler")
        if self.positions.scheme not in (known := ("learned", "rope", "t5", "disentangled")):
            raise ValueError(f"positions.scheme is {self.positions.scheme!r}; an encoder has {', '.join(known)}")
        if self.conv_kernel is not None and (not self.conv_kernel % 2 or self.d_model % self.conv_groups):
            raise ValueError(f"conv_kernel = {self.conv_kernel} must be odd, and conv_groups divide d_model")
        if self.positions.scheme == "rope" and self.head_width % 2:
            raise ValueError(f"d_head = {self.head_width} is odd; RoPE rotates pairs")

    @property
    def logit_sums(self) -> bool:
        """No: a BERT's head has a layer with an activation, whatever its norms do."""
        return False

    @property
    def kv_heads(self) -> int:
        """Every query head has its own keys and values."""
        return self.n_heads

    @property
    def head_width(self) -> int:
        """`d_head`, resolved."""
        return self.d_model // self.n_heads if self.d_head is None else self.d_head

    @property
    def predicts(self) -> bool:
        """Whether it says which tokens are likely, so that there are logits."""
        return self.head == "masked"

    @property
    def score_divisor(self) -> float:
        """The width of a head, once for q · k and once for each term that positions add (He et al. 2021, eq. 4)."""
        return self.head_width * (1 + len(self.positions.terms))

    @property
    def convolves(self) -> bool:
        """Whether a convolution of the embeddings is added behind the first block."""
        return self.conv_kernel is not None

    @property
    def first_raw(self) -> bool:
        """Whether the first attention reads the embeddings as their own norm leaves them."""
        return self.embed_norm and not self.post_norm

    @property
    def d_rotary(self) -> int:
        """How many coordinates of each head RoPE turns: all."""
        return self.head_width

    @property
    def embed_width(self) -> int:
        """`d_embed`, resolved."""
        return self.d_model if self.d_embed is None else self.d_embed

    @property
    def stacks(self) -> Mapping[Place, Stack]:
        """The blocks: each token reads all of them, on both sides, or in some blocks the nearest."""
        return {"text": Stack("text", "text", causal=False, windows=self.windows)}

    @property
    def n_position_rows(self) -> int:
        """Rows of the position table; RoBERTa's first ones stand for no position."""
        return self.n_ctx if self.counting_from is None else self.n_ctx + self.counting_from + 1


@dataclass(frozen=True)
class T5Config(Stacked):
    """An encoder-decoder: T5 v1.0, v1.1 and Flan-T5; BART, mBART and Marian.

    Raises:
        ValueError: sizes that no model can have, or a choice that there is not.
    """

    family: ClassVar[str] = "t5"
    streams: ClassVar[tuple[Place, ...]] = ("encoder", "decoder")
    parallel: ClassVar[bool] = False
    mlp_bias: ClassVar[None] = None
    qk_norm: ClassVar[bool] = False
    n_segments: ClassVar[int] = 0
    pooler: ClassVar[bool] = False
    experts: ClassVar[None] = None
    expert_layers: ClassVar[tuple[int, ...]] = ()
    bos_token_id: ClassVar[None] = None

    name: str
    d_vocab: int
    n_ctx: int
    d_model: int
    n_layers: int
    """Blocks of the encoder."""
    n_heads: int
    d_mlp: int
    n_decoder_layers: int | None = None
    """Blocks of the decoder; as many as the encoder's unless given."""
    d_head: int | None = None
    """Width of one head; d_model / n_heads unless given."""
    positions: PositionConfig = field(default_factory=lambda: PositionConfig("t5"))
    norm_eps: float = 1e-6
    activation: Activation = "relu"
    gated_mlp: bool = False
    """GEGLU in v1.1 and Flan: activation(gate(x)) * up(x)."""
    tied_embeddings: bool = True
    scaled_logits: bool = True
    """Whether the stream is divided by sqrt(d_model) before the head (v1.0, whose head is the embedding table)."""
    start_token_id: int = 0
    """What the decoder's text begins with."""
    end_token_id: int | None = None
    """What ends it; the token that ends the text that is read, unless given."""
    first_token_id: int | None = None
    """What is written first, whatever the logits say; what they say unless given (BART)."""
    never_written: tuple[int, ...] = ()
    """Entries whose logits the bias of logits holds so low that they are never written (Marian's padding)."""
    norm: Norm = "rms"
    norm_bias: bool = False
    """Whether LayerNorm adds a bias; RMSNorm has none."""
    post_norm: bool = False
    """Whether the norms stand in the stream, behind each sum, and not before each part (Vaswani et al. 2017)."""
    bias: bool = False
    """Whether the linear layers add a bias."""
    logit_bias: bool = False
    """Whether each entry of the vocabulary has a number that is added to its logit (Marian)."""
    scaled_scores: bool = False
    """Whether q · k is divided by sqrt(d_head)."""
    scaled_embeddings: bool = False
    """Whether the embeddings are multiplied by sqrt(d_model) before anything is added (Vaswani et al. 2017, 3.4)."""
    embed_norm: bool = False
    """Whether what enters the first block of a stack is normalized before it (BART)."""
    head: Literal["next", "none"] = "next"
    """What is said of each token of the decoder: which comes next. A body that was published without that head says
    nothing."""
    left_aside: str | None = None
    """A head of the published checkpoint that is not run here, in words."""

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, Norm)
        require_choice("activation", self.activation, Activation)
        require_choice("head", self.head, Literal["next", "none"])
        sizes = ("d_vocab", "n_ctx", "d_model", "n_layers", "n_heads", "d_mlp", "n_decoder_layers", "d_head")
        require_counts(**{name: getattr(self, name) for name in sizes})
        require_positive(norm_eps=self.norm_eps)
        if self.positions.scheme not in ("t5", "learned", "sinusoidal"):
            raise ValueError(
                f"positions.scheme is {self.positions.scheme!r}; an encoder-decoder has 't5', 'learned' or 'sinusoidal'"
            )
        if self.positions.scheme == "sinusoidal" and self.d_model % 2:
            raise ValueError(f"d_model = {self.d_model} is odd; a sinusoidal position is pairs of sine and cosine")
        if self.d_head is None and self.d_model % self.n_heads:
            raise ValueError(f"d_model = {self.d_model} is no multiple of n_heads = {self.n_heads}; give d_head")

    @property
    def predicts(self) -> bool:
        """Whether it says which tokens are likely, so that there are logits."""
        return self.head == "next"

    @property
    def logit_sums(self) -> bool:
        """Unless norms stand in the stream."""
        return not self.post_norm

    @property
    def kv_heads(self) -> int:
        """Every query head has its own keys and values."""
        return self.n_heads

    @property
    def head_width(self) -> int:
        """`d_head`, resolved."""
        return self.d_model // self.n_heads if self.d_head is None else self.d_head

    @property
    def decoder_layers(self) -> int:
        """`n_decoder_layers`, resolved."""
        return self.n_layers if self.n_decoder_layers is None else self.n_decoder_layers

    @property
    def stacks(self) -> Mapping[Place, Stack]:
        """The encoder reads both ways, the decoder back; every block of the decoder also reads what was encoded."""
        encoded, decoded = (None,) * self.n_layers, (None,) * self.decoder_layers
        return {
            "encoder": Stack("encoder", "encoder", causal=False, windows=encoded),
            "decoder": Stack("decoder", "decoder", causal=True, windows=decoded),
            "cross": Stack("decoder", "encoder", causal=False, windows=decoded),
        }
