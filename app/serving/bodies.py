"""Reads the bodies that the page sends as JSON: the question of a frame, and a call of a server function.

Everything about it is bounded before it is understood: its bytes, the time that it takes to come, how deep it nests.
Nothing in it is passed on but what the call is.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeGuard

import numpy as np

from app.serving.refused import RefusedError

Receive = Callable[[], Awaitable[dict[str, Any]]]

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
NO_SESSION = "visitor"
"""The session of a call that names none that is fit. Gradio keeps each name that it is told, however long."""


class GoneError(Exception):
    """The one who asked is gone before the whole question was here."""


async def read(receive: Receive, headers: Collection[tuple[bytes, bytes]], most: int, within_s: float) -> bytes:
    """A request's body.

    Args:
        receive: the ASGI connection's.
        headers: the request's.
        most: how many bytes it may have.
        within_s: how many seconds it may take.

    Raises:
        RefusedError: it is no JSON by its header, too long, or too slow.
        GoneError: the connection ended.
    """
    said = {name: value for name, value in headers if name in (b"content-type", b"content-length", b"content-encoding")}
    if said.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise RefusedError(415, "type", "A question is sent as application/json.")
    if b"content-encoding" in said:
        raise RefusedError(415, "type", "A question is sent as it is, without Content-Encoding.")
    if int(said.get(b"content-length", b"0")) > most:
        raise too_long(most)
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise GoneError
                body += message.get("body", b"")
                if len(body) > most:
                    raise too_long(most)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        sentence = f"The question did not come within {within_s:g} seconds."
        raise RefusedError(408, "slow", sentence, {"Connection": "close"}) from None


def too_long(most: int) -> RefusedError:
    """A body of more than `most` bytes; the connection is closed, so that the rest need not be read."""
    sentence = f"The question is longer than {most:,} bytes, the most that this server reads; shorten the text."
    return RefusedError(413, "long", sentence, {"Connection": "close"})


def depth(body: bytes) -> int:
    """How deep brackets and braces nest outside of strings, counted without parsing."""
    brackets = np.frombuffer(_STRING.sub(b"", body).translate(None, _NOT_BRACKETS), np.uint8)
    opens = (brackets == ord("[")) | (brackets == ord("{"))
    return int(np.where(opens, 1, -1).cumsum().max(initial=0))


def question(body: bytes, deepest: int) -> Any:
    """What a body says. Raises RefusedError where it is no JSON, or nests deeper than `deepest` levels."""
    if depth(body) > deepest:
        raise RefusedError(400, "deep", f"The question nests deeper than {deepest} levels.")
    try:
        return json.loads(body)
    except ValueError:  # no JSON, no UTF-8, or a number of too many digits
        raise RefusedError(400, "json", "The question is no JSON.") from None


def parsed(body: bytes, deepest: int) -> Mapping[str, Any]:
    """The fields of a body; none of one that is no object. Raises RefusedError as `question`."""
    value = question(body, deepest)
    return value if isinstance(value, dict) else {}


def is_session(name: object) -> TypeGuard[str]:
    """Whether something is fit to be the name of a session."""
    return isinstance(name, str) and _SESSION.fullmatch(name) is not None


def call(body: bytes, functions: Mapping[int, Collection[str]], deepest: int) -> tuple[str, bytes]:
    """The call that a body is: the name of the function, and the call as Gradio takes it, written anew.

    Args:
        body: JSON, {"component_id", "fn_name", "data", ...}.
        functions: the names of the functions that may be called, by the component that has them.
        deepest: how deep the JSON may nest.

    Raises:
        RefusedError: it is no such call.
    """
    fields = parsed(body, deepest)
    component, name = fields.get("component_id"), fields.get("fn_name")
    known = isinstance(component, int) and isinstance(name, str) and name in functions.get(component, ())
    if not known or isinstance(component, bool):
        raise RefusedError(
            404, "function", "There is no such function; reload the page, which may be of another version."
        )
    session = fields.get("session_hash")
    if not is_session(session):
        session = NO_SESSION
    anew = {"component_id": component, "fn_name": name, "session_hash": session, "data": fields.get("data")}
    return str(name), json.dumps(anew).encode("ascii")
