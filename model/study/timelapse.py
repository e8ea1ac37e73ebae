"""A model at several moments of its training, in one small file: each weight as 8 bits, with a scale for each row.

No torch here, so that a page can scrub through training. The file is NumPy's .npz: `moments` has a row for each moment,
`<index>/<tensor>` the weights, `<index>/<tensor>:scale` what its rows are multiplied by. Vectors are kept in float16.

Early in a run most weights move by less than one of the 255 numbers. So each moment after the first is kept as what it
adds to the one before, modulo 256: mostly zeros at first, which compress well, and nothing is lost.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np

FILE = "timelapse.npz"
SCALE = ":scale"

Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Moment:
    """When a snapshot was taken."""

    step: int
    tokens: int
    """Predicted so far."""
    held_out: float
    """Loss in nats a token."""


def quantize(weights: Floats) -> tuple[np.ndarray[Any, np.dtype[np.int8]], Floats]:
    """Numbers from -127 to 127, and the scale of each row of the last axis: the row's largest magnitude over 127.

    Each weight is at most half its row's scale away from the product of the two. *Shape:* (..., n) and (..., 1).
    """
    scale = (np.abs(weights).max(axis=-1, keepdims=True) / 127).astype(np.float32)
    numbers = np.round(weights / np.where(scale == 0, 1, scale))
    return np.clip(numbers, -127, 127).astype(np.int8), scale


class Timelapse:
    """The moments in a file; weights are read when they are asked for.

    Raises FileNotFoundError where there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with np.load(path, allow_pickle=False) as file:
            rows = file["moments"].tolist()
        self.moments = tuple(Moment(int(step), int(tokens), held_out) for step, tokens, held_out in rows)

    def weights(self, index: int) -> dict[str, Floats]:
        """The weights at one moment, by the names of the model's state dict."""
        if not 0 <= index < len(self.moments):
            raise IndexError(f"there is no moment {index}; {self.path} holds {len(self.moments)}")
        prefix, found = f"{index}/", {}
        with np.load(self.path, allow_pickle=False) as file:
            for name in file.files:
                if name.startswith(prefix) and not name.endswith(SCALE):
                    tensor = name.removeprefix(prefix)
                    if name + SCALE in file.files:
                        found[tensor] = _numbers(file, tensor, index).astype(np.float32) * file[name + SCALE]
                    else:
                        found[tensor] = file[name].astype(np.float32)
        return found


def _numbers(arrays: Mapping[str, np.ndarray[Any, Any]], tensor: str, index: int) -> np.ndarray[Any, Any]:
    """One tensor's numbers at a moment: those of the first, and what each since then added."""
    numbers = arrays[f"0/{tensor}"]
    for later in range(1, index + 1):
        numbers = numbers + arrays[f"{later}/{tensor}"]
    return numbers


def add(path: Path, moment: Moment, weights: Mapping[str, Floats]) -> None:
    """Puts a moment behind those that a file holds; those of the same step or a later one are dropped from it first."""
    moments: list[Moment] = []
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    if path.exists():
        moments = [known for known in Timelapse(path).moments if known.step < moment.step]
        with np.load(path, allow_pickle=False) as file:
            arrays = {
                name: file[name] for name in file.files if name != "moments" and int(name.split("/")[0]) < len(moments)
            }
    index = len(moments)
    for name, values in weights.items():
        if values.ndim > 1:
            numbers, arrays[f"{index}/{name}{SCALE}"] = quantize(values)
            arrays[f"{index}/{name}"] = numbers - _numbers(arrays, name, index - 1) if index else numbers
        else:
            arrays[f"{index}/{name}"] = values.astype(np.float16)
    beside = path.with_name(path.name + ".new")
    arrays["moments"] = np.array([astuple(known) for known in [*moments, moment]], np.float64)
    with beside.open("wb") as out:
        np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # no name is the option `allow_pickle`
    os.replace(beside, path)
