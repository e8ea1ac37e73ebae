"""Where calls wait for their turn, and where every one of them gets a reply.

Gradio runs a server function in a thread of its own pool, bounds how many run at once only by that pool, and turns an
exception into `undefined` in the browser. So every call waits here for its turn without a thread, works within a budget
of time, and never raises.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import anyio.to_thread

from app.running import budget
from app.running.budget import Budget, GoneError, YieldError
from app.running.limits import Limits, limits
from app.running.memory import heap
from app.running.panic import is_failure
from app.running.turns import Call, Client, RefusedError, SupersededError, Turns
from app.wire import payload
from app.wire.fields import RequestError, sequence_number
from export.runtime.ending import EndedError

BUSY = budget.YIELDED
SUPERSEDED = "A newer request of this page went first; this one is asked again in a moment."
BROKEN = "This text could not be computed: the fault is on the server, which has written it to its log."
LOOKS_EVERY_S = 0.25
"""How often it is looked whether a client whose answer is being made is still there."""
SETTLES_AFTER_S = 0.05
"""From a reply to the look at what memory can be given back."""

Answer = Callable[[object], Mapping[str, Any]]
Encode = Callable[[Mapping[str, Any]], bytes]
logger = logging.getLogger(__name__)


async def stays() -> bool:
    """Of a client that never goes."""
    return False


class Desk:
    """The desk of one server.

    Args:
        bounds: how many at once, how long a call waits, how long it may take; those of this process unless given.
        waited: told of every call how many seconds it waited for its turn, and what it got: "turn", or the kind of its
            refusal.
    """

    def __init__(
        self, bounds: Limits | None = None, waited: Callable[[float, str], None] = lambda seconds, got: None
    ) -> None:
        self.limits = bounds or limits()
        self.turns = Turns(self.limits)
        self._waited = waited
        self._under_way: dict[tuple[Client, int | None], Budget] = {}

    async def call(
        self,
        answer: Answer,
        request: object,
        client: Client,
        is_gone: Callable[[], Awaitable[bool]] = stays,
        encode: Encode = payload.as_json,
    ) -> bytes:
        """As `reply`, when it is the client's turn; where there is none, the answer says that it may be asked again.

        Nothing is computed for a client that has gone meanwhile; what is being computed for it ends at its next step.
        So does what is being computed for the request that this one, by its field `instead_of`, takes the place of: one
        of the same client, or none.
        """
        older = sequence_number(request, "instead_of")
        if older is not None and (left := self._under_way.get((client, older))):
            left.end()
        begun = time.monotonic()
        try:
            async with self.turns.turn(client, getattr(answer, "__name__", "")) as turn:
                self._waited(time.monotonic() - begun, "turn")
                if await is_gone():
                    return encode({})
                async with watched(self._budget(turn), is_gone) as left:
                    try:
                        with self._noted((client, sequence_number(request)), left):
                            told, turn.spent_s = await anyio.to_thread.run_sync(
                                self._timed, answer, request, left, encode
                            )
                    finally:
                        _settle_later()
                    return told
        except RefusedError as error:
            self._waited(time.monotonic() - begun, "superseded" if isinstance(error, SupersededError) else "busy")
            why = SUPERSEDED if isinstance(error, SupersededError) else BUSY
            return encode({"seq": sequence_number(request), "error": why, "again": True})

    @contextlib.contextmanager
    def _noted(self, key: tuple[Client, int | None], left: Budget) -> Iterator[None]:
        """Within, a request may be ended by the one that comes instead of it."""
        self._under_way[key] = left
        try:
            yield
        finally:
            if self._under_way.get(key) is left:
                del self._under_way[key]

    def _budget(self, turn: Call) -> Budget:
        """What a call may take: in the place that is kept for short ones, less than else while others wait for it."""
        if turn.is_long:
            return Budget(self.limits.budget_s)
        return Budget(self.limits.budget_s, self.limits.share_s, lambda: self.turns.waiting > 0)

    def _timed(self, answer: Answer, request: object, left: Budget, encode: Encode) -> tuple[bytes, float]:
        """The reply, and what this thread spent on it, which a busy machine does not make longer."""
        begun = time.thread_time()
        told = self.reply(answer, request, left, encode)
        return told, time.thread_time() - begun

    def reply(
        self, answer: Answer, request: object, left: Budget | None = None, encode: Encode = payload.as_json
    ) -> bytes:
        """What `answer` gives, or why it gave nothing, with the number of the request. Never raises."""
        seq = sequence_number(request)
        try:
            with budget.holding(left) if left else contextlib.nullcontext():
                return encode({"seq": seq, **answer(request)})
        except YieldError as error:
            return encode({"seq": seq, "error": str(error), "again": True})
        except (GoneError, EndedError):
            return encode({"seq": seq, "error": budget.GONE, "again": True})
        except RequestError as error:
            return encode({"seq": seq, "error": str(error)})
        except BaseException as error:
            if not is_failure(error):
                raise
            logger.exception("no answer to %s", getattr(answer, "__name__", answer))
            return encode({"seq": seq, "error": BROKEN})


def _settle_later() -> None:
    """Gives freed memory back a moment after the reply is on its way: the picture waits for no part of it."""
    loop = asyncio.get_running_loop()
    loop.call_later(SETTLES_AFTER_S, lambda: loop.run_in_executor(None, heap.settle))


@contextlib.asynccontextmanager
async def watched(left: Budget, is_gone: Callable[[], Awaitable[bool]]) -> AsyncIterator[Budget]:
    """A budget that ends with its client."""

    async def watch() -> None:
        while not left.gone:
            await asyncio.sleep(LOOKS_EVERY_S)
            if await is_gone():
                left.end()

    task = asyncio.create_task(watch())
    try:
        yield left
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
