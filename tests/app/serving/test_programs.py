"""Questions that wait for their session: bounded in number, bytes and time, computed only while somebody listens."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import Any

import pytest

from app.api.endpoints import SESSION
from app.running.limits import Limits
from app.serving import programs as api
from app.serving.programs import Programs
from app.serving.refused import RefusedError

LIMITS = Limits(waiting=5, body_s=10)
ENDPOINTS = {"trace": 2}


def made(limits: Limits = LIMITS) -> Programs:
    return Programs(ENDPOINTS, {3: "trace"}, limits)


def question(session: str = "s", data: Any = ("a", 1), number: Any = 3) -> bytes:
    return json.dumps({"data": data, "fn_index": number, "session_hash": session}).encode()


def heard(programs: Programs, session: str, gone_after: int = 99) -> tuple[list[dict[str, Any]], list[bytes]]:
    """What a session hears, and what was asked for it."""
    sent: list[bytes] = []
    asked: list[bytes] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message.get("body", b""))

    async def ask(scope: Any, path: str, body: bytes) -> tuple[int, bytes]:
        assert path == f"{api.RUN}trace"
        assert scope[SESSION] == session
        asked.append(body)
        return (200, b'{"data": [1]}') if b"fail" not in body else (500, b'{"error": "No."}')

    scope = {"query_string": f"session_hash={session}".encode(), "headers": []}
    asyncio.run(programs.listen(scope, send, ask, lambda: len(asked) >= gone_after))
    events = b"".join(sent).decode().split("\n\n")
    return [json.loads(event.removeprefix("data: ")) for event in events if event], asked


def test_each_question_is_answered_in_its_order_and_forgotten() -> None:
    programs = made()
    ids = [programs.join(question(data=[text, 1]))["event_id"] for text in ("a", "fail", "c")]
    events, asked = heard(programs, "s")
    assert [event.get("event_id") for event in events] == [*ids, None]
    assert [event.get("success") for event in events] == [True, False, True, None]
    assert events[1]["output"] == {"error": "No."}
    assert [json.loads(body) for body in asked] == [{"data": [text, 1]} for text in ("a", "fail", "c")]
    with pytest.raises(RefusedError, match="asked nothing"):
        heard(programs, "s")


def test_nothing_is_computed_for_a_session_that_has_gone() -> None:
    programs = made()
    for _ in range(3):
        programs.join(question())
    _, asked = heard(programs, "s", gone_after=1)
    assert len(asked) == 1


def test_what_is_no_question_is_refused_before_it_is_kept() -> None:
    programs = made()
    for body in (
        question(session="a b"),
        question(session="s" * 65),
        question(number=4),
        question(number="3"),
        question(number=True),
        question(data=["a"]),
        question(data={"text": "a"}),
        question(data=[{"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}, 1]),
        question(data=[[{}], 1]),
        b"[]",
        b"{",
        b"[" * 17,
    ):
        with pytest.raises(RefusedError):
            programs.join(body)
    with pytest.raises(RefusedError, match="asked nothing"):
        heard(programs, "s")


def test_the_arguments_of_a_tool_are_texts_numbers_and_lists_of_them() -> None:
    programs = made()

    def call(**arguments: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "trace", "arguments": arguments}}

    programs.tool(json.dumps(call(text="a", layer=1, top_p=0.5, taps=["x"])).encode())
    for wrong in (call(text={"path": "/etc/hostname"}), call(taps=[{"path": "/etc/hostname"}]), call(taps=[[]])):
        for sent in (wrong, [wrong], [call(text="a"), wrong]):
            with pytest.raises(RefusedError, match="no call of this API"):
                programs.tool(json.dumps(sent).encode())
    with pytest.raises(RefusedError, match="no JSON"):
        programs.tool(b"{")


def test_only_so_many_questions_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = made()
    for number in range(LIMITS.waiting):
        programs.join(question(session=f"s{number}"))
    with pytest.raises(RefusedError, match="Too many questions wait"):
        programs.join(question())
    heard(programs, "s0")
    programs.join(question())

    monkeypatch.setattr(api, "MOST_OF_A_SESSION", 2)
    greedy = made()
    for _ in range(2):
        greedy.join(question())
    with pytest.raises(RefusedError, match="Too many questions wait"):
        greedy.join(question())
    greedy.join(question(session="other"))

    monkeypatch.setattr(api, "MOST_BYTES", 100)
    with pytest.raises(RefusedError, match="Too many questions wait"):
        made().join(question(data=["a" * 100, 1]))


def test_a_question_that_nobody_listens_for_is_forgotten_in_time() -> None:
    programs = made(dataclasses.replace(LIMITS, body_s=0.0))
    programs.join(question(session="old"))
    programs.join(question(session="new"))
    with pytest.raises(RefusedError, match="asked nothing"):
        heard(programs, "old")


def test_where_the_next_request_may_reach_another_server_nothing_is_kept_for_it() -> None:
    programs = Programs(ENDPOINTS, {3: "trace"}, LIMITS, queue=False)
    assert not programs.knows("POST", api.JOIN)
    assert not programs.knows("GET", api.DATA)
    assert programs.knows("POST", f"{api.RUN}trace")


def test_only_what_programs_need_is_known() -> None:
    programs = made()
    assert programs.knows("GET", "/config")
    assert programs.knows("GET", "/gradio_api/info/")
    assert programs.knows("POST", "/gradio_api/run/trace/")
    assert not programs.knows("POST", api.MCP)
    assert Programs(ENDPOINTS, {}, LIMITS, mcp=True).knows("POST", f"{api.MCP}/")
    for method, path in (
        ("GET", "/gradio_api/run/trace"),
        ("POST", "/config"),
        ("POST", "/gradio_api/run/frame"),
        ("POST", "/gradio_api/run/trace/x"),
        ("GET", "/gradio_api/heartbeat/a"),
        ("GET", api.MCP),
    ):
        assert not programs.knows(method, path)
