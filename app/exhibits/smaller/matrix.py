"""One matrix of the model before and after: a corner of it, number by number, and the levels that its rows have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.running.lru import LruCache
from app.running.model import Model
from export.runtime.layout import slots
from model.stored import reading
from model.study import shrinking
from model.study.shrinking import GROUP, WHOLE, Setting, is_matrix, n_levels

ROWS, COLUMNS = 32, 2 * GROUP
"""How much of it is drawn."""
KEPT_BYTES = 4 * 2**20

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """The upper left corner of a matrix."""

    name: str
    shape: tuple[int, ...]
    """Of the whole; of experts, the first one's."""
    expert: bool
    before: Numbers
    """*Shape:* (row, column), as `after`."""
    after: Numbers
    scales: Numbers
    """From one level to the next; no columns where nothing is rounded. *Shape:* (row, group)."""
    levels: int
    """On each side of zero; 0 where nothing is rounded."""
    n_zero: int
    """Of the whole, how many weights are zero after."""

    @property
    def nbytes(self) -> int:
        """Of its arrays."""
        return self.before.nbytes + self.after.nbytes + self.scales.nbytes


class Views:
    """The corners that were looked at last. Threads may share it."""

    def __init__(self) -> None:
        self._kept: LruCache[tuple[str, str, Setting], View] = LruCache(KEPT_BYTES)

    def of(self, model: Model, name: str, setting: Setting) -> View:
        """One of a model's matrices; the first of attention where it has none of that name."""
        there = names(model)
        name = name if name in there else first(there)
        key = (model.name, name, setting)
        if kept := self._kept.get(key):
            return kept
        view = viewed(model, name, setting)
        self._kept.put(key, view, view.nbytes)
        return view


def names(model: Model) -> list[str]:
    """The matrices of a model that are made smaller, as its file names them, block by block."""
    found = [name for name, slot in slots(model.weights).items() if is_matrix(name, slot.shape)]
    return sorted(found, key=lambda name: [int(part) if part.isdigit() else -1 for part in name.split(".")])


def first(there: Sequence[str]) -> str:
    """What is looked at as long as nobody chooses."""
    return next((name for name in there if name.endswith("attn.q.weight")), there[0])


def viewed(model: Model, name: str, setting: Setting) -> View:
    """The corner, computed."""
    with reading(model.weights) as read:
        whole: NDArray[Any] = read(name)
    expert = whole.ndim > 2
    before = whole.reshape(-1, *whole.shape[-2:])[0]
    left = shrinking.without_smallest(before, setting.zeroed) if setting.zeroed else before
    corner = (slice(ROWS), slice(COLUMNS))
    if setting.bits >= WHOLE:
        after, scales, levels = left, np.zeros((min(ROWS, len(left)), 0), np.float32), 0
    else:
        rounded = shrinking.rounded(left, setting.bits, setting.grain)
        after, levels = rounded.values, n_levels(setting.bits)
        scales = rounded.scales[:ROWS, : COLUMNS // GROUP].astype(np.float32)
    return View(
        name,
        before.shape,
        expert,
        np.ascontiguousarray(before[corner], np.float32),
        np.ascontiguousarray(after[corner], np.float32),
        np.ascontiguousarray(scales),
        levels,
        int((after == 0).sum()),
    )
