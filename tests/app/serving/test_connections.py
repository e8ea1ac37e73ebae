"""Connections are bounded in time and number, and whoever asks is answered, however many only hold the line."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import resource
import socket
import time
from contextlib import ExitStack

import pytest

from app.serving import connections
from app.serving.connections import DESCRIPTORS_KEPT, room_for
from tests.app.serving.conftest import BOUNDS, Serve, Served

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def ended_after(connection: socket.socket, begun: float) -> float:
    """The seconds until the server ends a connection."""
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - begun


def test_a_connection_that_says_nothing_is_ended(served: Served) -> None:
    begun = time.monotonic()
    with served.connect() as connection:
        assert ended_after(connection, begun) == pytest.approx(BOUNDS.header_s, abs=0.4)


def test_a_header_that_drips_is_not_waited_for(served: Served) -> None:
    begun = time.monotonic()
    with served.connect() as connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for byte in GET * 10:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    assert time.monotonic() - begun < 2


def test_a_second_question_that_drips_is_not_waited_for_either(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(GET)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        begun = time.monotonic()
        connection.sendall(GET[:10])
        assert ended_after(connection, begun) < BOUNDS.header_s + BOUNDS.idle_s + 1


def test_a_body_that_drips_is_refused(served: Served) -> None:
    head = b"POST /gradio_api/component_server/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = served.exchange(head + b"Content-Length: 100\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408")


def test_an_answer_that_nobody_takes_is_ended(serve: Serve) -> None:
    bounds = dataclasses.replace(BOUNDS, body_bytes=40_000_000, answer_s=1.0)
    head = b"POST /gradio_api/component_server/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    body = b'{"component_id": 7, "fn_name": "echo", "data": "%b"}' % (b"x" * 20_000_000)
    with serve(bounds) as served, served.connect() as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        connection.recv(10)
        deadline = time.monotonic() + 15
        while served.server.server_state.connections and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not served.server.server_state.connections


def test_a_long_header_is_refused(served: Served) -> None:
    answer = served.exchange(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 5_000)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


def test_whoever_asks_is_answered_though_others_hold_the_line(served: Served) -> None:
    with ExitStack() as idle:
        for _ in range(3 * BOUNDS.connections):
            idle.enter_context(served.connect())
        assert served.get("/healthz").status_code == 200
        assert len(served.server.server_state.connections) <= BOUNDS.connections + 1


def test_the_log_says_little_of_what_is_no_http(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert b"400" in served.exchange(b"\x16\x03\x01\r\nlevel=error forged line\r\n\r\n")
        assert served.exchange(b"GET /%0aERROR%20forged HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert "forged" not in caplog.text


def test_connections_leave_descriptors_to_everything_else() -> None:
    assert room_for(1_000, 256) == 256 - DESCRIPTORS_KEPT
    assert room_for(1_000, None) == room_for(1_000, 100_000) == 1_000
    assert room_for(1_000, 64) == connections.FEWEST


def test_a_process_takes_the_descriptors_that_it_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 4_096))
    monkeypatch.setattr(resource, "setrlimit", lambda which, both: taken.append(both))
    assert connections.raise_descriptors() == 4_096
    assert taken == [(4_096, 4_096)]
