"""A frame on its way to the browser: as bytes, with the text as it was sent, and packed where that pays."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fastapi import Request, Response

from app.engine import Engine
from app.page.answers import Answers
from app.page.calls import frames
from app.page.desk import Desk
from tests.app.page.test_answers import ask
from tests.frames import opened


@pytest.fixture
def asked(engine: Engine) -> Callable[..., Response]:
    """Asks for a frame as the door does."""

    def ask_for(question: object, headers: Mapping[str, str] | None = None, peer: str = "10.0.0.1") -> Response:
        async def receive() -> Any:
            await asyncio.sleep(60)

        named = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "method": "POST", "path": "/frame", "headers": named, "client": (peer, 1)}
        return asyncio.run(frames(Desk(), Answers(engine).frame)(question, Request(scope, receive)))

    return ask_for


def test_a_frame_comes_as_bytes(asked: Callable[..., Response]) -> None:
    response = asked(ask(seq=5, exhibit="attention"))
    frame = opened(bytes(response.body))
    assert response.media_type == "application/octet-stream"
    assert (frame["seq"], frame["text"]) == (5, "the little dog")
    assert frame["arrays"]["pattern_head"]["half"]
    assert len(frame["blob"])
    assert "error" in opened(bytes(asked(None).body))


@pytest.mark.parametrize("text", ["\ud800", "\u0000\u2028", "<script>", "\U0001f600 \u05e9"])
def test_a_text_comes_back_through_the_wire_as_it_went(asked: Callable[..., Response], text: str) -> None:
    assert opened(bytes(asked(ask(text=text)).body))["text"] == text


FAR, BEHIND_A_PROXY = "10.0.0.1", {"X-Forwarded-For": "203.0.113.5"}


@pytest.mark.parametrize(
    ("length", "encoding", "peer", "headers", "compressed"),
    [
        (9, "gzip", FAR, {}, False),
        (10**6, "gzip, br", FAR, {}, True),
        (10**6, "br", FAR, {}, False),
        (10**6, "gzip", "127.0.0.1", {}, False),
        (10**6, "gzip", "127.0.0.1", BEHIND_A_PROXY, True),
    ],
)
def test_only_a_large_reply_to_who_is_far_and_can_read_it_is_compressed(
    asked: Callable[..., Response], length: int, encoding: str, peer: str, headers: dict[str, str], compressed: bool
) -> None:
    response = asked(ask(text="dog " * (length // 4)), {"Accept-Encoding": encoding, **headers}, peer)
    body = bytes(response.body)
    assert (response.headers.get("content-encoding") == "gzip") is compressed
    assert len(opened(gzip.decompress(body) if compressed else body)["text"]) == length // 4 * 4
