"""How the browser's calls reach the desk: a frame by an address of its own, every other answer through Gradio.

A frame is asked for with every key, and half of it is arrays. Gradio sends JSON, in which bytes would be a third longer
and would have to be spelled and read again.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

import anyio.to_thread
import gradio as gr
from fastapi import Request, Response

from app.page.desk import Answer, Desk
from app.running.clients import client_of, is_among, networks
from app.running.turns import Client
from app.wire import payload

COMPRESSED_FROM = 100_000
"""Bytes of a reply. Below, compressing takes longer than sending; a frame of 32 tokens stays below."""
LOOPBACK = networks("127.0.0.0/8,::1")

Call = Callable[[object, Request], Coroutine[Any, Any, Response]]


def server_function(desk: Desk, answer: Answer) -> Callable[[Any, gr.Request], Awaitable[Response]]:
    """An answer in the form that `gr.HTML(server_functions=...)` takes; the browser calls it by the answer's name. It
    gives a finished response.
    """

    async def call(request: Any, asked_by: gr.Request) -> Response:
        connection = cast(Request, asked_by)  # Gradio hands over Starlette's to whoever asks for its own
        gradios = (await connection.json()).get("session_hash")  # read already, and kept
        client = _client(request, gradios, connection, desk)
        body = await desk.call(answer, request, client, connection.is_disconnected)
        return await _response(body, "application/json", connection)

    call.__name__ = answer.__name__
    return call


def frames(desk: Desk, answer: Answer) -> Call:
    """The answer to a question of a frame: one body of bytes, see `app.wire.payload`."""

    async def call(request: object, connection: Request) -> Response:
        client = _client(request, None, connection, desk)
        body = await desk.call(answer, request, client, connection.is_disconnected, payload.framed)
        return await _response(body, "application/octet-stream", connection)

    return call


def _client(request: object, otherwise: object, connection: Request, desk: Desk) -> Client:
    """Who asks: the page names itself in each request, so that all its calls are known to be one visitor's."""
    session = request.get("session", otherwise) if isinstance(request, dict) else otherwise
    return client_of(_peer(connection), connection.headers, str(session), desk.limits)


def _peer(connection: Request) -> str:
    return connection.client.host if connection.client else ""


async def _response(body: bytes, kind: str, connection: Request) -> Response:
    """A reply; a large one is compressed, because many heads on many tokens are mostly zeros, and a hosted page is far
    from its browser. To one on this machine, sending takes less than compressing.
    """
    headers = {}
    readable = "gzip" in connection.headers.get("accept-encoding", "")
    if len(body) > COMPRESSED_FROM and readable and not _is_near(connection):
        body = await anyio.to_thread.run_sync(gzip.compress, body, 1)
        headers = {"Content-Encoding": "gzip"}
    return Response(body, headers=headers, media_type=kind)


def _is_near(connection: Request) -> bool:
    """Whether the browser itself is on this machine, and not a proxy that was asked from elsewhere."""
    return is_among(_peer(connection), LOOPBACK) and "x-forwarded-for" not in connection.headers
