"""The real server as a child process, for tests and benchmarks that look at the page from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.shooting import child
from app.shooting.child import READY_WITHIN_S, ROOT, answers, free_port

__all__ = ["OUR_SETTINGS", "READY_WITHIN_S", "ROOT", "answers", "free_port", "serve"]

OUR_SETTINGS = ("GRADIO_", "HF_", "ORT_", "TOKENIZERS_")
"""Prefixes of variables that the tests set for themselves; the server must behave without them."""


@contextmanager
def serve(
    command: Sequence[str] = ("-m", "app.main"),
    root: Path = ROOT,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[str]:
    """As `app.shooting.child.serve`, without the variables that the tests set for themselves.

    Args:
        command: what Python runs.
        root: the copy of the project that it runs in.
        settings: environment variables that are added.
        port: where it listens; a free one unless given.

    Raises:
        RuntimeError: the server ended or stayed silent; the message holds what it printed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OUR_SETTINGS)}
    with child.serve(command, root, environment | dict(settings or {}), port) as url:
        yield url
