"""What a model is made of: one frozen dataclass per family, and the small ones they nest.

No torch here. A config is a value: it compares, hashes, prints, and travels through JSON without loss. Names are the
field's (`d_model`, `n_kv_heads`, ...). Leaf layers never see a config; they take the plain numbers they need.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from model.config.decoders import GPTConfig
from model.config.encoders import BertConfig, T5Config
from model.config.parts import (
    Activation,
    BranchNorms,
    ExpertsConfig,
    LatentConfig,
    Norm,
    PositionConfig,
    RopeScaling,
    Scheme,
)
from model.config.stacks import Place, Stack

__all__ = [
    "FAMILIES",
    "PRESETS",
    "Activation",
    "BertConfig",
    "BranchNorms",
    "Config",
    "ExpertsConfig",
    "GPTConfig",
    "LatentConfig",
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


NESTED: dict[str, type[Any]] = {
    "positions": PositionConfig,
    "latent": LatentConfig,
    "experts": ExpertsConfig,
    "scaling": RopeScaling,
}
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
