"""A door with a small house behind it, served for real: uvicorn in a thread, with bounds that a test can reach."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request, Response

from app.running.limits import Limits
from app.serving import door
from app.serving.door import Door, House
from app.serving.files import ASK_AGAIN, Answer, Folder
from app.serving.listening import listen
from app.serving.metrics import Metrics
from app.serving.server import Server
from app.serving.visitors import Visitors

COMPONENT = 7
BOUNDS = Limits(body_bytes=1_000, body_s=0.5, header_s=0.5, header_bytes=2_000, idle_s=1, answer_s=2.0, connections=20)


@dataclasses.dataclass
class Served:
    """A running server, and what its Gradio was asked."""

    server: Server
    port: int
    asked: list[dict[str, Any]]
    metrics: Metrics

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            return client.request(method, f"{self.url}{path}", **options)

    def call(self, name: str = "echo", data: Any = None, **options: Any) -> httpx.Response:
        """Calls a server function as the page does."""
        question = {"component_id": COMPONENT, "fn_name": name, "session_hash": "s", "data": data}
        return self.get(door.CALLS, "POST", **({"json": question} | options))

    def connect(self) -> socket.socket:
        """A connection on which nothing was said."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def exchange(self, sent: bytes) -> bytes:
        """What comes back for these bytes until the server ends the connection."""
        with self.connect() as connection:
            connection.sendall(sent)
            received = bytearray()
            while chunk := connection.recv(65_536):
                received += chunk
            return bytes(received)


class Gradio:
    """Stands for Gradio: says what it was asked, fails, or waits for a gate."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.gate: Callable[[], Any] = lambda: None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for stage in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{stage}.complete"})
            return
        message = await receive()
        self.asked.append({"path": scope["path"], "headers": dict(scope["headers"]), "body": message["body"]})
        question = json.loads(message["body"] or b"{}")
        if question.get("fn_name") == "fail":
            raise ZeroDivisionError(question["data"])
        if question.get("fn_name") == "wait":
            import anyio.to_thread

            await anyio.to_thread.run_sync(self.gate)
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"public")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(question.get("data")).encode()})


async def frame(question: object, connection: Request) -> Response:
    """Stands for the desk: gives the question back."""
    body = json.dumps([question, dict(connection.headers)]).encode()
    return Response(body, media_type="application/octet-stream")


Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Starts a server as a context: `serve(limits, root="/cutaway", programs=True)`."""
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text("export const here = true;\n" * 100)

    @contextmanager
    def start(
        limits: Limits = BOUNDS, gradio: Gradio | None = None, visitors: Visitors | None = None, **options: Any
    ) -> Iterator[Served]:
        behind, metrics = gradio or Gradio(), Metrics()
        page = Answer.of(b"<p>page</p>" * 200, "text/html; charset=utf-8", ASK_AGAIN)
        house = House(
            gradio=behind,
            frame=frame,
            functions={COMPONENT: ("echo", "fail", "wait")},
            page=lambda: page,
            files={"/v/1/": Folder(tmp_path)},
            single={"/robots.txt": door.robots()},
            told={"/healthz": lambda: door.told({"status": "ok"})},
        )
        sockets = listen("127.0.0.1", 0)
        begun = threading.Event()
        app = Door(house, visitors or Visitors(), limits, count=metrics.count, **options)
        server = Server(app, limits, begun.set)
        thread = threading.Thread(target=server.run, args=(sockets,))
        thread.start()
        try:
            assert begun.wait(20)
            yield Served(server, sockets[0].getsockname()[1], behind.asked, metrics)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()

    return start


@pytest.fixture
def served(serve: Serve) -> Iterator[Served]:
    """A server with BOUNDS."""
    with serve() as running:
        yield running
