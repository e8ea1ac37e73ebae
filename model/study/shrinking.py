"""A model made smaller: its matrices rounded to few bits, their smallest weights set to zero, and what it then weighs.

Rounding is to the nearest of evenly spaced levels, the same number on both sides of zero ("round to nearest",
symmetric; the form of `export.int8`, of which 8 bits and groups of 32 are the case): no calibration, nothing trained
again. A weight goes for its size alone, in each matrix its own share ("unstructured magnitude pruning", Han et al.
2015). Heads and layers go through the gates of the running graph; here is what their weights weighed.

Axes: row, one of a matrix's outputs (an entry of the vocabulary, in an embedding); column, one of its inputs; group, 32
neighbouring columns of one row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.config import Config, Place

Grain = Literal["row", "group"]
"""What shares one scale."""
GRAINS: tuple[Grain, ...] = ("group", "row")
GROUP = 32
WHOLE = 16
"""Bits of a weight as it is stored; from there on nothing is rounded."""
BITS = (16, 12, 10, 8, 7, 6, 5, 4, 3, 2)
ZEROED = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)
"""Shares of a matrix's weights that may be set to zero, in per cent."""
SCALE_BITS = 16
_KEPT = re.compile(r"(^|\.)(positions|segments|router|next_sentence)\.")
"""Small tables and those whose rounding would send a token elsewhere: they stay as they are, as in `export.int8`."""

Array = NDArray[Any]
Head = tuple[Place, int, int]
"""(kind of attention, layer, head)."""


@dataclass(frozen=True)
class Setting:
    """How far a model's matrices are made smaller."""

    bits: int = WHOLE
    """One of `BITS`."""
    grain: Grain = "group"
    zeroed: int = 0
    """One of `ZEROED`."""

    def __bool__(self) -> bool:
        return self.bits < WHOLE or self.zeroed > 0


@dataclass(frozen=True)
class Rounded:
    """A matrix on its levels."""

    numbers: Array
    """Which level each weight is on, zero in the middle; int16, in the matrix's shape."""
    scales: Array
    """From one level to the next, float16. *Shape:* (..., row, group), one group where a row shares a scale."""
    values: Array
    """Level times scale, float32, in the matrix's shape."""


def is_matrix(name: str, shape: Collection[int]) -> bool:
    """Whether a tensor of a checkpoint is one of those that are made smaller: a linear layer, experts, an embedding."""
    return len(shape) >= 2 and not _KEPT.search(name)


def n_levels(bits: int) -> int:
    """How many levels lie on each side of zero: 127 for 8 bits, one for 2."""
    return 2 ** (bits - 1) - 1


def rounded(weight: Array, bits: int, grain: Grain) -> Rounded:
    """A matrix with each weight on the nearest level.

    The scale of a row, or of a group, is its largest magnitude over `n_levels`, itself rounded to float16 before the
    levels are chosen.

    Args:
        weight: *Shape:* (..., row, column).
        bits: from 2 to 12.
        grain: what shares a scale; a row's last group may be shorter.
    """
    last = weight.shape[-1]
    width = GROUP if grain == "group" else last
    wide = weight.astype(np.float32)
    if odd := -last % width:
        wide = np.concatenate([wide, np.zeros((*wide.shape[:-1], odd), np.float32)], axis=-1)
    groups = wide.reshape(*wide.shape[:-1], -1, width)
    most = n_levels(bits)
    scales = (np.abs(groups).max(axis=-1) / most).astype(np.float16)
    steps = scales.astype(np.float32)[..., None]
    numbers = np.rint(groups / np.where(steps > 0, steps, 1)).clip(-most, most)
    values = numbers * steps
    shape = wide.shape
    return Rounded(numbers.reshape(shape)[..., :last].astype(np.int16), scales, values.reshape(shape)[..., :last])


def without_smallest(weight: Array, percent: int) -> Array:
    """A copy with a share of the smallest weights of each matrix set to zero; of equal ones those that stand first.

    Args:
        weight: *Shape:* (..., row, column); each matrix of a stack loses its own share.
        percent: how many of a hundred.
    """
    flat = weight.reshape(-1, weight.shape[-2] * weight.shape[-1]).copy()
    count = n_zeroed(flat.shape[1], percent)
    for matrix in flat if count else ():
        sizes = np.abs(matrix.astype(np.float32))
        largest = np.partition(sizes, count - 1)[count - 1]
        matrix[sizes < largest] = 0
        matrix[np.flatnonzero(sizes == largest)[: count - np.count_nonzero(sizes < largest)]] = 0
    return flat.reshape(weight.shape)


def n_zeroed(n: int, percent: int) -> int:
    """How many of `n` weights a share is."""
    return round(n * percent / 100)


def shrunk(weight: Array, setting: Setting) -> Array:
    """One matrix as a setting leaves it: first the smallest go, then what stays is rounded."""
    left = without_smallest(weight, setting.zeroed) if setting.zeroed else weight
    return rounded(left, setting.bits, setting.grain).values if setting.bits < WHOLE else left


def weights(tensors: Mapping[str, Array], setting: Setting) -> dict[str, Array]:
    """All matrices of a checkpoint as a setting leaves them, by name; the other tensors stay and are not among them."""
    return {name: shrunk(tensor, setting) for name, tensor in tensors.items() if is_matrix(name, tensor.shape)}


@dataclass(frozen=True)
class Removed:
    """What of a model is taken out whole."""

    heads: Collection[Head] = ()
    mlps: Collection[tuple[Place, int]] = ()
    """(stack, layer) of feed-forward parts and experts."""


NOTHING = Removed()


def heads_of(config: Config) -> list[Head]:
    """Every head of a model."""
    return [
        (place, layer, head)
        for place, stack in config.stacks.items()
        for layer in range(stack.layers)
        for head in range(config.n_heads)
    ]


def layers_of(config: Config) -> list[tuple[Place, int]]:
    """Every block of a model."""
    return [(place, layer) for place in config.streams for layer in range(config.stacks[place].layers)]


def layer_of(config: Config, place: Place, layer: int) -> Removed:
    """All of a block: its heads, those that look across among them, and its feed-forward part."""
    kinds: list[Place] = [place, "cross"] if place == "decoder" else [place]
    return Removed([(kind, layer, head) for kind in kinds for head in range(config.n_heads)], [(place, layer)])


@dataclass(frozen=True)
class Part:
    """One tensor of a checkpoint, as it counts."""

    shape: tuple[int, ...]
    itemsize: int
    """Bytes of a number as stored."""
    is_matrix: bool


def n_bytes(parts: Mapping[str, Part], config: Config, setting: Setting, removed: Removed) -> int:
    """The bytes of a model's weights under a setting, without what is removed.

    A matrix of n weights takes n times its bits; or, with some set to zero, one bit a weight that says which those are,
    and the bits of the others, where that is less. Each scale takes 16 bits. What is no matrix stays as stored.
    """
    bits = 0
    for part, shape in _left(parts, config, removed):
        n = int(np.prod(shape))
        if not part.is_matrix:
            bits += 8 * part.itemsize * n
            continue
        each = 8 * part.itemsize if setting.bits >= WHOLE else setting.bits
        stay = n - n_zeroed(n, setting.zeroed)
        bits += min(n * each, n + stay * each)
        if setting.bits < WHOLE and n:
            groups = -(-shape[-1] // GROUP) if setting.grain == "group" else 1
            bits += SCALE_BITS * (n // shape[-1]) * groups
    return -(-bits // 8)


def _left(parts: Mapping[str, Part], config: Config, removed: Removed) -> Iterator[tuple[Part, tuple[int, ...]]]:
    """Each tensor with the shape that what is removed leaves of it."""
    of_attention = {
        f"{stack.prefix}blocks.{layer}.{'cross_attn' if place == 'cross' else 'attn'}.": _heads_left(
            config, {head for kind, at, head in removed.heads if (kind, at) == (place, layer)}
        )
        for place, stack in config.stacks.items()
        for layer in range(stack.layers)
    }
    of_mlp = {f"{config.stacks[place].prefix}blocks.{layer}.mlp." for place, layer in removed.mlps}
    for name, part in parts.items():
        if any(name.startswith(begins) for begins in of_mlp):
            continue
        shape = list(part.shape)
        for begins, left in of_attention.items():
            if name.startswith(begins):
                role = name.removeprefix(begins).split(".")[0]
                if role in ("q", "k", "v"):
                    shape[0] = left[role]
                elif role in ("q_norm", "k_norm") and config.qk_norm_joint:
                    shape[0] = left[role[0]]
                elif role == "o" and len(shape) == 2:
                    shape[1] = left["o"]
        yield part, tuple(shape)


def _heads_left(config: Config, off: set[int]) -> dict[str, int]:
    """The rows of queries, keys and values that are left, and the columns of what projects back; a key that several
    heads share stays with the last. What all heads have in common, a latent and what leads to it, stays.
    """
    shared = config.n_heads // config.kv_heads
    kept = {head for head in range(config.n_heads) if head not in off}
    groups = len({head // shared for head in kept})
    own = config.head_width - (0 if config.latent is None else config.latent.d_rope)
    return {
        "q": len(kept) * config.head_width,
        "k": groups * own,
        "v": groups * config.value_width,
        "o": len(kept) * config.value_width,
    }
