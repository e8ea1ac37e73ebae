"""How a greedy output is told from a draft: the same tokens as one after the other, in far fewer passes.

From one key to the next, what a T5 writes hardly changes. One pass over what it wrote for the text before says what it
would put now at every place. That holds up to the first place where the two differ; from there on the draft is only a
guess again, to be read in the next pass (Leviathan et al. 2023, with greedy choices). A bad draft costs time, never
truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from operator import eq

from app.interventions import Interventions

N_KEPT = 8
"""How many outputs are kept: those of as many people who type at the same time."""

Likeliest = Callable[[list[int], int], list[int]]
"""From tokens and a place among them: the likeliest token after each, from that place on."""


class Drafts:
    """What a model wrote last. Threads may share it: at worst one of two outputs that come at once is not kept."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[list[int], Interventions, list[int]], ...] = ()

    def nearest(self, read: Sequence[int], interventions: Interventions) -> list[int]:
        """What was written for the text that begins most like this one, by a model changed alike if there is one."""

        def likeness(kept: tuple[list[int], Interventions, list[int]]) -> tuple[bool, int]:
            return kept[1] == interventions, sum(takewhile(bool, map(eq, kept[0], read)))

        return max(self._kept, key=likeness)[2] if self._kept else []

    def keep(self, read: Sequence[int], interventions: Interventions, written: list[int]) -> None:
        """Keeps what was written for a text, and forgets the oldest."""
        self._kept = ((list(read), interventions, written), *self._kept[: N_KEPT - 1])


def told(draft: Sequence[int], likeliest: Likeliest, start: int, end: int | None, n_written: int) -> list[int]:
    """The start token and up to `n_written` likeliest ones, each after those before it, without the end token.

    Args:
        draft: any guess of it.
        likeliest: the model.
        start: what stands in front of the output.
        end: what ends it, if anything does.
        n_written: how many tokens it may have.
    """
    written = [start]
    while True:
        guess = written + list(draft[len(written) : n_written + 1])
        for following in likeliest(guess, len(written) - 1):
            if following == end or len(written) > n_written:
                return written
            written.append(following)
            if guess[len(written) - 1 : len(written)] != [following]:
                break
