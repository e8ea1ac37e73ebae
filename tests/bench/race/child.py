"""The process that a contestant lives in: JSON lines in, JSON lines out, seconds and differences in them.

    {"do": "ready", "task": {...}}  loads the model if it is another, runs once: {"seconds": 0.1}
    {"do": "run", "runs": 3}        {"seconds": [...]}; one more goes before, uncounted, so that all begin warm
    {"do": "keep", "folder": ...}   writes the arrays of the last run, for others to compare with: {}
    {"do": "compare", "folder": ...}  {"apart": {"logits": 1e-6, ...}}

What it cannot do it answers with {"cannot": why}. Usage: python -m tests.bench.race.child MODULE
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.race.interface import CannotError, Contestant, Outcome, Task, differences

CONTESTANTS = "tests.bench.race.contestants"


class Child:
    """A contestant, and what it is at."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self.model: tuple[str, str] | None = None
        self.run: Callable[[], Outcome] | None = None
        self.last: Mapping[str, Any] = {}

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What to say to one line."""
        if asked["do"] == "ready":
            self.last, self.run = {}, None
            gc.collect()
            task = Task(**asked["task"])
            if self.model != (task.model, task.precision):
                self.contestant.load(task)
                self.model = (task.model, task.precision)
            self.run = self.contestant.ready(task)
            first = self.run()
            self.last = first.arrays
            return {"seconds": first.seconds}
        if asked["do"] == "run":
            assert self.run is not None
            self.last = {}
            return {"seconds": [self.run().seconds for _ in range(asked["runs"] + 1)][1:]}
        folder = Path(asked["folder"])
        if asked["do"] == "keep":
            for name, value in self.last.items():
                for index, array in enumerate(value if isinstance(value, list | tuple) else [value]):
                    np.save(folder / f"{name}-{index}.npy", array)
            return {}
        return {"apart": differences(read(folder), self.last)}


def read(folder: Path) -> dict[str, Any]:
    """The arrays that another process kept."""
    there: dict[str, Any] = {}
    for name in ("logits", "patterns", "ids"):
        paths = sorted(folder.glob(f"{name}-*.npy"), key=lambda path: int(path.stem.rpartition("-")[2]))
        arrays = [np.load(path, mmap_mode="r") for path in paths]
        if arrays:
            there[name] = arrays if name == "patterns" else arrays[0]
    return there


def main() -> None:
    """Answers until its input ends."""
    spoken = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is not part of the conversation
    warnings.filterwarnings("ignore")
    child: Child | None = None
    for line in sys.stdin:
        try:
            child = child or Child(importlib.import_module(f"{CONTESTANTS}.{sys.argv[1]}").CONTESTANT())
            said = child.answer(json.loads(line))
        except CannotError as error:
            said = {"cannot": str(error)}
        except Exception as error:
            said = {"cannot": f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:300]}"}
            print(repr(error), file=sys.stderr, flush=True)
        print(json.dumps(said), file=spoken, flush=True)


if __name__ == "__main__":
    main()
