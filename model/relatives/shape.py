"""What decides the size of a published model: one frozen dataclass, and the small ones it nests. No torch here.

Names are those of `model.config`, which describes models that run here; these only have to be counted, so that there
are more kinds of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Stacks = Literal["decoder", "encoder", "encoder-decoder"]
Norm = Literal["layer", "rms", "gain"]
"""LayerNorm with gain and shift; RMSNorm; LayerNorm with a gain alone."""
Place = Literal["post", "pre", "both", "parallel", "parallel one"]
"""Where a block's norms stand: behind each part, in front of it, both; or both parts beside each other, each with its
own norm in front or one for both."""
Positions = Literal["sinusoids", "learned", "buckets", "disentangled", "rope", "alibi", "none"]
Biases = Literal["all", "qkv", "outside", "none"]
"""Which matrices add a bias: all, those of queries, keys and values, all outside attention, none."""
Head = Literal["none", "pooler", "discriminator"]
"""What stands on an encoder: nothing, BERT's pooler, ELECTRA's discriminator."""


@dataclass(frozen=True)
class Experts:
    """The feed-forward parts that are many."""

    n: int
    """Experts of one layer, among which a router chooses."""
    chosen: int
    """How many of them a token is sent to."""
    d_ff: int
    """The width of one."""
    n_layers: int
    """Layers that have them; the others have one plain part."""
    shared: int = 0
    """Experts beside them that every token is sent to."""


@dataclass(frozen=True)
class LatentAttention:
    """The ranks and widths of multi-head latent attention (DeepSeek-AI 2024, section 2.1)."""

    q_rank: int
    kv_rank: int
    rope: int
    """The width of the part of a query or key that is rotated."""
    nope: int
    """The width of the other part."""
    d_value: int


@dataclass(frozen=True)
class Mamba:
    """A selective state space layer (Gu & Dao 2023, section 3.4)."""

    n_layers: int
    d_inner: int
    d_state: int
    d_conv: int
    dt_rank: int
    normed: bool = False
    """Whether the step, B and C pass a norm each (Lieber et al. 2024, section 6.4)."""


@dataclass(frozen=True)
class Shape:
    """The sizes of a model, and the choices that its count of parameters depends on.

    Raises:
        ValueError: more layers of a kind than there are layers.
    """

    stacks: Stacks
    n_layers: int
    """Of the one stack; of the encoder, where there are two."""
    d_model: int
    n_heads: int
    """0 without attention."""
    n_kv_heads: int
    d_head: int
    d_ff: int
    """0 without a plain feed-forward part."""
    d_vocab: int
    n_ctx: int | None
    """The longest text that the source states; None where it states none."""
    activation: str
    gated: bool
    """Whether a second matrix multiplies the activated numbers."""
    norm: Norm
    place: Place
    positions: Positions
    biases: Biases
    tied: bool
    """Whether what reads the vocabulary is what writes it."""
    n_decoder_layers: int = 0
    n_positions: int = 0
    """Rows of a learned table of positions, or entries of a table of relative ones for each head or width."""
    n_segments: int = 0
    embedding_norm: bool = False
    head: Head = "none"
    unembedding_bias: bool = False
    qk_norm: bool = False
    window: int | None = None
    """Tokens that a layer with a window looks back on, its own included."""
    n_windowed: int = 0
    """Layers with the window."""
    banded: bool = False
    """Whether every second layer attends in bands, of a width that is not published."""
    experts: Experts | None = None
    latent: LatentAttention | None = None
    mamba: Mamba | None = None
    rwkv: bool = False

    def __post_init__(self) -> None:
        special = (self.n_windowed, self.experts.n_layers if self.experts else 0, self.n_mamba)
        if max(special) > self.n_layers:
            raise ValueError(f"{max(special)} layers of one kind; the model has {self.n_layers}")

    @property
    def n_mamba(self) -> int:
        """Layers that mix tokens by a state space in attention's place."""
        return self.mamba.n_layers if self.mamba else 0

    @property
    def n_attention(self) -> int:
        """Layers of the first stack that have self-attention."""
        return 0 if self.rwkv else self.n_layers - self.n_mamba

    @property
    def n_blocks(self) -> int:
        """Blocks of both stacks."""
        return self.n_layers + self.n_decoder_layers

    @property
    def is_causal(self) -> bool:
        """Whether its first stack looks back only."""
        return self.stacks == "decoder"


NESTED = {"experts": Experts, "latent": LatentAttention, "mamba": Mamba}


def from_fields(fields: Mapping[str, Any]) -> Shape:
    """A shape from the fields of a JSON object; those with a default may be left out.

    `n_kv_heads` is `n_heads`, and `d_head` is d_model over n_heads, unless given.
    """
    known = dict(fields)
    known.setdefault("n_kv_heads", known["n_heads"])
    known.setdefault("d_head", known["d_model"] // known["n_heads"] if known["n_heads"] else 0)
    for name, kind in NESTED.items():
        if name in known:
            known[name] = kind(**known[name])
    return Shape(**known)


def numbers(shape: Shape) -> dict[str, int]:
    """Every number of a shape that is not at its default, by name; nested ones with a dot between."""
    told: dict[str, int] = {}
    for name, value in dataclasses.asdict(shape).items():
        entries = {f"{name}.{inner}": one for inner, one in value.items()} if isinstance(value, dict) else {name: value}
        told |= {key: one for key, one in entries.items() if isinstance(one, int) and not isinstance(one, bool) and one}
    return told
