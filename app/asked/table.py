"""The numbers of a figure as they are taken away: an array with named axes and a label for each index, and the lines of
Python that compute it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from model.config import Place
from model.trace import ForwardTrace, Token

COUNTED = 1
"""Layers, heads and experts are counted from 1, as on the page."""


@dataclass(frozen=True)
class Table:
    """One array of numbers.

    Args:
        name: what it is called, a word that can name a variable.
        axes: the name of each axis, with the label of each index along it.
        values: the numbers.
        lines: what computes `values` of `trace`, the ForwardTrace of the text, and NumPy as `np`; the last line sets
            `values`. Where it sets `trace` itself, it finds `engine`.
        parts: the classes of the parts of the picture that show it, the first name of each; none: all of them.
    """

    name: str
    axes: Mapping[str, Sequence[Any]]
    values: NDArray[Any]
    lines: str
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sizes = tuple(len(labels) for labels in self.axes.values())
        if sizes != self.values.shape:
            raise ValueError(f"{self.name} has shape {self.values.shape}; its axes have {sizes} labels")


def counted(n: int) -> list[int]:
    """The labels of layers, heads or experts."""
    return list(range(COUNTED, n + COUNTED))


def labels(tokens: Sequence[Token]) -> list[str]:
    """The labels of tokens: where each stands, from 0, and its text."""
    return [f"{at}:{token.text}" for at, token in enumerate(tokens)]


def stream(trace: ForwardTrace, place: Place) -> list[str]:
    """The labels of one stream's tokens."""
    return labels(trace.streams[place].tokens)
