"""Whose turn it is, where many ask and few can be answered at once.

A client is one page, at an address. It has one call running, and one of each kind waiting: a newer one takes the place
of the one that waits, as it does in the browser. Short calls go first, the longer one has waited the sooner; so equal
ones go in turn. A client with long calls never holds the last place, so that one who types does not wait behind it.
What a new client's calls take is taken to be what its address's do, and it never holds the last place with its first: a
new name wins nothing. Nor does one who sends short calls until it counts as short, and then a long one: what was let
in as short makes way after `share_s` while others wait (app/running/budget.py), and one that took more than that there
makes its client one with long calls for a hundred times as long, however short those are that follow.

All of it belongs to one event loop: a call that waits holds no thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.running.limits import Limits

Key = TypeVar("Key")

LONG_S = 0.06
"""A client is one with long calls if they take more than this of the processor on average,"""
LONG_FOR = 100
"""and for so many times what one took of the place for short calls beyond its share."""
NEWEST = 0.3
"""The weight of the newest call in that average."""
PATIENT_S = 1.0
"""Who has waited for so long counts as half as long."""


class RefusedError(Exception):
    """A call gets no turn now; it may be asked again."""


class BusyError(RefusedError):
    """Too many wait, or it has waited for too long."""


class SupersededError(RefusedError):
    """A newer call of the same client took its place."""


@dataclass(frozen=True)
class Client:
    """Who asks."""

    address: str = ""
    session: str = ""


@dataclass
class Cost:
    """What the calls of a client, or of an address, take on average."""

    seconds: float = 0.0
    known: bool = False
    """Whether one is over."""
    long_until: float = 0.0
    """When the last one is forgotten that was let in as short and was not."""

    def add(self, seconds: float) -> None:
        """One more call."""
        self.seconds += (NEWEST if self.known else 1.0) * (seconds - self.seconds)
        self.known = True


@dataclass(eq=False)
class Call:
    """A call that waits or runs."""

    client: Client
    kind: str
    turn: asyncio.Future[None] = field(repr=False)
    since: float = 0.0
    """When it began to wait."""
    is_long: bool = False
    spent_s: float | None = None
    """What it took of the processor, if whoever had the turn says so; else the time on the clock counts."""


class Turns:
    """The turns of one server.

    Args:
        limits: how many at once, how long a call waits, how many clients are remembered.
        clock: tells the time in seconds.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._costs: OrderedDict[Client, Cost] = OrderedDict()
        self._addresses: OrderedDict[str, Cost] = OrderedDict()
        self._running: dict[Client, Call] = {}
        self._waiting: list[Call] = []

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._waiting)

    @contextlib.asynccontextmanager
    async def turn(self, client: Client, kind: str) -> AsyncIterator[Call]:
        """Waits for a turn, and gives it back.

        Args:
            client: who asks.
            kind: what is asked; a newer call of the same kind takes the place of one that waits.

        Raises:
            BusyError: it did not come in time.
            SupersededError: a newer call came first.
        """
        call = Call(client, kind, asyncio.get_running_loop().create_future(), self._clock())
        self._make_room(call)
        self._waiting.append(call)
        self._grant()
        try:
            await asyncio.wait_for(call.turn, self._limits.patience_s)
        except TimeoutError:
            raise BusyError from None
        finally:
            if call in self._waiting:
                self._waiting.remove(call)
            if call.turn.cancelled() and self._running.get(client) is call:
                self._end(call, 0.0)
        begun = self._clock()
        try:
            yield call
        finally:
            self._end(call, self._clock() - begun if call.spent_s is None else call.spent_s)

    def _make_room(self, call: Call) -> None:
        """Takes the place of the client's older call of the kind; where all are taken, one of whoever has most."""
        for older in [one for one in self._waiting if (one.client, one.kind) == (call.client, call.kind)]:
            self._refuse(older, SupersededError())
            call.since = min(call.since, older.since)  # who types goes on waiting where the last key left off
        if len(self._waiting) < self._limits.waiting:
            return
        counts: dict[str, int] = {}
        for one in self._waiting:
            counts[one.client.address] = counts.get(one.client.address, 0) + 1
        most = max(counts, key=counts.__getitem__, default=call.client.address)
        if counts.get(most, 0) <= counts.get(call.client.address, 0) + 1:
            raise BusyError
        self._refuse([one for one in self._waiting if one.client.address == most][-1], BusyError())

    def _refuse(self, call: Call, why: RefusedError) -> None:
        self._waiting.remove(call)
        if not call.turn.done():
            call.turn.set_exception(why)

    def _grant(self) -> None:
        """Gives the free places to those who may go."""
        while len(self._running) < self._limits.at_once:
            now = self._clock()
            long_ones = sum(call.is_long for call in self._running.values())
            room_for_long = long_ones < max(1, self._limits.at_once - 1)
            able = [
                call
                for call in self._waiting
                if call.client not in self._running and (room_for_long or not self._is_long(call.client))
            ]
            if not able:
                return
            call = min(able, key=lambda one: self._rank(one, now))
            call.is_long = self._is_long(call.client)
            self._waiting.remove(call)
            if not call.turn.done():
                self._running[call.client] = call
                call.turn.set_result(None)

    def _end(self, call: Call, seconds: float) -> None:
        """Counts what a call took, and lets the next one go."""
        del self._running[call.client]
        if seconds > 0:
            cost = self._cost(call.client)
            cost.add(seconds)
            if not call.is_long and seconds > self._limits.share_s:
                cost.long_until = self._clock() + LONG_FOR * seconds
            _remembered(self._addresses, call.client.address, self._limits.clients).add(seconds)
        self._grant()

    def _rank(self, call: Call, now: float) -> float:
        """Which of several calls goes first: the least."""
        return self._cost(call.client).seconds / (1 + (now - call.since) / PATIENT_S)

    def _is_long(self, client: Client) -> bool:
        cost = self._cost(client)
        return not cost.known or cost.seconds > LONG_S or self._clock() < cost.long_until

    def _cost(self, client: Client) -> Cost:
        """What a client's calls take; of a new one, what those of its address do."""
        if client not in self._costs:
            self._costs[client] = Cost(_remembered(self._addresses, client.address, self._limits.clients).seconds)
        return _remembered(self._costs, client, self._limits.clients)


def _remembered(costs: OrderedDict[Key, Cost], key: Key, most: int) -> Cost:
    """One that was asked for now; of too many, the one asked for longest ago is forgotten."""
    costs.setdefault(key, Cost())
    costs.move_to_end(key)
    while len(costs) > max(1, most):
        costs.popitem(last=False)
    return costs[key]
