"""Attention patterns on their way to the browser, as every exhibit has them that draws whole heads."""

from __future__ import annotations

import numpy as np

from app.wire.payload import Packed
from model.config import Place
from model.trace import ForwardTrace


def patterns(trace: ForwardTrace, place: Place = "text") -> dict[str, Packed]:
    """The attention probabilities of all heads of a kind in colour depth: round(255 p) as uint8."""
    stack = trace.config.stacks[place]
    shape = (stack.layers, *trace.pattern(0, place).shape)
    rows, columns = np.tril_indices(shape[-1]) if stack.causal else np.indices(shape[-2:]).reshape(2, -1)
    kept = rows * shape[-1] + columns
    bytes_ = np.empty((*shape[:2], len(kept)), dtype=np.uint8)
    for layer in range(stack.layers):
        bytes_[layer] = np.rint(255 * trace.pattern(layer, place).reshape(shape[1], -1)[:, kept])
    return {"pattern": Packed(bytes_, shape, half=stack.causal)}
