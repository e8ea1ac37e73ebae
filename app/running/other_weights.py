"""Tapped graphs over other weights than their model's own, shared by all who ask for the same, up to a number of bytes.

To open one takes tens of milliseconds and holds tens of megabytes, so what is asked for should come in steps: a slider
with a few dozen positions, not any number. A large model (`Model.is_large`) would take seconds and gigabytes: whoever
changes weights leaves those alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping

from app.running import budget
from app.running.lru import LruCache
from app.running.memory import heap
from app.running.model import Model
from export.runtime.other_weights import held_bytes
from export.runtime.session import Session
from model.trace import Array


class OtherWeights:
    """The sessions that were used last. Threads may share it: one is opened at a time, and by one of them only.

    Args:
        limit_bytes: how much they may hold together.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._sessions: LruCache[tuple[str, Hashable], Session] = LruCache(limit_bytes)
        self._opening = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def session(self, model: Model, key: Hashable, weights: Callable[[], Mapping[str, Array]]) -> Session:
        """A model's tapped graph over other weights; opened now, unless it is kept.

        Args:
            model: whose graph it is.
            key: tells these weights from all others of the model; begin it with a word that nobody else uses.
            weights: gives what stands in the place of the file's tensors, by their names; called only to open.

        Raises:
            OverBudgetError: the request has no time left for it.
            ValueError: they do not fit, see `export.runtime.other_weights`.
        """
        named = (model.name, key)
        if kept := self._sessions.get(named):
            return kept
        with self._opening:
            if kept := self._sessions.get(named):
                return kept
            budget.check()
            opened = Session(model.folder, weights=weights())
            heap.let_go(self._sessions.put(named, opened, held_bytes(model.weights)))
            return opened

    def forget(self, name: str) -> None:
        """Lets go what was made of a model."""
        self._sessions.forget(lambda key: key[0] == name)
