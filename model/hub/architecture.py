"""What it takes to load one kind of published checkpoint: its config read, and a source for each of our tensors.

A table maps the name of each of our tensors to a `Source`: the names of the file's tensors that it is made of, and how.
So which tensors are missing, left over or of the wrong shape can be said in full before anything is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from model.config import Config

Settings = Mapping[str, Any]
"""A published `config.json`."""


@dataclass(frozen=True)
class Source:
    """Where one of our tensors comes from."""

    names: tuple[str, ...]
    """Tensors of the file."""
    make: Callable[..., Tensor] = lambda tensor: tensor
    """Ours from them; it moves numbers about and changes none, but for Gemma's norms, which are stored less 1: it adds
    the 1 in float32; DeBERTa's vectors of distances, which are stored before their norm: it normalizes them; and biases
    of logits that are never to be written."""


Table = dict[str, Source]


@dataclass(frozen=True)
class Architecture:
    """One kind of published checkpoint.

    Args:
        config: (its config.json, the names of its tensors, our name for it) -> our config. The names tell which heads
            it has.
        table: (our config) -> where each of our tensors comes from.
        prefix: what the names of a model with a head begin with, and those of a bare model lack.
        ignored: tensors that hold nothing learned, such as stored masks.
        copies: tensors that may be stored a second time under another name.
        aside: what a head for a task of its own has of it besides the tensors in `model.hub.heads`.
        other_prefix: what names begin with in place of `prefix` under some heads.
        spellings: what names begin with in some files in place of what they begin with in others.
    """

    config: Callable[[Settings, Collection[str], str], Config]
    table: Callable[[Any], Table]
    prefix: str
    ignored: re.Pattern[str] = re.compile(r"$^")
    copies: Mapping[str, str] = field(default_factory=dict)
    aside: re.Pattern[str] = re.compile(r"$^")
    other_prefix: str = ""
    spellings: Mapping[str, str] = field(default_factory=dict)

    def canonical(self, name: str) -> str:
        """A tensor's name without the prefix, its norms' parameters called weight and bias as in newer files."""
        name = name.removeprefix(self.prefix if name.startswith(self.prefix) else self.other_prefix)
        for other, ours in self.spellings.items():
            name = re.sub(rf"^{re.escape(other)}\b", ours, name)
        return re.sub(r"LayerNorm\.(gamma|beta)$", lambda m: f"LayerNorm.{_NEWER[m[1]]}", name)


_NEWER = {"gamma": "weight", "beta": "bias"}


def same(ours: str, theirs: str, bias: bool = True) -> Table:
    """A layer whose weight, and bias if it has one, are stored as we have them."""
    parts = ("weight", "bias") if bias else ("weight",)
    return {f"{ours}.{part}": Source((f"{theirs}.{part}",)) for part in parts}


def transposed(ours: str, theirs: str) -> Table:
    """A linear layer whose weight is stored (in, out), as GPT-2's are."""
    return {
        f"{ours}.weight": Source((f"{theirs}.weight",), lambda weight: weight.T),
        f"{ours}.bias": Source((f"{theirs}.bias",)),
    }


def thirds(ours: str, theirs: str, bias: bool, transpose: bool = False) -> Table:
    """The layers q, k and v, stored one after another as a single layer."""
    table: Table = {}
    for index, letter in enumerate("qkv"):

        def weight(fused: Tensor, index: int = index) -> Tensor:
            return (fused.T if transpose else fused).chunk(3)[index]

        def third(fused: Tensor, index: int = index) -> Tensor:
            return fused.chunk(3)[index]

        table[f"{ours}.{letter}.weight"] = Source((f"{theirs}.weight",), weight)
        if bias:
            table[f"{ours}.{letter}.bias"] = Source((f"{theirs}.bias",), third)
    return table


def stacked(theirs: str, rows: Mapping[str, int]) -> Table:
    """Layers without biases, stored one below the other as a single one.

    Args:
        rows: how many of its rows each of ours has, in order.
    """
    sizes, table = list(rows.values()), Table()
    for index, ours in enumerate(rows):

        def part(fused: Tensor, index: int = index) -> Tensor:
            return fused.split(sizes)[index]

        table[f"{ours}.weight"] = Source((f"{theirs}.weight",), part)
    return table


def thirds_of_each_head(ours: str, theirs: str, n_heads: int, bias: bool) -> Table:
    """The layers q, k and v, stored head by head: the first head's q, k and v, then the second's (GPT-NeoX, BLOOM)."""
    table: Table = {}
    for index, letter in enumerate("qkv"):

        def rows(fused: Tensor, index: int = index) -> Tensor:
            return fused.unflatten(0, (n_heads, 3, -1))[:, index].flatten(0, 1)

        for part in ("weight", "bias") if bias else ("weight",):
            table[f"{ours}.{letter}.{part}"] = Source((f"{theirs}.{part}",), rows)
    return table


def experts(ours: str, theirs: str, n_experts: int, gate: str, up: str, down: str) -> Table:
    """All experts of a block: gate and up rows interleaved in one tensor, down in another."""
    every = [f"{theirs}.{expert}" for expert in range(n_experts)]

    def interleaved(*tensors: Tensor) -> Tensor:
        pairs = zip(tensors[::2], tensors[1::2], strict=True)
        return torch.stack([torch.stack(pair, dim=1).flatten(0, 1) for pair in pairs])

    return {
        f"{ours}.w_in": Source(tuple(f"{at}.{part}.weight" for at in every for part in (gate, up)), interleaved),
        f"{ours}.w_out": Source(tuple(f"{at}.{down}.weight" for at in every), lambda *tensors: torch.stack(tensors)),
    }
