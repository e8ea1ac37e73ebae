"""What a model is made of: one frozen dataclass per family, and the small ones they nest.

No torch here. A config is a value: it compares, hashes, prints, and travels through JSON without loss. Names are the
field's (`d_model`, `n_kv_heads`, ...). Leaf layers never see a config; they take the plain numbers they need.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from model.config.encoders import BertConfig, T5Config
from model.config.parts import (
    Activation,
    ExpertsConfig,
    Norm,
    PositionConfig,
    RopeScaling,
    Scheme,
    require_choice,
    require_counts,
    require_positive,
)
from model.config.stacks import Place, Stack, Stacked

__all__ = [
    "FAMILIES",
    "PRESETS",
    "Activation",
    "BertConfig",
    "Config",
    "ExpertsConfig",
    "GPTConfig",
    "Norm",
    "Place",
    "PositionConfig",
    "RopeScaling",
    "Scheme",
    "Stack",
    "T5Config",
    "from_json",
    "load",
    "to_json",
]


@dataclass(frozen=True)
class GPTConfig(Stacked):
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
    head: ClassVar[str] = "next"
    start_token_id: ClassVar[None] = None

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
    qk_norm: bool = False
    """Whether each head's q and k pass through an RMSNorm of their own before any rotation (Qwen3)."""
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
    experts: ExpertsConfig | None = None
    tied_embeddings: bool = True
    bos_token_id: int | None = None
    """Prepended to every text, so that the first real token has something to attend to."""

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, Norm)
        require_choice("activation", self.activation, Activation)
        sizes = ("d_vocab", "n_ctx", "d_model", "n_layers", "n_heads", "d_mlp", "n_kv_heads", "d_head", "window")
        require_counts(**{name: getattr(self, name) for name in sizes})
        require_positive(norm_eps=self.norm_eps)
        self._resolve_heads()
        if self.positions.scheme == "rope" and (self.d_rotary % 2 or not self.d_rotary):
            raise ValueError(f"{self.d_rotary} of d_head = {self.d_head} are to be rotated; RoPE rotates pairs")
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
    def d_rotary(self) -> int:
        """How many coordinates of each head RoPE turns."""
        return int(self.head_width * self.positions.fraction)

    @property
    def windowed_layers(self) -> tuple[int, ...]:
        """The blocks whose attention has a sliding window."""
        if self.window is None:
            return ()
        return tuple(range(self.n_layers)) if self.window_layers is None else self.window_layers

    @property
    def stacks(self) -> Mapping[Place, Stack]:
        """The blocks: each token reads itself and what came before."""
        windows = tuple(self.window if layer in self.windowed_layers else None for layer in range(self.n_layers))
        return {"text": Stack("text", "text", causal=True, windows=windows)}

    @property
    def expert_layers(self) -> tuple[int, ...]:
        """The blocks whose feed-forward is a mixture of experts."""
        if self.experts is None:
            return ()
        if self.experts.layers is not None:
            return self.experts.layers
        every = self.experts.every
        return tuple(layer for layer in range(self.n_layers) if (self.n_layers - 1 - layer) % every == 0)


Config = GPTConfig | BertConfig | T5Config
FAMILIES: dict[str, type[Config]] = {kind.family: kind for kind in (GPTConfig, BertConfig, T5Config)}


def _of_scheme(name: str, scheme: Scheme) -> GPTConfig:
    """One of the tiny GPTs that differ in nothing but how they know positions.

    Sinusoids do not shrink to fit the embeddings, so there the embeddings are scaled up to them.
    """
    return GPTConfig(
        name,
        d_vocab=2048,
        n_ctx=128,
        d_model=128,
        n_layers=4,
        n_heads=4,
        d_mlp=256,
        positions=PositionConfig(scheme),
        gated_mlp=False,
        scaled_embeddings=scheme == "sinusoidal",
        bos_token_id=0,
    )


PRESETS: dict[str, Config] = {
    "gpt": GPTConfig(
        name="gpt",
        d_vocab=4096,
        n_ctx=256,
        d_model=192,
        n_layers=6,
        n_heads=6,
        n_kv_heads=2,
        d_mlp=512,
        experts=ExpertsConfig(n_experts=8, top_k=2, d_expert=192, every=2),
        bos_token_id=0,
    ),
    "gpt-sinusoidal": _of_scheme("gpt-sinusoidal", "sinusoidal"),
    "gpt-learned": _of_scheme("gpt-learned", "learned"),
    "gpt-t5bias": _of_scheme("gpt-t5bias", "t5"),
    "gpt-alibi": _of_scheme("gpt-alibi", "alibi"),
    "gpt-rope": _of_scheme("gpt-rope", "rope"),
    "gpt-nope": _of_scheme("gpt-nope", "none"),
    "bert": BertConfig(name="bert", d_vocab=6144, n_ctx=128, d_model=192, n_layers=4, n_heads=6, d_mlp=512),
    "t5": T5Config(
        name="t5",
        d_vocab=8192,
        n_ctx=128,
        d_model=160,
        n_layers=4,
        n_heads=5,
        d_mlp=320,
        activation="gelu_tanh",
        gated_mlp=True,
    ),
}
"""The models this project trains, by name."""


def to_json(config: Config) -> str:
    """The config as indented JSON, its family first."""
    return json.dumps({"family": config.family, **dataclasses.asdict(config)}, indent=2)


def from_json(text: str) -> Config:
    """The inverse of `to_json`.

    Raises:
        ValueError: a family or a field that this version does not know, a field missing, or an impossible size.
    """
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError(f"a config is a JSON object, not {type(fields).__name__}")
    family = fields.pop("family", None)
    if family not in list(FAMILIES):
        raise ValueError(f"unknown family {family!r}; known are {', '.join(FAMILIES)}")
    config: Config = _build(FAMILIES[family], fields, f"family {family!r}")
    return config


NESTED: dict[str, type[Any]] = {"positions": PositionConfig, "experts": ExpertsConfig, "scaling": RopeScaling}
"""The fields, at any depth, that are configs themselves."""


def _build(kind: type[Any], values: dict[str, Any], where: str) -> Any:
    """`kind(**values)`, in whose place a wrong or a missing name is a ValueError."""
    fields = dataclasses.fields(kind)
    known = {field.name for field in fields}
    if unknown := sorted(values.keys() - known):
        raise ValueError(f"unknown fields {unknown} for {where}; known are {sorted(known)}")
    required = [field.name for field in fields if field.default is field.default_factory is dataclasses.MISSING]
    if missing := [name for name in required if name not in values]:
        raise ValueError(f"missing fields {missing} for {where}")
    return kind(**{name: _value(name, value) for name, value in values.items()})


def _value(name: str, value: Any) -> Any:
    """A field's value from what JSON has in its place."""
    if name in NESTED and value is not None:
        return _build(NESTED[name], value, name)
    return tuple(value) if isinstance(value, list) else value


def load(folder: Path) -> Config:
    """The config in `folder/config.json`."""
    return from_json((folder / "config.json").read_text(encoding="utf-8"))
