"""The door over HTTP: what passes, what does not exist, and what every answer says."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from app.serving import door
from app.serving.programs import Programs
from app.serving.visitors import Visitors
from tests.app.serving.conftest import BOUNDS, COMPONENT, Serve, Served

GRADIOS = (
    "/config",
    "/info",
    "/gradio_api/info",
    "/gradio_api/upload",
    "/gradio_api/upload_progress?upload_id=1",
    "/gradio_api/proxy=https://example.org/",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=https://example.org/",
    "/gradio_api/queue/data?session_hash=1",
    "/gradio_api/queue/join",
    "/gradio_api/queue/status",
    "/gradio_api/heartbeat/1",
    "/gradio_api/run/frame",
    "/gradio_api/call/frame",
    "/gradio_api/stream/1",
    "/gradio_api/runs",
    "/gradio_api/startup-events",
    "/gradio_api/openapi.json",
    "/gradio_api/deep_link",
    "/gradio_api/vibe-code",
    "/gradio_api/token",
    "/gradio_api/login_check",
    "/login",
    "/logout",
    "/monitoring",
    "/monitoring/summary",
    "/manifest.json",
    "/pwa_icon",
    "/svelte/x",
    "/custom_component/a/client/b/c",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/theme.css/",
    "/v/1/",
    "/v/1/../../app/main.py",
    "/v/1/%2e%2e/%2e%2e/etc/passwd",
    "/v/2/js/main.js",
    "/assets/x.js",
    "//",
    "/%00",
    "/js/main.js",
    "/.git/config",
)
EVERY = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


def test_what_the_page_needs_passes(served: Served) -> None:
    assert served.get("/").text.startswith("<p>page</p>")
    assert served.get("/v/1/js/main.js").text.startswith("export")
    assert served.get("/robots.txt").status_code == 200
    assert served.get("/healthz").json() == {"status": "ok"}
    assert served.call(data={"text": "a"}).json() == {"text": "a"}


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT", "DELETE"])
def test_what_gradio_has_besides_does_not_exist(served: Served, method: str) -> None:
    for path in GRADIOS:
        answer = served.get(path, method)
        assert answer.status_code in (404, 405), path
        assert answer.json()["error"]
    assert not served.asked


def test_each_address_has_its_methods(served: Served) -> None:
    for path, method in (
        ("/", "POST"),
        ("/v/1/js/main.js", "DELETE"),
        ("/healthz", "POST"),
        (door.CALLS, "GET"),
        (door.FRAMES, "GET"),
    ):
        answer = served.get(path, method)
        assert answer.status_code == 405
        assert answer.headers["allow"] in ("GET, HEAD", "POST")
    head = served.get("/", "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


def test_every_answer_tells_the_browser_what_to_forbid(served: Served) -> None:
    for answer in (
        served.get("/"),
        served.get("/nothing"),
        served.call(),
        served.call("other"),
        served.get("/v/1/js/main.js"),
    ):
        assert EVERY.items() <= dict(answer.headers).items()
        assert "content-security-policy" in answer.headers
        assert "server" not in answer.headers
        assert not any(name.startswith("access-control") for name in answer.headers)


def test_the_question_of_a_frame_reaches_the_desk(served: Served) -> None:
    headers = {"X-Forwarded-For": "203.0.113.5", "Origin": served.url}
    answer = served.get(door.FRAMES, "POST", json={"text": "a"}, headers=headers)
    question, heard = answer.json()
    assert question == {"text": "a"}
    assert "x-forwarded-for" not in heard
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"
    assert EVERY.items() <= dict(answer.headers).items()
    assert not served.asked
    assert 'cutaway_requests_total{kind="frame",status="200"} 1.0' in served.metrics.answer().plain.decode()


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"headers": {"Origin": "http://evil.example"}}, 403),
        ({"headers": {"Host": "evil.example"}}, 421),
        ({"json": None, "content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
        ({"json": {"text": "x" * 1_000}}, 413),
        ({"json": None, "content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": None, "content": b"[" * 17, "headers": {"Content-Type": "application/json"}}, 400),
    ],
)
def test_a_question_of_a_frame_is_bounded_like_a_call(served: Served, options: dict[str, Any], status: int) -> None:
    answer = served.get(door.FRAMES, "POST", **({"json": {}} | options))
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_a_call_reaches_gradio_rewritten(served: Served) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "Cookie": "a=b", "Origin": served.url}
    answer = served.call(data=[1], headers=headers)
    assert answer.headers["cache-control"] == "no-store"
    (asked,) = served.asked
    assert json.loads(asked["body"]) == {
        "component_id": COMPONENT,
        "fn_name": "echo",
        "session_hash": "s",
        "data": [1],
    }
    assert asked["headers"][b"content-length"] == str(len(asked["body"])).encode()
    assert b"x-forwarded-host" not in asked["headers"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"headers": {"Origin": "http://evil.example"}}, 403),
        ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        ({"headers": {"Host": "evil.example"}}, 421),
        ({"json": None, "content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
        ({"json": {"data": "x" * 1_000}}, 413),
        ({"json": None, "content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": None, "content": b"[" * 17, "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": {"component_id": COMPONENT, "fn_name": "__class__"}}, 404),
        ({"json": None, "files": {"file": b"x"}}, 415),
    ],
)
def test_what_is_no_call_of_our_page_is_refused_with_a_sentence(
    served: Served, options: dict[str, Any], status: int
) -> None:
    answer = served.call(**options)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert not served.asked
    assert f'cutaway_requests_total{{kind="call",status="{status}"}} 1.0' in served.metrics.answer().plain.decode() or (
        status in (403, 421)  # refused before it is known what is asked for
    )


def test_a_refusal_repeats_nothing_of_what_was_sent(served: Served) -> None:
    for answer in (served.get("/<script>alert(1)</script>"), served.call("<script>", headers={"X": "<script>"})):
        assert "script" not in answer.text


def test_a_failure_is_logged_without_what_was_sent_and_told_without_a_trace(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = served.call("fail", data="my diary")
    assert (answer.status_code, answer.json()) == (500, {"error": door.BROKEN})
    assert [record.getMessage() for record in caplog.records] == ["no answer to a call"]


def test_a_path_in_front_may_be_taken_off_by_the_proxy_or_not(serve: Serve) -> None:
    with serve(root="/cutaway") as served:
        for front in ("", "/cutaway"):
            assert served.get(f"{front}/").status_code == 200
            assert served.get(f"{front}/v/1/js/main.js").status_code == 200
            assert served.get(f"{front}/healthz").status_code == 200
        without_slash = served.get("/cutaway")
        assert (without_slash.status_code, without_slash.headers["location"]) == (308, "/cutaway/")
        assert served.get("/cutaways/").status_code == 404


def test_a_listed_name_is_answered_behind_a_proxy(serve: Serve) -> None:
    visitors = Visitors.of("127.0.0.1", ["demo.example"])
    with serve(visitors=visitors) as served:
        assert served.get("/", headers={"Host": "demo.example"}).status_code == 200
        assert served.call(headers={"Origin": "https://demo.example"}).status_code == 200


def test_what_programs_need_is_open_only_where_an_api_is_offered(serve: Serve) -> None:
    with serve(programs=Programs({"trace": 1}, {3: "trace"}, BOUNDS)) as served:
        for path in ("/config", "/gradio_api/info"):
            assert served.get(path).status_code == 200, path
        run, join = "/gradio_api/run/trace", "/gradio_api/queue/join"
        assert served.get(run, "POST", json={"data": ["a"], "session_hash": "s"}).status_code == 200
        assert json.loads(served.asked[-1]["body"]) == {"data": ["a"]}
        event = served.get(join, "POST", json={"data": ["b"], "fn_index": 3, "session_hash": "s"})
        heard = served.get("/gradio_api/queue/data?session_hash=s")
        assert event.json()["event_id"] in heard.text
        assert json.loads(served.asked[-1]["body"]) == {"data": ["b"]}
        assert EVERY.items() <= dict(heard.headers).items()
        for path in (run, join):
            assert served.get(path, "POST", json={"data": "x" * 1_000}).status_code == 413, path
            assert (
                served.get(path, "POST", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
            )
            assert served.get(path, "POST", headers={"Origin": "http://evil.example"}).status_code == 403
        for path in ("/gradio_api/upload", "/gradio_api/proxy=https://example.org/", "/gradio_api/file=/etc/passwd"):
            assert served.get(path, "POST", json={}).status_code == 404, path
            assert served.get(path).status_code == 404, path
