"""Ends the runs of graphs that one request has under way, from another thread: each stops at its next node.

A request holds an `Ending` while it works (`holding`); `Session.run` looks for it there, so that nobody in between has
to hand it on. Whoever learns that nobody wants the answer calls `Ending.end`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from export import runtime


class EndedError(Exception):
    """A run was ended from outside: there are no values of it."""


class Ending:
    """The runs of one request. Threads may share it."""

    def __init__(self) -> None:
        self._running: list[Any] = []
        self._over = False
        self._lock = threading.Lock()

    @property
    def over(self) -> bool:
        """Whether it was ended."""
        return self._over

    @property
    def runs(self) -> int:
        """How many are under way."""
        return len(self._running)

    def end(self) -> None:
        """Ends what runs, and whatever would run later."""
        with self._lock:
            self._over = True
            for options in self._running:
                options.terminate = True

    def run(self, inner: Any, names: Sequence[str], feed: Mapping[str, Any]) -> list[Any]:
        """The values of some outputs of a graph. Raises EndedError if it was ended before they were there."""
        options = runtime.run_options()
        with self._lock:
            if self._over:
                raise EndedError
            self._running.append(options)
        try:
            values: list[Any] = inner.run(names, feed, options)
        except Exception:
            if self._over:
                raise EndedError from None
            raise
        finally:
            with self._lock:
                self._running.remove(options)
        return values


_of_this_request: ContextVar[Ending | None] = ContextVar("ending", default=None)


@contextlib.contextmanager
def holding(ending: Ending) -> Iterator[None]:
    """What runs within can be ended; in a thread begun within, if it runs in a copy of the context."""
    token = _of_this_request.set(ending)
    try:
        yield
    finally:
        _of_this_request.reset(token)


def run(inner: Any, names: Sequence[str], feed: Mapping[str, Any]) -> list[Any]:
    """The values of some outputs of a graph, within whatever ending is held."""
    if ending := _of_this_request.get():
        return ending.run(inner, names, feed)
    values: list[Any] = inner.run(names, feed)
    return values
