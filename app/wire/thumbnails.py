"""Many heads in small: what a thumbnail of each can show, a byte a cell.

A frame holds one head in full (`app.wire.patterns`); the others are looked at as pictures. Where a text has more tokens
than a thumbnail has cells, a cell is a block of `block` by `block` probabilities, and shows the largest of them, as a
pixel of `static/js/draw/raster.js` does. A byte says which part of the largest of all a cell is, in 255 steps: as many
as the ramp has colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.wire.patterns import LONG
from app.wire.payload import Packed
from model.trace import Array, Stretch

STEPS = 255
SIGNED_STEPS = 127
NOTHING = -128
"""What stands for a cell without a value, in an array of signed ones."""
SIDE = 64
"""The most cells along a thumbnail's side."""
BYTES = 120_000
"""The most of all thumbnails together; there are the fewer cells in each, the more heads there are."""


@dataclass(frozen=True)
class Thumbnails:
    """All heads of a kind in small."""

    packed: Packed
    """*Shape:* (layer, head, query block, key block)."""
    largest: float
    """The value that the last step stands for."""
    block: int
    """How many tokens stand along a cell's side."""

    @property
    def told(self) -> dict[str, Any]:
        """The field that says what the bytes stand for."""
        return {"largest": self.largest, "block": self.block}


def block_of(n_heads: int, n_queries: int, n_keys: int, *, causal: bool) -> int:
    """The smallest block that leaves thumbnails of at most `SIDE` cells a side, and `BYTES` in all; of a long text a
    power of two, so that a block ends where a stretch does.
    """
    block = -(-max(n_queries, n_keys) // SIDE)
    is_long = max(n_queries, n_keys) > LONG
    block = 1 << (block - 1).bit_length() if is_long else block
    while n_heads * _cells(-(-n_queries // block), -(-n_keys // block), causal) > BYTES:
        block += block if is_long else 1
    return block


def _cells(rows: int, columns: int, causal: bool) -> int:
    return rows * (rows + 1) // 2 if causal else rows * columns


def blocks(heads: Array, block: int) -> Array:
    """The value of each block that is furthest from zero; NaN counts for nothing. *Shape:* (head, query, key)."""
    if block == 1:
        return heads
    n_heads, *sides = heads.shape
    room = np.full((n_heads, *(-(-side // block) * block for side in sides)), np.nan, heads.dtype)
    room[:, : sides[0], : sides[1]] = heads
    for axis in (1, 2):
        room = _furthest(room, block, axis)
    return room


def _furthest(values: Array, block: int, axis: int) -> Array:
    front = (slice(None),) * axis
    highest = values[(*front, slice(0, None, block))].copy()
    lowest = highest.copy()
    for at in range(1, block):
        there = values[(*front, slice(at, None, block))]
        np.fmax(highest, there, out=highest)
        np.fmin(lowest, there, out=lowest)
    furthest: Array = np.where(highest >= -lowest, highest, lowest)
    return furthest


def thumbnails(
    layers: Sequence[Array | Sequence[Stretch]], *, causal: bool, largest: float | None = None
) -> Thumbnails:
    """Probabilities in small.

    Args:
        layers: *Shape:* (head, query, key) each, whole or in stretches.
        causal: whether each query reads itself and what is before it.
        largest: what the last step stands for; the largest probability of all unless given.
    """
    parts = [[Stretch(0, layer)] if isinstance(layer, np.ndarray) else layer for layer in layers]
    n_heads, n_last, n_keys = parts[0][-1].shape
    n_queries = parts[0][-1].start + n_last
    block = block_of(len(layers) * n_heads, n_queries, n_keys, causal=causal)
    small = [in_small(stretches, block) for stretches in parts]
    most = largest or max((float(heads.max(initial=0)) for heads in small), default=0.0) or 1.0
    bytes_of = [np.rint(heads * (STEPS / most)).astype(np.uint8) for heads in small]
    return Thumbnails(_packed(bytes_of, causal), most, block)


def in_small(stretches: Sequence[Stretch], block: int) -> Array:
    """The largest probability of each block. *Shape:* (head, query block, key block)."""
    if len(stretches) == 1:
        return blocks(stretches[0].values, block)
    parts = [stretch.made(("in small", block), _of_stretch, block) for stretch in stretches]
    n_heads, _, n_keys = stretches[-1].shape
    whole = np.zeros((n_heads, -(-n_keys // block), -(-n_keys // block)), parts[-1].dtype)
    for stretch, part in zip(stretches, parts, strict=True):
        first = stretch.start // block
        there = whole[:, first : first + part.shape[1], : part.shape[2]]
        np.maximum(there, part, out=there)
    return whole


def _of_stretch(stretch: Stretch, block: int) -> Array:
    """The same of some queries: the first and the last row of blocks may be parts."""
    _, n_queries, n_keys = stretch.shape
    begins = (-stretch.start) % block or block
    rows = [0, *range(begins, n_queries, block)]
    columns = range(0, n_keys, block)
    by_keys = np.maximum.reduceat(stretch.values, columns, axis=2)
    small: Array = np.maximum.reduceat(by_keys, rows, axis=1)
    return small


def changes(layers: Iterable[Array], *, block: int, causal: bool) -> Thumbnails:
    """Differences of probabilities in small, of either sign; NaN where there is none.

    Args:
        layers: *Shape:* (head, query, key) each; one at a time is looked at.
        block: how many tokens stand along a cell's side.
        causal: whether each query reads itself and what is before it.
    """
    small = [blocks(heads, block) for heads in layers]
    most = max((float(np.nanmax(np.abs(heads), initial=0)) for heads in small), default=0.0) or 1.0
    bytes_of = [
        np.where(np.isnan(heads), NOTHING, np.rint(heads * (SIGNED_STEPS / most))).astype(np.int8) for heads in small
    ]
    return Thumbnails(_packed(bytes_of, causal), most, block)


def _packed(layers: Sequence[NDArray[Any]], causal: bool) -> Packed:
    n_heads, rows, columns = layers[0].shape
    shape = (len(layers), n_heads, rows, columns)
    if not causal:
        return Packed(np.stack(layers), shape)
    below = np.tril_indices(rows)
    kept = below[0] * columns + below[1]
    return Packed(np.stack([heads.reshape(n_heads, -1)[:, kept] for heads in layers]), shape, half=True)
