"""The norm in front of a feed-forward part, in numbers: what it subtracts, divides by, multiplies with and adds."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.running.model import Model
from model import taps
from model.config import Place
from model.stored import reading
from model.study.feed_forward import reads
from model.trace import Array, ForwardTrace


def measured(model: Model, trace: ForwardTrace, place: Place, layer: int, position: int) -> dict[str, Any]:
    """The field `reads` of `app.exhibits.memory.frame`: RMSNorm (Zhang & Sennrich 2019) or LayerNorm (Ba et al. 2016)
    at one token.
    """
    config = model.config
    before = _before(trace, place, layer, position).astype(np.float64)
    is_layer = config.norm == "layer"
    mean = float(before.mean()) if is_layer else None
    centred = before - (mean or 0.0)
    weight, bias = _learned(model, place, layer)
    return {
        "norm": config.norm,
        "mean": mean,
        "scale": float(np.sqrt(np.square(centred).mean() + config.norm_eps)),
        "gain": [float(weight.min()), float(weight.max())],
        "shift": None if bias is None else [float(bias.min()), float(bias.max())],
        "length": float(np.linalg.norm(before)),
        "read": float(np.linalg.norm(trace.row(reads(config), position, layer, place))),
    }


def _before(trace: ForwardTrace, place: Place, layer: int, position: int) -> Array:
    """What goes into the norm. *Shape:* (d_model,)."""
    mid = taps.RESID_MID_CROSS if place == "decoder" else taps.RESID_MID
    return trace.row(taps.RESID_PRE if trace.config.parallel else mid, position, layer, place)


def _learned(model: Model, place: Place, layer: int) -> tuple[Array, Array | None]:
    """Its gain and its shift. *Shape:* (d_model,) each."""
    config = model.config
    name = f"{config.stacks[place].prefix}blocks.{layer}.{'ln1' if config.post_norm else 'ln2'}"
    with reading(model.weights) as read:
        has_bias = config.norm == "layer" and config.norm_bias
        return read(f"{name}.weight"), read(f"{name}.bias") if has_bias else None
