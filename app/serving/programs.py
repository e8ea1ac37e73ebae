"""How programs reach the API: what `gradio_client` and MCP clients send, answered by Gradio's endpoints one call at a
time.

`gradio_client` puts each question into a queue and listens for its answer on a stream of events. Gradio's own queue
keeps something of every session for good, computes for whoever has left, and keeps what nobody fetches. So here a
question waits, bounded in number, bytes and time, until its session listens, and is computed only then:

    GET  /config, /gradio_api/info        what there is: Gradio tells
    POST /gradio_api/run/<name>           {"data": [...]} -> {"data": [the answer]}, without a queue
    POST /gradio_api/queue/join           {"data": [...], "fn_index", "session_hash"} -> {"event_id"}
    GET  /gradio_api/queue/data           ?session_hash=: the answers of a session's questions as events
    POST /gradio_api/mcp                  the Model Context Protocol, where the server offers it
"""

from __future__ import annotations

import json
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from app.api.endpoints import SESSION
from app.running.limits import Limits
from app.serving import bodies
from app.serving.refused import RefusedError, Scope

PREFIX = "/gradio_api"
DESCRIBED = ("/config", f"{PREFIX}/info")
RUN, JOIN, DATA, MCP = f"{PREFIX}/run/", f"{PREFIX}/queue/join", f"{PREFIX}/queue/data", f"{PREFIX}/mcp"
MOST_BYTES = 16 * 2**20
"""Of all questions that wait to be listened for."""
MOST_OF_A_SESSION = 32
FULL = "Too many questions wait; ask again in a moment."
NO_CALL = "The question is no call of this API; /gradio_api/info lists them with their parameters."

Send = Callable[[dict[str, Any]], Awaitable[None]]
Ask = Callable[[Scope, str, bytes], Awaitable[tuple[int, bytes]]]
"""Asks Gradio: the connection, the path, the body; gives status and body."""


@dataclass(frozen=True)
class Joined:
    """A question that waits for its session to listen."""

    name: str
    body: bytes
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    since: float = field(default_factory=time.monotonic)


class Programs:
    """The API of one server.

    Args:
        endpoints: the number of parameters of each endpoint, by name.
        numbers: the endpoints' names by the number that Gradio gave each.
        limits: the server's bounds.
        mcp: whether MCP is offered too.
        queue: whether questions may wait here for their session; not where its next request may reach another server.
    """

    def __init__(
        self,
        endpoints: Mapping[str, int],
        numbers: Mapping[int, str],
        limits: Limits,
        mcp: bool = False,
        queue: bool = True,
    ) -> None:
        self._endpoints, self._numbers, self._limits, self._mcp = endpoints, numbers, limits, mcp
        self._queue = queue
        self._waiting: OrderedDict[str, list[Joined]] = OrderedDict()

    def knows(self, method: str, path: str) -> bool:
        """Whether a request is one of a program."""
        if method == "GET":
            return path.rstrip("/") in DESCRIBED or (self._queue and path.rstrip("/") == DATA)
        at = path.rstrip("/")
        return method == "POST" and (
            (self._queue and at == JOIN)
            or (self._mcp and at == MCP)
            or (at.startswith(RUN) and at[len(RUN) :] in self._endpoints)
        )

    def call(self, path: str, body: bytes) -> bytes:
        """A question of `/run/`, written anew with nothing in it but what the call is. Raises RefusedError."""
        return self._question(path.rstrip("/")[len(RUN) :], bodies.parsed(body, self._limits.body_depth))

    def _question(self, name: str, fields: Mapping[str, Any]) -> bytes:
        data = fields.get("data")
        if not isinstance(data, list) or len(data) != self._endpoints[name] or not all(map(is_plain, data)):
            raise RefusedError(400, "call", NO_CALL)
        return json.dumps({"data": data}).encode("ascii")

    def tool(self, body: bytes) -> None:
        """Looks over what an MCP client sends. Raises RefusedError where a call's arguments are none of an endpoint."""
        told = bodies.question(body, self._limits.body_depth)
        for message in told if isinstance(told, list) else [told]:
            sent = message.get("params") if isinstance(message, dict) else None
            arguments = sent.get("arguments") if isinstance(sent, dict) else None
            if isinstance(arguments, dict) and not all(map(is_plain, arguments.values())):
                raise RefusedError(400, "call", NO_CALL)

    def join(self, body: bytes) -> dict[str, Any]:
        """Keeps a question until its session listens. Raises RefusedError."""
        fields = bodies.parsed(body, self._limits.body_depth)
        number, session = fields.get("fn_index"), fields.get("session_hash")
        name = self._numbers.get(number) if isinstance(number, int) else None
        if name is None or not bodies.is_session(session):
            raise RefusedError(400, "call", NO_CALL)
        joined = Joined(name, self._question(name, fields))
        self._forget_old()
        kept = [one for questions in self._waiting.values() for one in questions]
        full = len(kept) >= self._limits.waiting or len(self._waiting.get(session, ())) >= MOST_OF_A_SESSION
        if full or sum(len(one.body) for one in kept) + len(joined.body) > MOST_BYTES:
            raise RefusedError(503, "waiting", FULL)
        self._waiting.setdefault(session, []).append(joined)
        return {"event_id": joined.id}

    def _forget_old(self) -> None:
        """Drops the questions whose sessions have not listened for as long as a question may take to come."""
        oldest = time.monotonic() - self._limits.body_s
        for session, questions in list(self._waiting.items()):
            if fresh := [one for one in questions if one.since >= oldest]:
                self._waiting[session] = fresh
            else:
                del self._waiting[session]

    async def listen(self, scope: Scope, send: Send, ask: Ask, is_gone: Callable[[], bool]) -> None:
        """Answers a session's questions one after the other, and ends when none is left or nobody listens."""
        (session, *_) = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])
        if session not in self._waiting:
            raise RefusedError(404, "session", "This session has asked nothing.")
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while session in self._waiting and not is_gone():
            joined, *later = self._waiting.pop(session)
            if later:
                self._waiting[session] = later
            status, body = await ask({**scope, SESSION: session}, RUN + joined.name, joined.body)
            await send(_event({"msg": "process_completed", "event_id": joined.id} | _outcome(status, body)))
        await send(_event({"msg": "close_stream", "event_id": None}, more=False))


def is_plain(value: object) -> bool:
    """Whether something can be a parameter: a text, a number, or a list of them. Of an object that says that it is a
    file, Gradio copies the file that it names, of this machine or of the web, into its cache, whatever it is a
    parameter of.
    """
    return all(isinstance(one, str | int | float | None) for one in (value if isinstance(value, list) else [value]))


def _outcome(status: int, body: bytes) -> dict[str, Any]:
    """What an answer of Gradio's is as an event."""
    return {"success": status == 200, "output": json.loads(body)}


def _event(message: Mapping[str, Any], more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": f"data: {json.dumps(message)}\n\n".encode("ascii"), "more_body": more}
