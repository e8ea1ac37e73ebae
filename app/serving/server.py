"""The server's life: uvicorn with our bounds, which says when it answers, and ends when it is told to.

On SIGTERM or SIGINT it listens no more, finishes the answers in hand, lets go of everything and ends with status 0, as
the first process of a container too, where a signal without a handler is ignored. What has not ended by then is left.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn

from app.running.limits import Limits
from app.serving import connections

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LAST_MOMENT_S = 0.9
"""Seconds past the last answer after which the process ends whatever still runs."""


class Server(uvicorn.Server):
    """One server.

    Args:
        app: the ASGI application.
        limits: its bounds.
        ready: called once it answers.
        stopping: called when it is told to stop, before the answers in hand are waited for; must return at once.
    """

    def __init__(
        self, app: Any, limits: Limits, ready: Callable[[], None], stopping: Callable[[], None] = lambda: None
    ) -> None:
        most = connections.room_for(limits.connections, connections.raise_descriptors())
        protocol = connections.Connection.bounded(most, limits.header_s, limits.answer_s)
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                backlog=connections.AT_ONCE,
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # app/serving/visitors.py knows whose word is taken
                timeout_keep_alive=int(limits.idle_s),
                timeout_graceful_shutdown=int(limits.stop_s),
                h11_max_incomplete_event_size=limits.header_bytes,
            )
        )
        self._ready, self._stopping, self._stop_s = ready, stopping, limits.stop_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to answer, and says so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finishes what is in hand, and ends what does not finish."""
        await super().shutdown(sockets)
        connections.shut(self.server_state)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hears the signals while it runs. uvicorn's own would raise them again at the end, and so end by them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop: once, it finishes what is in hand; twice, it does not wait for that."""
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        last = threading.Timer(self._stop_s + LAST_MOMENT_S, _leave)
        last.daemon = True
        last.start()
        self._stopping()


def _leave() -> None:
    """Ends the process now: a pass of a model that nobody waits for any more cannot be interrupted."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)
