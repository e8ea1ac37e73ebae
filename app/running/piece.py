"""One run over some tokens of a text: what it left behind, and what of that is let go again.

A run over a long text leaves little behind at once (`FIRST`); the rest is computed when an exhibit first reads it, and
most of it is measured once and never looked at again. So of these values a pass keeps what was read last, up to a
number of bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from export.runtime.session import Cache, Run
from model import taps
from model.trace import Array

SMALL = 128
"""A run over fewer tokens is a small one."""
LOGITS = "logits"
LAST = "the last token's logits"
"""What a run over many tokens leaves of its logits: over a vocabulary of 50,000 the others take more than most taps."""
FIRST = (taps.ROT_Q, taps.ROT_K, taps.V, taps.PATTERN)
"""What a run over a long text leaves behind at once: with the keys and values others go on from it."""
WORTH = 32
"""Of a run over fewer tokens everything stays: it takes little, and as long as one over many to compute again."""
SPARE_BYTES = 32 * 2**20
"""What a long text's pass keeps besides, of values that nobody has read lately."""

Runner = Callable[[Sequence[int], Sequence[str], Cache | None], Run]
"""Runs a model, as a person changed it, over some tokens behind a past, for some taps."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One run over some tokens that follow each other."""

    there: dict[str, Array]
    """Its logits, or LAST alone, and its taps: all of them, or first those in FIRST."""
    ids: Sequence[int]
    start: int
    """The first of its tokens in the text."""
    run: Runner = field(repr=False)
    read_at: dict[str, int] = field(default_factory=dict, repr=False)
    """When each was read last, in nanoseconds."""
    _made: dict[tuple[str, bool], tuple[int, dict[Hashable, Any]]] = field(default_factory=dict, repr=False)

    @property
    def n_tokens(self) -> int:
        """How many tokens it is of."""
        return len(self.ids)

    def kept(self, name: str, n: int) -> dict[Hashable, Any]:
        """What was made of a tap's first `n` tokens (`model.trace.Stretch`): of all of them, and of as many as the last
        pass had that goes another way within it. The keys of a word change its last token again and again.
        """
        at, cut = (name, n < self.n_tokens), (n, dict[Hashable, Any]())
        known = self._made.setdefault(at, cut)
        if known[0] != n:
            known = self._made[at] = cut
        return known[1]


Store = tuple[dict[str, Array], dict[str, int], Container[str]]
"""Values by name, when each was read last, and the names of those that stay."""


def forget(stores: Iterable[Store], since: int, limit_bytes: int) -> int:
    """Lets go of values, those first that were read longest ago, until what is left is no more than a limit; gives the
    bytes.

    Args:
        stores: the values.
        since: what was read at this time or later stays.
        limit_bytes: how much may be left; of values that may be let go.
    """
    spare = [
        (read_at.get(name, 0), name, there, values.nbytes)
        for there, read_at, kept in stores
        for name, values in list(there.items())
        if name not in kept
    ]
    freed, excess = 0, sum(size for *_, size in spare) - limit_bytes
    if excess > 0:
        for at, name, there, size in sorted(spare, key=lambda one: one[0]):
            if freed >= excess or at >= since:
                break
            if there.pop(name, None) is not None:
                freed += size
    return freed
