"""Contestants in turns, so that what else the machine does falls on all of them, and what comes of it."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.race.field import Entry
from tests.bench.race.interface import CannotError, Task
from tests.bench.race.process import WORK, Process

TOLERANCE = {"logits": 2e-3, "patterns": 1e-4, "ids": 0.0}
"""How far arrays may be from ours and still be called the same."""


class Race:
    """The processes of some contestants, begun when they are first needed and ended with the race."""

    def __init__(self, entries: Sequence[Entry], turns: int, seconds: float) -> None:
        """Races `turns` turns of a task at the most, and fewer, but three, where they take longer than `seconds`."""
        self.entries, self.turns, self.seconds = entries, turns, seconds
        self._processes: dict[str, Process] = {}

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.end()

    def process(self, entry: Entry) -> Process:
        """A contestant's process. Raises CannotError where it has none."""
        if entry.name not in self._processes:
            self._processes[entry.name] = Process(entry)
        return self._processes[entry.name]

    def over(self, task: Task) -> dict[str, Any]:
        """One row: the task, and for each contestant its seconds or why there are none."""
        told: dict[str, dict[str, Any]] = {}
        firsts: dict[str, float] = {}
        (WORK / "arrays").mkdir(parents=True, exist_ok=True)
        kept = Path(tempfile.mkdtemp(dir=WORK / "arrays"))
        try:
            for entry in self.entries:
                try:
                    firsts[entry.name], apart = self._ready(entry, task, kept)
                    told[entry.name] = {"apart": apart} if apart else {}
                except CannotError as error:
                    told[entry.name] = {"cannot": str(error)}
        finally:
            shutil.rmtree(kept)
        taken = self._take_turns(task, firsts)
        ours = taken[self.entries[0].name]
        for name, seconds in taken.items():
            told[name] |= summary(seconds) | {"ratio": ratios(seconds, ours)}
        row = {"model": task.model, "n_tokens": task.n_tokens, "n_past": task.n_past, "precision": task.precision}
        return row | {"contestants": told}

    def _ready(self, entry: Entry, task: Task, kept: Path) -> tuple[float, dict[str, float]]:
        """How long its first run took, and how far its arrays are from ours, which are kept."""
        if task.n_tokens > entry.longest:
            raise CannotError(f"left out past {entry.longest} tokens: minutes a page")
        process = self.process(entry)
        task = replace(task, precision=entry.precision or task.precision)
        try:
            first: float = process.ask("ready", task=task.told())["seconds"]
        except CannotError:
            self._processes.pop(entry.name).end()
            raise
        if entry is self.entries[0]:
            process.ask("keep", folder=str(kept))
            return first, {}
        apart = process.ask("compare", folder=str(kept))["apart"]
        wrong = {name: far for name, far in apart.items() if not far <= TOLERANCE[name]}
        if wrong and task.precision == "float32":
            raise CannotError(f"gives other arrays than ours: {wrong}")
        return first, apart

    def _take_turns(self, task: Task, firsts: Mapping[str, float]) -> dict[str, list[float]]:
        taken: dict[str, list[float]] = {name: [] for name in firsts}
        begun = time.monotonic()
        for turn in range(self.turns):
            if turn >= 3 and time.monotonic() - begun > self.seconds:
                break
            for entry in self.entries:
                if entry.name in firsts:
                    runs = max(1, min(5, int(0.05 / firsts[entry.name])))
                    answer = self.process(entry).ask("run", runs=runs)["seconds"]
                    taken[entry.name].append(statistics.median(answer))
        return taken


def summary(seconds: Sequence[float]) -> dict[str, Any]:
    """Median and quartiles, in milliseconds."""
    low, middle, high = quartiles(seconds)
    return {"ms": rounded(1e3 * middle), "quartiles_ms": [rounded(1e3 * low), rounded(1e3 * high)]}


def ratios(theirs: Sequence[float], ours: Sequence[float]) -> list[float]:
    """Median and quartiles of how many times as long they took as ours did, turn by turn."""
    low, middle, high = quartiles([one / other for one, other in zip(theirs, ours, strict=True)])
    return [rounded(middle), rounded(low), rounded(high)]


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The first, the median, the third."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def rounded(number: float) -> float:
    """Four digits that count."""
    return float(f"{number:.4g}")
