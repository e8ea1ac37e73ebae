"""Whose turn it is, where many ask and few can be answered at once.

A client is one page, at an address. It has one call running, and one of each kind waiting: a newer one takes the place
of the one that waits, as it does in the browser. Whoever has used least lately goes first. A client with long calls
never holds the last place, so that one who types does not wait behind it; and what a new page of an address costs is
taken to be what that address's calls have cost, so that a new name wins nothing.

All of it belongs to one event loop: a call that waits holds no thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.running.limits import Limits

Key = TypeVar("Key")

LONG_S = 0.1
"""A client is one with long calls if they take more than this on average."""
NEWEST = 0.3
"""The weight of the newest call in that average."""
FORGETS_IN_S = 10.0
"""The time in which what was used counts for 1/e of it."""


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
class Use:
    """What a client, or an address, has had."""

    cost_s: float = 0.0
    """What a call takes, on average over the last ones."""
    used_s: float = 0.0
    at: float = 0.0

    def lately(self, now: float) -> float:
        """Seconds used, the older the less they count."""
        return self.used_s * math.exp((self.at - now) / FORGETS_IN_S)

    def add(self, seconds: float, now: float) -> None:
        """One more call."""
        self.used_s, self.at = self.lately(now) + seconds, now
        self.cost_s += NEWEST * (seconds - self.cost_s)


@dataclass(eq=False)
class Call:
    """A call that waits or runs."""

    client: Client
    kind: str
    turn: asyncio.Future[None] = field(repr=False)
    is_long: bool = False


class Turns:
    """The turns of one server.

    Args:
        limits: how many at once, how long a call waits, how many clients are remembered.
        clock: tells the time in seconds.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._uses: OrderedDict[Client, Use] = OrderedDict()
        self._addresses: OrderedDict[str, Use] = OrderedDict()
        self._running: dict[Client, Call] = {}
        self._waiting: list[Call] = []

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._waiting)

    @contextlib.asynccontextmanager
    async def turn(self, client: Client, kind: str) -> AsyncIterator[None]:
        """Waits for a turn, and gives it back.

        Args:
            client: who asks.
            kind: what is asked; a newer call of the same kind takes the place of one that waits.

        Raises:
            BusyError: it did not come in time.
            SupersededError: a newer call came first.
        """
        call = Call(client, kind, asyncio.get_running_loop().create_future())
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
            yield
        finally:
            self._end(call, self._clock() - begun)

    def _make_room(self, call: Call) -> None:
        """Takes the place of the client's older call of the kind; where all are taken, one of whoever has most."""
        for older in [one for one in self._waiting if (one.client, one.kind) == (call.client, call.kind)]:
            self._refuse(older, SupersededError())
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
            call = min(able, key=lambda one: self._use(one.client).lately(now))
            call.is_long = self._is_long(call.client)
            self._waiting.remove(call)
            if not call.turn.done():
                self._running[call.client] = call
                call.turn.set_result(None)

    def _end(self, call: Call, seconds: float) -> None:
        """Counts what a call took, and lets the next one go."""
        del self._running[call.client]
        if seconds:
            now = self._clock()
            self._use(call.client).add(seconds, now)
            self._of_address(call.client.address).add(seconds, now)
        self._grant()

    def _is_long(self, client: Client) -> bool:
        return self._use(client).cost_s > LONG_S

    def _use(self, client: Client) -> Use:
        """What a client has had; a new one is taken to be like its address."""
        if client not in self._uses:
            self._uses[client] = Use(cost_s=self._of_address(client.address).cost_s, at=self._clock())
        return _remembered(self._uses, client, self._limits.clients)

    def _of_address(self, address: str) -> Use:
        self._addresses.setdefault(address, Use(at=self._clock()))
        return _remembered(self._addresses, address, self._limits.clients)


def _remembered(uses: OrderedDict[Key, Use], key: Key, most: int) -> Use:
    """One that was used now; of too many, the one used longest ago is forgotten."""
    uses.move_to_end(key)
    while len(uses) > max(1, most):
        uses.popitem(last=False)
    return uses[key]
