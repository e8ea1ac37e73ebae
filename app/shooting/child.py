"""The real server as a child process, for whoever looks at the page from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 300


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve(
    command: Sequence[str] = ("-m", "app.main"),
    root: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[str]:
    """Run `python <command> --port <port>` in a copy of the project until the block ends; gives the page's address once
    it answers.

    Args:
        command: what Python runs.
        root: the copy.
        environment: its variables; those of this process unless given.
        port: where it listens; a free one unless given.

    Raises:
        RuntimeError: the server ended or stayed silent; the message holds what it printed.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, *command, "--port", str(port)],
            cwd=root,
            env=dict(os.environ if environment is None else environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + READY_WITHIN_S
            while not answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    raise RuntimeError(f"the server did not come up (exit status {process.poll()}):\n{output.read()}")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(url: str) -> bool:
    """Whether the page can be fetched now."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
