"""One pass of a text with every probability in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.bench.race import field, models
from tests.bench.race.interface import Task
from tests.bench.race.turns import Race

TURNS, SECONDS = 11, 6.0
QUICK_LENGTHS = (32, 128)
QUICK_MODELS = ("gpt", "smollm2")


def run(names: Sequence[str], quick: bool, note: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Races on some models; tells each row as it comes."""
    rows = []
    for name in names:
        folder = models.prepare(name)
        with Race(field.PASSES, 3 if quick else TURNS, 0 if quick else SECONDS) as race:
            for n_tokens in models.MODELS[name].lengths:
                if not quick or n_tokens in QUICK_LENGTHS:
                    rows.append(race.over(Task("pass", name, str(folder), n_tokens)))
                    note(rows[-1])
    return rows
