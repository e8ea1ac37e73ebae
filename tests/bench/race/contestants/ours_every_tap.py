"""Ours, every inner value that the page may draw, not the probabilities alone."""

from __future__ import annotations

from model import taps
from tests.bench.race.contestants.ours import Ours


class EveryTap(Ours):
    """As `Ours`, asked for all."""

    def taps(self) -> list[str]:
        return list(taps.table(self.session.config))


CONTESTANT = EveryTap
