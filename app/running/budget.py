"""The processor's time that one request may take: whoever works in a loop asks at each step whether some is left.

What is counted is the time of the threads that work on the request, not the clock on the wall, so that a busy server
refuses nothing that an idle one would answer. One step is never interrupted: each must be short, or a model's own pass.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from app.wire.fields import RequestError
from export.runtime import ending
from export.runtime.ending import Ending

SPENT = (
    "That takes more than the {seconds:g} seconds of the processor that this server gives one request; ask for less at"
    " a time: a shorter text, fewer steps, or a smaller model."
)
YIELDED = "The server is busy with other visitors; this is asked again in a moment."
GONE = "Nobody waits for this answer any more."


class OverBudgetError(RequestError):
    """A request has had its time."""


class GoneError(RequestError):
    """Nobody wants the answer any more."""


class YieldError(RequestError):
    """A request was taken for a short one, is none, and others wait: it may be asked again."""


class Budget:
    """What one request may take.

    Args:
        seconds: of the processor, in each thread that works on it.
        share_s: the same, after which it makes way if it is wanted.
        wanted: whether somebody waits for its place.
    """

    def __init__(self, seconds: float, share_s: float = math.inf, wanted: Callable[[], bool] = lambda: False) -> None:
        self.seconds = seconds
        self.share_s, self.wanted = share_s, wanted
        self.ending = Ending()
        """What its runs of graphs are ended by."""
        self._begun = {threading.get_ident(): time.thread_time()}

    @property
    def gone(self) -> bool:
        """Whether nobody waits for the answer."""
        return self.ending.over

    def end(self) -> None:
        """Called by whoever learns that nobody waits for the answer: it ends at its next step, a graph at its node."""
        self.ending.end()

    def check_wanted(self) -> None:
        """Raises GoneError where nobody waits."""
        if self.gone:
            raise GoneError(GONE)

    def check(self) -> None:
        """Raises GoneError where nobody waits, OverBudgetError where nothing is left, YieldError where others come
        first.
        """
        self.check_wanted()
        now = time.thread_time()
        spent = now - self._begun.setdefault(threading.get_ident(), now)
        if spent > self.seconds:
            raise OverBudgetError(SPENT.format(seconds=self.seconds))
        if spent > self.share_s and self.wanted():
            raise YieldError(YIELDED)


_of_this_request: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextlib.contextmanager
def holding(budget: Budget) -> Iterator[None]:
    """What is done within counts against a budget; a thread begun within, if it runs in a copy of the context."""
    token = _of_this_request.set(budget)
    try:
        with ending.holding(budget.ending):
            yield
    finally:
        _of_this_request.reset(token)


def check() -> None:
    """One step of a loop: raises where the request has had its time, see `Budget.check`; without a budget, nothing."""
    if budget := _of_this_request.get():
        budget.check()


def check_wanted() -> None:
    """One part of a step that is a model's own pass: raises where nobody waits for it any more."""
    if budget := _of_this_request.get():
        budget.check_wanted()
