"""Hostile requests over HTTP: whatever bytes come, the server answers or ends the connection, and goes on serving.

Starts the real server. Hypothesis makes the requests: methods, paths, headers and bodies, right ones and those of
programs among them, each on a connection of its own; what a right question may hold, `fuzz.py` makes. Told are the
answers by their status, what should not have been answered so, and the server's memory after each tenth.
`tests/app/test_fuzz.py` does a short run. Usage:

    python tests/bench/fuzz_http.py [--requests 10000]

The exit status is 1 where one was answered as it should not be, or the server answers no more. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import socket
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from hypothesis import given
from hypothesis import strategies as st

from app.page.desk import BROKEN
from app.serving import door, programs
from tests.bench import fuzz
from tests.bench.load import components, resident_mb
from tests.ui.server import serve

PATIENCE_S = 30
ANSWERS = {200, 304, 308, 400, 403, 404, 405, 408, 413, 415, 421, 422}
"""What the door, uvicorn and the functions behind may say; a fault of the server is none of them."""
SECRET = b"root:x:0:0"
"""How the file begins that the paths below would read."""
PATHS = (
    *("/", "/frame", door.CALLS, "/healthz", "/metrics", "/version", "/theme.css", "/robots.txt", "/favicon.ico"),
    *(
        "/assets/",
        "/static/js/",
        "/v/",
        "/config",
        "/gradio_api/upload",
        "/gradio_api/queue/join",
        "/frame/",
        "//frame",
    ),
    *("/gradio_api/file=/etc/passwd", "/assets/../../../../etc/passwd", "/assets/..%2f..%2f..%2fetc/passwd"),
    *("/v/%2e%2e/%2e%2e/etc/passwd", "/gradio_api/proxy=http://127.0.0.1/", "http://example.org/", "*", "?", "/?a=b"),
)
fragments = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12)
paths = st.sampled_from(PATHS) | st.builds(str.__add__, st.sampled_from(PATHS), fragments)
methods = st.sampled_from(["POST", "POST", "POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "FOO", "get"])
VALUES = ("", "*", "-1", "1e9", "localhost", "evil.example", "https://evil.example", "x" * 9_000, "a,b")
NAMES = (
    *("Host", "Origin", "Content-Type", "Content-Length", "Transfer-Encoding", "Content-Encoding", "Expect", "Upgrade"),
    *("X-Forwarded-For", "X-Forwarded-Host", "Accept-Encoding", "If-None-Match", "Range", "Cookie", "Sec-Fetch-Site"),
)
names, values = st.sampled_from(NAMES), st.sampled_from(VALUES)
headers = st.lists(st.tuples(names, values), max_size=3)
bodies = st.one_of(
    st.binary(max_size=200),
    fuzz.anything.map(lambda value: json.dumps(value).encode()),
    st.builds(
        lambda sign, n: sign * n, st.sampled_from([b"[", b'{"a":', b"\n", b'"', b"\xff"]), st.integers(1, 50_000)
    ),
    st.just(b"[" + b"0," * 400_000 + b"0]"),
)

PARAMETERS = {
    "tokenize": ("text", "model"),
    "trace": ("text", "model", "taps"),
    "attention": ("text", "model", "layer", "head", "kind"),
    "sample": ("text", "model", "n"),
}
"""Of each endpoint for programs, in their order; `sample` has its settings behind them."""
settings = st.tuples(*(st.sampled_from([0, 1, 0.5, 1e-9]) for _ in range(5))).map(list)
calls = st.sampled_from(list(PARAMETERS)).flatmap(
    lambda name: st.tuples(
        st.just(f"{programs.RUN}{name}"),
        st.builds(
            lambda data, extra, wrong: json.dumps({"data": [*data, *extra, *wrong]}).encode(),
            st.tuples(*(fuzz.FIELDS[field] | fuzz.anything for field in PARAMETERS[name])),
            settings if name == "sample" else st.just([]),
            st.just([]) | st.lists(fuzz.anything, max_size=1),
        ),
    )
)
LENGTHS = {"Content-Length", "Transfer-Encoding", "Expect", "Upgrade"}
"""Headers after which a server may wait for more than was sent."""
ENDED = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)
"""What is heard where a request was refused before all of it was sent."""


@dataclass
class Found:
    """What came of many requests."""

    answers: Counter[int] = field(default_factory=Counter)
    """By status; 0 where the connection was ended."""
    wrong: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    """Of the server, after each tenth."""


def request(method: str, path: str, extra: Sequence[tuple[str, str]], body: bytes, host: str) -> bytes:
    """A request's bytes; what `extra` says stands beside what is right, or in its place."""
    said = {name.lower() for name, _ in extra}
    right = [("Host", host), ("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    lines = [*extra, *((name, value) for name, value in right if name.lower() not in said), ("Connection", "close")]
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def exchanged(address: tuple[str, int], sent: bytes, is_over: bool) -> bytes:
    """All that comes back until the connection ends.

    Args:
        address: of the server.
        sent: a request.
        is_over: whether to end our side behind it. A server takes that for a client that has gone, and computes nothing
            for it; without it, it may wait for more of a body whose length was said wrongly.
    """
    with socket.create_connection(address, PATIENCE_S) as connection:
        came = bytearray()
        try:
            connection.sendall(sent)
            if is_over:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                came += part
        except OSError as error:
            if error.errno not in ENDED:
                raise
        return bytes(came)


def fuzz_http(url: str, n_requests: int) -> Found:
    """Sends so many requests to a server."""
    found, where = Found(), httpx.URL(url)
    address, host = (where.host, where.port or 80), f"{where.host}:{where.port}"
    functions = asyncio.run(_functions(url))
    questions = st.builds(
        lambda name, data: json.dumps({"component_id": functions[name], "fn_name": name, "data": data}).encode(),
        st.sampled_from(sorted(functions)),
        fuzz.requests | fuzz.anything,
    )
    right = st.one_of(
        st.tuples(st.just("POST"), st.just(door.CALLS), headers, questions),
        st.tuples(st.just("POST"), st.just("/frame"), headers, fuzz.requests.map(lambda one: json.dumps(one).encode())),
        st.builds(lambda call, headers: ("POST", call[0], headers, call[1]), calls, headers),
    )

    @fuzz.many(n_requests)
    @given(st.one_of(st.tuples(methods, paths, headers, bodies), right))
    def send(one: tuple[str, str, list[tuple[str, str]], bytes]) -> None:
        is_over = any(name in LENGTHS for name, _ in one[2])
        came = exchanged(address, request(*one, host), is_over)
        status = int(came[9:12]) if came.startswith(b"HTTP/1.1 ") else 0
        found.answers[status] += 1
        if (came and status not in ANSWERS) or SECRET in came or BROKEN.encode() in came:
            found.wrong.append(f"{status} to {one!r:.400}")
        if found.answers.total() % max(1, n_requests // 10) == 0:
            found.memory_mb.append(round(resident_mb(url)))

    send()
    if httpx.get(f"{url}healthz").json()["status"] != "ok":
        found.wrong.append("it answers no more")
    return found


async def _functions(url: str) -> dict[str, int]:
    async with httpx.AsyncClient(base_url=url) as client:
        told = {name: one["id"] for one in await components(client) for name in one["props"].get("server_fns") or ()}
    return {name: number for name, number in told.items() if name not in fuzz.NOT_SENT}


def main(arguments: Sequence[str] | None = None) -> int:
    """Sends requests and tells what came of them; gives the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--requests", type=int, default=10_000)
    chosen = options.parse_args(arguments)
    with serve() as url:
        found = fuzz_http(url, chosen.requests)
    for wrong in found.wrong[:10]:
        print(f"wrong: {wrong}")
    print(json.dumps({"answers": dict(found.answers), "wrong": len(found.wrong), "memory_mb": found.memory_mb}))
    return int(bool(found.wrong))


if __name__ == "__main__":
    sys.exit(main())
