"""The same model as an exporter makes a graph of it: each attention some twenty nodes."""

from __future__ import annotations

from tests.bench.race.contestants.ours import Ours


class Unfused(Ours):
    """As `Ours`, another graph; it has the probabilities alone as outputs, and a GPT's no gates."""

    form = "unfused"


CONTESTANT = Unfused
