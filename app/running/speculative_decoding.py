"""How a greedy output is told from drafts: the same tokens as one after the other, in far fewer passes.

From one key to the next, what a T5 writes is put together of what it wrote before. So what it wrote for other texts
says how an output may go on: as it did there, after the same last tokens (Yang et al. 2023, arXiv:2304.04487). One pass
over such a guess says what the model would put at every place of it. That holds up to the first place where the two
differ (Leviathan et al. 2023, with greedy choices); from there on is guessed anew. A bad guess costs time, never truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from operator import eq

from app.wire.interventions import Interventions

N_KEPT = 32
"""How many outputs are kept: the last few of each of those who type at the same time."""

Likeliest = Callable[[list[int], int], list[int]]
"""From tokens and a place among them: the likeliest token after each, from that place on."""


class Drafts:
    """What a model wrote last. Threads may share it: at worst one of two outputs that come at once is not kept."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[list[int], Interventions, list[int]], ...] = ()

    def alike(self, read: Sequence[int], interventions: Interventions) -> list[list[int]]:
        """What was written, first by a model changed alike, and for the texts that begin most like this one."""

        def likeness(kept: tuple[list[int], Interventions, list[int]]) -> tuple[bool, int]:
            return kept[1] == interventions, _common(kept[0], read)

        return [written for _, _, written in sorted(self._kept, key=likeness, reverse=True)]

    def keep(self, read: Sequence[int], interventions: Interventions, written: list[int]) -> None:
        """Keeps what was written for a text, and forgets the oldest."""
        self._kept = ((list(read), interventions, written), *self._kept[: N_KEPT - 1])


def told(
    drafts: Sequence[Sequence[int]], likeliest: Likeliest, start: int, end: int | None, n_written: int
) -> list[int]:
    """The start token and up to `n_written` likeliest ones, each after those before it, without the end token.

    Args:
        drafts: any guesses of it, the best first.
        likeliest: the model.
        start: what stands in front of the output.
        end: what ends it, if anything does.
        n_written: how many tokens it may have.
    """
    written = [start]
    while True:
        guess = (written + continuation(drafts, written))[: n_written + 1]
        for following in likeliest(guess, len(written) - 1):
            if following == end or len(written) > n_written:
                return written
            written.append(following)
            if guess[len(written) - 1 : len(written)] != [following]:
                break


def continuation(drafts: Sequence[Sequence[int]], written: Sequence[int]) -> list[int]:
    """What followed in the drafts after the longest end of `written` that is in one of them; there, in the first."""
    longest, found = 0, list[int]()
    for draft in drafts:
        for at, token in enumerate(draft, 1):
            if token == written[-1]:
                length = _common(draft[at - 1 :: -1], written[::-1])
                if length > longest:
                    longest, found = length, list(draft[at:])
    return found


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences have in common from their beginnings."""
    return sum(takewhile(bool, map(eq, first, second)))
