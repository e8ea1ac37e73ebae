"""Connections, bounded in time and number: uvicorn's protocol, with clocks that it does not have.

uvicorn ends a connection that is idle after an answer. One that never asks, or asks a byte a minute, or does not take
its answer, it keeps for ever, and with all descriptors taken nobody else is heard. So here a connection that has no
question in hand within a time is ended, and where there are too many, the one that has been idle longest makes room.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

AT_ONCE = 64
"""How many connections are taken in one turn of the event loop: they are there before any can make room."""
DESCRIPTORS_KEPT = AT_ONCE + 64
"""File descriptors that connections leave to those, and to everything else: models, pipes to children, logs."""
FEWEST = 16


def raise_descriptors() -> int | None:
    """Allows this process as many file descriptors as the system lets it have; gives how many. None: no such limit."""
    if resource is None:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 65_536)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        wanted = soft
    return wanted


def room_for(connections: int, descriptors: int | None) -> int:
    """How many connections may be open: as many as are wished, and as descriptors are left for."""
    if descriptors is None or descriptors < 0:
        return connections
    return max(FEWEST, min(connections, descriptors - DESCRIPTORS_KEPT))


class Connection(H11Protocol):
    """One connection. The bounds are the class's: `bounded` makes a class of its own for a server."""

    most: ClassVar[int] = 1_000
    header_s: ClassVar[float] = 10.0
    answer_s: ClassVar[float] = 60.0

    @classmethod
    def bounded(cls, most: int, header_s: float, answer_s: float) -> type[Connection]:
        """The protocol of a server.

        Args:
            most: how many connections may be open.
            header_s: seconds within which a question's header must be here, counted from its first byte or, on a new
                connection, from the beginning.
            answer_s: seconds within which an answer must be made and taken.
        """
        return type("BoundedConnection", (cls,), {"most": most, "header_s": header_s, "answer_s": answer_s})

    clock: asyncio.TimerHandle | None = None

    @property
    def has_question(self) -> bool:
        """Whether a question is here whose answer is not complete."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    @property
    def is_ending(self) -> bool:
        """Whether it is over, though the event loop has not yet said so."""
        transport: asyncio.Transport | None = self.transport
        return transport is None or transport.is_closing()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for a question, and makes room where there are too many who do."""
        super().connection_made(transport)
        self._wait(self.header_s)
        others = [other for other in self.connections if isinstance(other, Connection) and not other.is_ending]
        if len(others) > self.most:
            idle = (other for other in others if other is not self and not other.has_question)
            longest = min(idle, key=lambda other: other.clock.when() if other.clock else 0, default=self)
            longest.end()

    def data_received(self, data: bytes) -> None:
        """Takes what came. The clock of a header goes on: a byte now and then does not set it back."""
        if not self.has_question and self.clock is None:
            self._wait(self.header_s)
        had = self.has_question
        super().data_received(data)
        if self.has_question and not had:
            self._wait(self.answer_s)

    def on_response_complete(self) -> None:
        """The answer is made; it must still be taken, and the next question may come."""
        self._stop_clock()
        super().on_response_complete()
        if self.has_question:  # asked for in one go with the last
            self._wait(self.answer_s)
        elif self.transport is not None:
            self._wait(self.timeout_keep_alive + self.header_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop_clock()
        super().connection_lost(exc)

    def end(self) -> None:
        """Ends the connection at once, whatever is not yet sent."""
        self._stop_clock()
        if self.transport is not None:
            self.transport.abort()

    def _wait(self, seconds: float) -> None:
        self._stop_clock()
        self.clock = self.loop.call_later(seconds, self.end)

    def _stop_clock(self) -> None:
        if self.clock is not None:
            self.clock.cancel()
            self.clock = None


def shut(state: Any) -> None:
    """Ends every connection that is left, when the server has waited for them long enough."""
    for connection in list(state.connections):
        if isinstance(connection, Connection):
            connection.end()
