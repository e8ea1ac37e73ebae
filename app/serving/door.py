"""The door: an ASGI layer in front of Gradio that lets through what the page needs, and answers all else itself.

Gradio serves 77 routes: uploads, a proxy for any public file, event streams, run histories, a page that writes code.
The page needs one of them, the call of a server function, and has a frame from us, as bytes. Everything else that a
visitor may have is a file, which the door sends from memory: the page itself, our files, those files of Gradio's that
its page loads. So what is not listed here does not exist, whatever the next version of Gradio brings.

    GET  /                              the page
    GET  /v/<version>/...               our files; kept for ever
    GET  /assets/..., /static/js/...    Gradio's scripts and style sheets
    GET  /theme.css, /favicon.ico, /robots.txt
    GET  /healthz, /metrics, /version
    POST /frame                         a frame: JSON, bounded (app/serving/bodies.py); answered in bytes
    POST /gradio_api/component_server/  a server function: JSON, bounded alike

What `gradio_client` and MCP clients need besides, app/serving/programs.py lists; it is shut unless the server offers an
API.

A path in front (`GRADIO_ROOT_PATH=/cutaway`) may be taken off by the proxy or not: either reaches the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request

from app.api.endpoints import REFUSED
from app.page.calls import Call
from app.running.limits import Limits
from app.serving import bodies
from app.serving.files import ASK_AGAIN, MISSING, Answer, Folder
from app.serving.policy import EVERY_ANSWER, NOTHING
from app.serving.programs import DATA, JOIN, MCP, RUN, Programs
from app.serving.refused import RefusedError, Scope
from app.serving.visitors import Visitors
from app.serving.whole_page import App

Send = Callable[[dict[str, Any]], Awaitable[None]]

FRAMES = "/frame"
CALLS = "/gradio_api/component_server/"
BROKEN = "The server could not answer; it has written why to its log."
ROBOTS = b"User-agent: *\nAllow: /\n"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class House:
    """What is behind the door."""

    gradio: App
    frame: Call
    """What answers the question of a frame."""
    functions: Mapping[int, Collection[str]]
    """The names of the server functions, by the component that has them."""
    page: Callable[[], Answer]
    files: Mapping[str, Folder]
    """Folders by the beginning of their addresses: {"/v/0123456789abcdef/": ...}."""
    single: Mapping[str, Answer]
    """Files by their whole addresses."""
    told: Mapping[str, Callable[[], tuple[int, Answer]]]
    """What the server tells of itself, by address: status and answer."""


class Door:
    """The ASGI application that the server runs.

    Args:
        house: what is behind it.
        visitors: who may ask.
        limits: how much.
        root: the path in front of all addresses; "" for none.
        programs: the API for programs; None where the server offers none.
        count: told of every answer: its kind of address, its status, and the reason of a refusal.
    """

    def __init__(
        self,
        house: House,
        visitors: Visitors,
        limits: Limits,
        root: str = "",
        programs: Programs | None = None,
        count: Callable[[str, int, str | None], None] = lambda kind, status, reason: None,
    ) -> None:
        self.house = house
        self.visitors = visitors
        self.limits = limits
        self.root = root
        self.programs = programs
        self.count = count

    async def __call__(self, scope: Scope, receive: bodies.Receive, send: Send) -> None:
        """Answers one connection."""
        if scope["type"] == "lifespan":
            await self.house.gradio(scope, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} connections are not answered")
        kind = "other"
        try:
            headers = self.visitors.checked(scope)
            path = self.within(scope["path"])
            kind = self.kind_of(path)
            await self._answer({**scope, "headers": headers, "path": path}, kind, receive, send)
        except RefusedError as error:
            self.count(kind, error.status, error.reason)
            extra = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
            extra += [NOTHING, (b"content-type", b"application/json"), (b"cache-control", b"no-store")]
            await _send(send, error.status, extra, error.body(), scope["method"])
        except bodies.GoneError:
            self.count(kind, 499, "gone")

    def within(self, path: str) -> str:
        """A path without the one in front; the front alone leads to the page, with a slash behind it."""
        if self.root:
            if path == self.root:
                raise RefusedError(308, "slash", "The page is one slash further.", {"Location": f"{self.root}/"})
            if path.startswith(f"{self.root}/"):
                return path[len(self.root) :]
        return path

    def kind_of(self, path: str) -> str:
        """What an address belongs to, in one of few words."""
        if path in ("/", FRAMES, CALLS) or path in self.house.told:
            return {"/": "page", CALLS: "call"}.get(path, path.strip("/"))
        if path in self.house.single or any(path.startswith(front) for front in self.house.files):
            return "file"
        return "other"

    async def _answer(self, scope: Scope, kind: str, receive: bodies.Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if self.programs and self.programs.knows(method, path):
            await self._program(self.programs, scope, receive, send)
            return
        if kind in ("frame", "call"):
            if method != "POST":
                raise _only("POST")
            await (self._frame if kind == "frame" else self._call)(scope, receive, send)
            return
        status, answer = self._found(path)
        if method not in ("GET", "HEAD"):
            raise _only("GET, HEAD")
        given, headers, body = answer.sent(dict(scope["headers"]))
        status = given if given != HTTPStatus.OK else status
        self.count(kind, status, None)
        own_policy = any(name == b"content-security-policy" for name, _ in headers)
        await _send(send, status, headers if own_policy else [*headers, NOTHING], body, method)

    def _found(self, path: str) -> tuple[int, Answer]:
        """What a GET gives. Raises RefusedError where there is nothing."""
        house = self.house
        if path == "/":
            return HTTPStatus.OK, house.page()
        if path in house.told:
            return house.told[path]()
        if path in house.single:
            return HTTPStatus.OK, house.single[path]
        for front, folder in house.files.items():
            if path.startswith(front):
                return HTTPStatus.OK, folder.answer(path[len(front) :])
        raise RefusedError(HTTPStatus.NOT_FOUND, "address", MISSING)

    async def _frame(self, scope: Scope, receive: bodies.Receive, send: Send) -> None:
        """Answers the question of a frame."""
        limits = self.limits
        body = await bodies.read(receive, scope["headers"], limits.body_bytes, limits.body_s)
        question = bodies.question(body, limits.body_depth)
        answer = await self.house.frame(question, Request(scope, receive))
        self.count("frame", answer.status_code, None)
        headers = [*answer.raw_headers, NOTHING, (b"cache-control", b"no-store")]
        await _send(send, answer.status_code, headers, bytes(answer.body), scope["method"])

    async def _call(self, scope: Scope, receive: bodies.Receive, send: Send) -> None:
        """Hands a call to Gradio, written anew, and its answer back."""
        limits = self.limits
        body = await bodies.read(receive, scope["headers"], limits.body_bytes, limits.body_s)
        _, question = bodies.call(body, self.house.functions, limits.body_depth)
        await self._to_gradio(scope, CALLS, question, receive, send, "call")

    async def _program(self, programs: Programs, scope: Scope, receive: bodies.Receive, send: Send) -> None:
        """Answers a program: a stream of events itself, all else by Gradio."""
        limits, body, path = self.limits, b"", scope["path"].rstrip("/")
        if scope["method"] == "POST":
            body = await bodies.read(receive, scope["headers"], limits.body_bytes, limits.body_s)
        if path == JOIN:
            _, answer = told(programs.join(body))
            self.count("program", HTTPStatus.OK, None)
            await _send(send, HTTPStatus.OK, [*answer.sent({})[1], NOTHING], answer.plain, "POST")
        elif path == DATA:
            await self._listen(programs, scope, receive, send)
        elif path.startswith(RUN):
            await self._to_gradio(scope, path, programs.call(path, body), receive, send, "program")
        else:
            at = path
            if path == MCP:
                programs.tool(body)
                at = f"{path}/"  # Gradio would redirect to there
            await self._to_gradio(scope, at, body, receive, send, "program")

    async def _listen(self, programs: Programs, scope: Scope, receive: bodies.Receive, send: Send) -> None:
        gone = False

        async def heard() -> dict[str, Any]:
            nonlocal gone
            message = await receive()
            gone = gone or message["type"] == "http.disconnect"
            return message

        async def ask(inner: Scope, path: str, body: bytes) -> tuple[int, bytes]:
            kept = [pair for pair in inner["headers"] if pair[0] not in (b"accept-encoding", b"content-type")]
            kept.append((b"content-type", b"application/json"))
            status, answer = 0, bytearray()

            async def collect(message: dict[str, Any]) -> None:
                nonlocal status
                status = message.get("status", status)
                answer.extend(message.get("body", b""))

            try:
                await self._to_gradio(
                    {**inner, "method": "POST", "headers": kept}, path, body, heard, collect, "program"
                )
            except RefusedError as error:
                return error.status, error.body()
            return status, bytes(answer)

        async def dressed(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *EVERY_ANSWER, NOTHING]}
            await send(message)

        await programs.listen(scope, dressed, ask, lambda: gone)

    async def _to_gradio(
        self, scope: Scope, path: str, body: bytes, receive: bodies.Receive, send: Send, kind: str
    ) -> None:
        """Asks Gradio with a body that is here already; what it fails at is logged, and said in one sentence."""
        begun, waiting, refused = False, [body], list[HTTPStatus]()

        async def at_hand() -> dict[str, Any]:
            if waiting:
                return {"type": "http.request", "body": waiting.pop(), "more_body": False}
            return await receive()  # the news that the one who asked is gone

        async def guarded(message: dict[str, Any]) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun, status = True, refused[0] if refused else message["status"]
                self.count(kind, status, None)
                headers = [pair for pair in message.get("headers", []) if pair[0].lower() not in _NOT_PASSED_ON]
                headers += [*EVERY_ANSWER, NOTHING, (b"cache-control", b"no-store")]
                message = {**message, "status": int(status), "headers": headers}
            await send(message)

        kept = [
            pair for pair in scope["headers"] if pair[0] not in (b"content-length", b"origin", b"transfer-encoding")
        ]
        kept.append((b"content-length", str(len(body)).encode()))
        inner = {**scope, "path": path, "raw_path": path.encode("ascii"), "root_path": "", "headers": kept}
        inner[REFUSED] = refused
        try:
            await self.house.gradio(inner, at_hand, guarded)
        except Exception:
            logger.exception("no answer to a %s", kind)
            if begun:
                raise
            raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "broken", BROKEN) from None


_NOT_PASSED_ON = (b"server", b"cache-control", *(name for name, _ in (*EVERY_ANSWER, NOTHING)))


def _only(methods: str) -> RefusedError:
    return RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"Here is answered to {methods}.", {"Allow": methods})


def told(value: Mapping[str, Any], status: int = HTTPStatus.OK) -> tuple[int, Answer]:
    """A status and a JSON answer of what the server tells of itself; never kept."""
    return status, Answer.of(json.dumps(value).encode("ascii"), "application/json", "no-store", pack=False)


def robots() -> Answer:
    """What crawlers are told: the page may be listed."""
    return Answer.of(ROBOTS, "text/plain; charset=utf-8", ASK_AGAIN)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, method: str) -> None:
    if not any(name == b"content-length" for name, _ in headers) and status != HTTPStatus.NOT_MODIFIED:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": [*EVERY_ANSWER, *headers]})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
