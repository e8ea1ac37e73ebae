"""Speculative decoding of a greedy output: the same tokens as one after the other, in far fewer passes.

From one key to the next, what a T5 writes is put together of what it wrote before. So its outputs for other texts are
references (Yang et al. 2023, arXiv:2304.04487): a draft goes on as it went on there, after the same last tokens. One
pass over a draft says what the model would put at every place of it. That holds up to the first place where the two
differ (Leviathan et al. 2023, with greedy choices); from there on is drafted anew. A bad draft costs time, never truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from operator import eq

from app.running import budget
from app.wire.interventions import Interventions

N_REFERENCES = 32
"""How many outputs are kept: the last few of each of those who type at the same time."""

Likeliest = Callable[[list[int], int], list[int]]
"""From tokens and a place among them: the likeliest token after each, from that place on."""


class References:
    """What a model wrote last. Threads may share it: at worst one of two outputs that come at once is not kept."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[list[int], Interventions, list[int]], ...] = ()

    def nearest(self, read: Sequence[int], interventions: Interventions) -> list[list[int]]:
        """What was written, first by a model changed alike, and for the texts that begin most like this one."""

        def likeness(kept: tuple[list[int], Interventions, list[int]]) -> tuple[bool, int]:
            return kept[1] == interventions, _common(kept[0], read)

        return [written for _, _, written in sorted(self._kept, key=likeness, reverse=True)]

    def add(self, read: Sequence[int], interventions: Interventions, written: list[int]) -> None:
        """Keeps what was written for a text, and forgets the oldest."""
        self._kept = ((list(read), interventions, written), *self._kept[: N_REFERENCES - 1])


def decode(
    references: Sequence[Sequence[int]],
    likeliest: Likeliest,
    start: int,
    end: int | None,
    n_written: int,
    first: int | None = None,
) -> list[int]:
    """The start token and up to `n_written` likeliest ones, each after those before it, without the end token.

    Args:
        references: outputs that may be like it, the likest first.
        likeliest: the model.
        start: what stands in front of the output.
        end: what ends it, if anything does.
        n_written: how many tokens it may have.
        first: what is written first, whatever the model says; what it says unless given.
    """
    written = [start]
    while True:
        budget.check()
        drafted = (written + draft(references, written))[: n_written + 1]
        for said in likeliest(drafted, len(written) - 1):
            following = first if first is not None and len(written) == 1 else said
            if following == end or len(written) > n_written:
                return written
            written.append(following)
            if drafted[len(written) - 1 : len(written)] != [following]:
                break


def draft(references: Sequence[Sequence[int]], written: Sequence[int]) -> list[int]:
    """What followed after the longest end of `written` that is in a reference; in the first, where several have it."""
    longest, found = 0, list[int]()
    for reference in references:
        for at, token in enumerate(reference, 1):
            if token == written[-1]:
                length = _common(reference[at - 1 :: -1], written[::-1])
                if length > longest:
                    longest, found = length, list(reference[at:])
    return found


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences have in common from their beginnings."""
    return sum(takewhile(bool, map(eq, first, second)))
