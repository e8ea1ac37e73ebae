"""What libraries take for granted of the place where they run, and a container may not have: a home that can be read,
and a temporary folder that can be written. Serving needs neither; what is missing is put so that nobody looks for it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

NOWHERE = "/nonexistent"
"""What Debian gives as the home of users who have none."""

UNWRITTEN = Path(__file__).parent / "unwritten"
"""Gradio's temporary folder where there is none: it has in it what Gradio would make there when it starts."""


def settle(environment: MutableMapping[str, str] = os.environ) -> None:
    """Makes a process at home where it is, before libraries are imported that look around."""
    home = os.path.expanduser("~")  # Path.home() raises for a user whom the system does not know
    if not os.path.isabs(home) or not os.access(home, os.R_OK | os.X_OK):
        environment["HOME"] = NOWHERE
    try:
        temporary = tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = NOWHERE  # gettempdir() raises no more; writing there will
        environment["GRADIO_TEMP_DIR"] = str(UNWRITTEN)
        return
    environment.setdefault("GRADIO_TEMP_DIR", str(Path(temporary) / "gradio"))
