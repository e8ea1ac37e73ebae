"""The body of a call: bounded before it is understood, and rewritten from what the call is."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.serving import bodies
from app.serving.refused import RefusedError
from tests.app.wire.test_fields import json_values

FUNCTIONS = {7: ("frame", "draw")}
JSON = [(b"content-type", b"application/json")]


def receiver(*chunks: bytes, pause_s: float = 0.0, gone: bool = False) -> Callable[[], Awaitable[dict[str, Any]]]:
    """A connection on which these chunks come, and then nothing more or its end."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause_s)
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or gone}
        assert gone
        return {"type": "http.disconnect"}

    return receive


def read(receive: bodies.Receive, headers: Any = JSON, most: int = 100, within_s: float = 5.0) -> bytes:
    return asyncio.run(bodies.read(receive, headers, most, within_s))


def refusal(attempt: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        attempt()
    return refused.value


def test_a_body_is_read_whole() -> None:
    assert read(receiver(b"[1", b",2]")) == b"[1,2]"
    assert read(receiver(b"[]"), [(b"content-type", b"Application/JSON; charset=utf-8")]) == b"[]"


def test_a_body_that_is_too_long_is_refused_before_it_is_here() -> None:
    announced = refusal(lambda: read(receiver(), [*JSON, (b"content-length", b"101")]))
    chunked = refusal(lambda: read(receiver(b"x" * 60, b"x" * 60, b"never read", gone=True)))
    assert announced.status == chunked.status == 413
    assert "100 bytes" in chunked.sentence
    assert chunked.headers == {"Connection": "close"}


def test_a_body_that_drips_is_refused() -> None:
    assert refusal(lambda: read(receiver(*[b"x"] * 90, pause_s=0.02), within_s=0.1)).status == 408


def test_only_json_is_read() -> None:
    for kind in (b"", b"text/plain", b"multipart/form-data; boundary=x", b"application/json-patch"):
        assert refusal(functools.partial(read, receiver(b"{}"), [(b"content-type", kind)])).status == 415
    packed = [*JSON, (b"content-encoding", b"gzip")]
    assert refusal(lambda: read(receiver(b"{}"), packed)).status == 415


def test_who_leaves_is_not_answered() -> None:
    with pytest.raises(bodies.GoneError):
        read(receiver(b"{", gone=True))


@given(json_values)
def test_the_depth_is_counted_as_a_parser_would(value: Any) -> None:
    def depth(value: Any) -> int:
        if not isinstance(value, list | dict):
            return 0
        return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)

    assert bodies.depth(json.dumps(value).encode()) == depth(value)


@given(st.binary(max_size=200))
def test_any_bytes_have_a_depth_and_become_a_call_or_a_refusal(body: bytes) -> None:
    assert bodies.depth(body) >= 0
    assert refusal(lambda: bodies.call(body, FUNCTIONS, 16)).status in (400, 404)


@pytest.mark.parametrize(
    "body", [b"[]," * 170_000, b"[" * 500_000, b'"' * 500_000, b'"\\' * 250_000, b'{"data":' + b"9" * 500_000 + b"}"]
)
def test_the_dearest_bodies_are_read_within_a_tenth_of_a_second(body: bytes) -> None:
    begun = time.process_time()
    refusal(lambda: bodies.call(body, FUNCTIONS, 16))
    assert time.process_time() - begun < 0.1


def test_a_call_is_written_anew_from_what_it_is() -> None:
    sent = {"data": {"text": "\ud800"}, "component_id": 7, "fn_name": "draw", "session_hash": "x" * 1000, "more": 1}
    name, question = bodies.call(json.dumps(sent).encode(), FUNCTIONS, 16)
    assert name == "draw"
    assert json.loads(question) == {
        "data": {"text": "\ud800"},
        "component_id": 7,
        "fn_name": "draw",
        "session_hash": bodies.NO_SESSION,
    }


@pytest.mark.parametrize(
    "changes",
    [
        *({"component_id": number} for number in (8, True, "7", None)),
        *({"fn_name": name} for name in ("postprocess", "__init__", ["draw"], None)),
    ],
)
def test_a_function_that_the_page_has_not_is_not_called(changes: dict[str, Any]) -> None:
    body = json.dumps({"data": None, "component_id": 7, "fn_name": "draw"} | changes).encode()
    assert refusal(lambda: bodies.call(body, FUNCTIONS, 16)).status == 404


def test_the_depth_is_bounded() -> None:
    deep = b"[" * 15 + b"]" * 15
    body = b'{"component_id": 7, "fn_name": "draw", "data": %b}'
    assert bodies.call(body % deep, FUNCTIONS, 16)
    assert refusal(lambda: bodies.call(body % (b"[%b]" % deep), FUNCTIONS, 16)).status == 400


@pytest.mark.parametrize("session", ["a1b2c3", "x" * 64])
def test_a_session_keeps_its_name_where_it_is_one(session: str) -> None:
    sent = {"component_id": 7, "fn_name": "draw", "session_hash": session}
    assert json.loads(bodies.call(json.dumps(sent).encode(), FUNCTIONS, 16)[1])["session_hash"] == session


@pytest.mark.parametrize("session", ["x" * 65, "", "a b", None, 7, ["a"]])
def test_what_is_no_sessions_name_is_not_kept(session: object) -> None:
    sent = {"component_id": 7, "fn_name": "draw", "session_hash": session}
    assert json.loads(bodies.call(json.dumps(sent).encode(), FUNCTIONS, 16)[1])["session_hash"] == bodies.NO_SESSION
