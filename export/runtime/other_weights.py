"""Other weights under a checkpoint's graph than those in its file: given in memory, by the names of its tensors.

No torch here. A graph points into `model.safetensors` (`export.weights`); ONNX Runtime takes arrays in the place of
what it would read there, before it optimizes the graph, and reads them where they lie: a session keeps them. They must
be of the file's own type: a model that is stored in half precision computes with what is given rounded to it, as it
does with its own weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from export.runtime.layout import slots

Array = NDArray[Any]

DTYPES = {"F32": np.dtype(np.float32), "F16": np.dtype(np.float16), "BF16": np.dtype(ml_dtypes.bfloat16)}
HELD_PER_NUMBER = 10
"""Bytes that a loaded session holds for each number of its weights, at most: the numbers as they were given, the same
in float32, and the copies of most of them that its kernels read."""


def as_stored(path: Path, weights: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays in the form in which the file has them.

    Args:
        path: the checkpoint's safetensors file.
        weights: what stands in the place of some or all of its tensors.

    Raises:
        ValueError: the file has no such tensor, or one of another shape, or of a type that is none of `DTYPES`, or a
            number is too large for its type or is none.
    """
    file = slots(path)
    found = {}
    for name, weight in weights.items():
        if name not in file:
            raise ValueError(f"{path.name} has no tensor {name!r}")
        slot = file[name]
        if slot.dtype not in DTYPES:
            raise ValueError(f"{name} is of type {slot.dtype} in {path.name}; only {', '.join(DTYPES)} can be replaced")
        if weight.shape != slot.shape:
            raise ValueError(f"{name} has shape {weight.shape}; that in {path.name} has {slot.shape}")
        with np.errstate(over="ignore"):  # looked for below
            found[name] = np.array(weight, DTYPES[slot.dtype], order="C")  # ours: the caller's may change
        if not np.isfinite(found[name]).all():
            raise ValueError(f"{name} holds a number that is none in {slot.dtype}")
    return found


def held_bytes(path: Path) -> int:
    """About how much memory a session over a safetensors file takes, at most."""
    return HELD_PER_NUMBER * sum(int(np.prod(slot.shape)) for slot in slots(path).values())
