"""Reading a published `config.json`: what architectures write alike, and refusing what no layer of ours does."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from model.config import Activation, PositionConfig, RopeScaling
from model.hub.architecture import Settings

ACTIVATIONS: dict[str, Activation] = {
    "relu": "relu",
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "silu": "silu",
    "swish": "silu",
}


FULL, SLIDING = "full_attention", "sliding_attention"
"""The kinds of blocks that `layer_types` may name."""


def require(settings: Settings, **allowed: Any) -> None:
    """Raises ValueError where a setting is there and has another value than the one that our layers compute."""
    for name, value in allowed.items():
        if settings.get(name, value) != value:
            raise ValueError(f"its config.json says {name} = {settings[name]!r}; only {value!r} can be loaded")


def first(settings: Settings, *names: str) -> Any:
    """The first of several names that is there; a setting changed its name over the years. KeyError without any."""
    for name in names:
        if settings.get(name) is not None:
            return settings[name]
    raise KeyError(f"its config.json has no {' or '.join(names)}")


def windows(settings: Settings, slides: Callable[[int], bool]) -> dict[str, Any]:
    """Our fields for a sliding window that holds in some blocks: those that `layer_types` names.

    Args:
        slides: whether it holds in a block, where config.json does not name them.

    Raises:
        ValueError: a kind of block that we do not have.
    """
    layers = range(settings["num_hidden_layers"])
    kinds = settings.get("layer_types") or [FULL if not slides(layer) else SLIDING for layer in layers]
    if unknown := sorted(set(kinds) - {FULL, SLIDING}):
        raise ValueError(f"its layer_types name {', '.join(unknown)}; only {FULL} and {SLIDING} can be loaded")
    window_layers = tuple(layer for layer, kind in enumerate(kinds) if kind == SLIDING)
    return {"window": settings["sliding_window"], "window_layers": window_layers} if window_layers else {}


def activation(name: str) -> Activation:
    """Our name of an activation. Raises ValueError on one that we do not have."""
    if name not in ACTIVATIONS:
        raise ValueError(f"the activation {name!r} is unknown; known are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


KNOWN = {
    *("rope_type", "type", "rope_theta", "partial_rotary_factor", "factor", "original_max_position_embeddings"),
    *("low_freq_factor", "high_freq_factor"),
    *("short_factor", "long_factor"),
    *("beta_fast", "beta_slow", "truncate", "attention_factor", "mscale", "mscale_all_dim"),
}
"""What may stand among the settings of RoPE."""


def rope(settings: Settings, theta: float = 10_000.0, fraction: float | None = None) -> PositionConfig:
    """RoPE with its scaling, in the spelling of any year, read as `transformers` reads it.

    Args:
        theta: what holds where config.json says nothing.
        fraction: the same, of an architecture that can rotate a part of each head; one that cannot, as Llama, rotates
            whole heads whatever its config.json says.

    Raises:
        ValueError: a scaling or a setting that we do not have, or another one for each kind of layer.
    """
    parameters = settings.get("rope_scaling") or settings.get("rope_parameters") or {}
    if nested := sorted(key for key, value in parameters.items() if isinstance(value, dict)):
        raise ValueError(f"its RoPE differs by the kind of layer ({', '.join(nested)}); only one for all can be loaded")
    if unknown := sorted(parameters.keys() - KNOWN):
        raise ValueError(f"its RoPE has settings that no layer of ours knows: {', '.join(unknown)}")
    scaling = _scaling(settings, parameters)
    part = parameters.get("partial_rotary_factor") or settings.get("partial_rotary_factor")
    if fraction is None and scaling is not None and part not in (None, 1.0):
        raise ValueError(f"it scales a RoPE of which only {part} is rotated; its architecture rotates whole heads")
    return PositionConfig(
        "rope",
        theta=parameters.get("rope_theta") or settings.get("rope_theta") or theta,
        fraction=1.0 if fraction is None else part or fraction,
        scaling=scaling,
    )


def rope_by_window(settings: Settings, theta: float, window_theta: float) -> PositionConfig:
    """RoPE with one base and scaling in blocks without a window, and a base alone in those with one.

    Args:
        theta: what holds where config.json says nothing.
        window_theta: the same, in blocks with a window.

    Raises:
        ValueError: as `rope`; and a scaling in blocks with a window.
    """
    everywhere = {key: value for key, value in settings.items() if key not in ("rope_scaling", "rope_parameters")}
    given = settings.get("rope_parameters") or settings.get("rope_scaling") or {}
    if not {FULL, SLIDING} & given.keys():  # older files have one scaling, and mean the blocks without a window
        given = {FULL: given}
    whole = rope(everywhere | {"rope_parameters": given.get(FULL) or {}}, theta)
    windowed = rope(everywhere | {"rope_parameters": {"rope_theta": window_theta} | (given.get(SLIDING) or {})})
    if windowed.scaling is not None:
        kind = windowed.scaling.kind
        raise ValueError(f"its RoPE is scaled in windows too ({kind}); only that of the other blocks can be")
    return replace(whole, window_theta=windowed.theta)


def _scaling(settings: Settings, parameters: Settings) -> RopeScaling | None:
    kind = parameters.get("rope_type", parameters.get("type", "default"))
    trained: Any = (
        settings.get("original_max_position_embeddings")
        or parameters.get("original_max_position_embeddings")
        or settings.get("max_position_embeddings")
    )
    match kind:
        case "default":
            return None
        case "linear":
            return RopeScaling("linear", parameters["factor"])
        case "llama3":
            return RopeScaling(
                "llama3",
                parameters["factor"],
                trained,
                fast=parameters["high_freq_factor"],
                slow=parameters["low_freq_factor"],
            )
        case "yarn":
            factor = parameters.get("factor") or settings["max_position_embeddings"] / trained
            return RopeScaling(
                "yarn",
                factor,
                trained,
                fast=parameters.get("beta_fast") or 32.0,
                slow=parameters.get("beta_slow") or 1.0,
                whole_pairs=parameters.get("truncate", True),
                attention_factor=_yarn_attention_factor(parameters, factor),
            )
        case "longrope":
            factor = parameters.get("factor") or settings["max_position_embeddings"] / trained
            given = parameters.get("attention_factor")
            return RopeScaling(
                "longrope",
                factor,
                trained,
                divisors=tuple(parameters["short_factor"]),
                attention_factor=_long_attention_factor(factor, trained) if given is None else given,
            )
    raise ValueError(f"the RoPE scaling {kind!r} is unknown; known are linear, llama3, yarn and longrope")


def _long_attention_factor(factor: float, trained: int) -> float:
    """LongRoPE's where it is not given (Ding et al. 2024; `_compute_longrope_parameters`)."""
    return 1.0 if factor <= 1.0 else math.sqrt(1 + math.log(factor) / math.log(trained))


def _yarn_attention_factor(parameters: Settings, factor: float) -> float | None:
    """DeepSeek's models give it by two coefficients of ln(factor), others as a number or not at all."""
    above, below = parameters.get("mscale"), parameters.get("mscale_all_dim")
    if parameters.get("attention_factor") is None and above and below:
        stretch = math.log(max(factor, 1.0))  # a text that is not stretched is weighed as it was
        return (0.1 * above * stretch + 1) / (0.1 * below * stretch + 1)
    given: float | None = parameters.get("attention_factor")
    return given
