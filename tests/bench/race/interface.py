"""What a contestant is: it loads a model, gets ready for a task, and runs it as often as it is asked to.

Nothing here imports more than NumPy: every contestant reads this in a process of its own, in an environment of its own.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kind = Literal["pass", "decode", "read"]
N_THREADS = 2
"""For all."""
N_DECODED = 16
"""Tokens that are decoded in one turn; what counts is the time of one."""


class CannotError(Exception):
    """A contestant cannot do this, for the reason that is its message."""


@dataclass(frozen=True)
class Task:
    """One thing that is raced."""

    kind: Kind
    model: str
    """Its name in `models.MODELS`."""
    folder: str
    """Where `models` put it, for each of those who read it."""
    n_tokens: int = 1
    n_past: int = 0
    precision: str = "float32"
    vocabulary: int = 0
    """How many entries it has, for those who do not say."""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def ids(self, d_vocab: int) -> list[int]:
        """The tokens that are read: the past, and in a pass all of them. None is special, whatever the vocabulary."""
        n = self.n_tokens if self.kind == "pass" else self.n_past
        return np.random.default_rng(7).integers(d_vocab // 4, d_vocab - 1, n).tolist()


@dataclass(frozen=True)
class Outcome:
    """What one turn gave."""

    seconds: float
    """Of the pass, or of one decoded token."""
    arrays: Mapping[str, Sequence[Array] | Array]
    """"logits" and "patterns" of a pass, "ids" of what was decoded."""


class Contestant(ABC):
    """One way to run a model. It holds one model at a time."""

    @abstractmethod
    def load(self, task: Task) -> None:
        """Loads the task's model. Raises CannotError where it cannot."""

    @abstractmethod
    def ready(self, task: Task) -> Callable[[], Outcome]:
        """What runs the task once, its model being loaded."""


def timed(call: Callable[[], Mapping[str, Any]]) -> Callable[[], Outcome]:
    """A call whose whole time counts."""

    def run() -> Outcome:
        begun = time.perf_counter()
        arrays = call()
        return Outcome(time.perf_counter() - begun, arrays)

    return run


def decoded(moments: Sequence[float], ids: Sequence[int]) -> Outcome:
    """The time of a token, of the moments at which one after another was there."""
    return Outcome((moments[-1] - moments[0]) / (len(moments) - 1), {"ids": np.asarray(ids)})


def place(task: Task, what: str) -> Path:
    """The folder of a task's model in one of its forms. Raises CannotError where it has none such."""
    path = Path(task.folder) / what
    if not path.exists():
        raise CannotError(f"{task.model} is not there as {what}")
    return path


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, float]:
    """The largest difference of each array that both have; how many decoded tokens are others."""
    found = {}
    for name in ours.keys() & theirs.keys():
        if name == "ids":
            found[name] = float((ours[name] != theirs[name]).sum())
            continue
        pairs = [(ours[name], theirs[name])] if name == "logits" else zip(ours[name], theirs[name], strict=True)
        found[name] = max(_apart(one, other) for one, other in pairs)
    return found


def _apart(one: Array, other: Array) -> float:
    if one.shape != other.shape:
        raise CannotError(f"gives arrays of shape {other.shape} where ours have {one.shape}")
    return float(np.abs(one - other).max())
