"""The tapped graph with other options than the page's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnxruntime as ort

from app.running.model import is_large
from export import runtime
from export.runtime.session import Session


def opened(folder: Path, change: Callable[[ort.SessionOptions], None]) -> Session:
    """It as the page runs it, but for what `change` does to the options."""
    usual = runtime.options

    def options(spins: bool = False) -> ort.SessionOptions:
        chosen = usual(spins)
        change(chosen)
        return chosen

    runtime.options = options
    try:
        return Session(folder, spins=is_large(folder.name, folder))
    finally:
        runtime.options = usual
