"""The norm in front of a feed-forward part, in numbers: what it subtracts, divides by, multiplies with and adds; and
whether there is one behind it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from app.running.model import Model
from model import taps
from model.config import Place
from model.study.feed_forward import reads
from model.trace import Array, ForwardTrace


def measured(model: Model, trace: ForwardTrace, place: Place, layer: int, position: int) -> dict[str, Any] | None:
    """The field `reads` of `app.exhibits.memory.frame`: RMSNorm (Zhang & Sennrich 2019) or LayerNorm (Ba et al. 2016)
    at one token; None where the part reads the stream as it is.
    """
    config = model.config
    if not config.normalizes_read:
        return None
    before = _before(trace, place, layer, position).astype(np.float64)
    is_layer = config.norm == "layer"
    mean = float(before.mean()) if is_layer else None
    centred = before - (mean or 0.0)
    in_stream = "ln_cross" if place == "decoder" else "ln1"
    weight, bias = model.feed_forward.norm(place, layer, in_stream if config.post_norm else "ln2")
    return {
        "norm": config.norm,
        "mean": mean,
        "scale": float(np.sqrt(np.square(centred).mean() + config.norm_eps)),
        "gain": [float(weight.min()), float(weight.max())],
        "shift": None if bias is None else [float(bias.min()), float(bias.max())],
        "length": float(np.linalg.norm(before)),
        "read": float(np.linalg.norm(trace.row(reads(config, place), position, layer, place))),
    }


def _before(trace: ForwardTrace, place: Place, layer: int, position: int) -> Array:
    """What goes into the norm. *Shape:* (d_model,)."""
    mid = taps.RESID_MID_CROSS if place == "decoder" else taps.RESID_MID
    return trace.row(taps.RESID_PRE if trace.config.parallel else mid, position, layer, place)
