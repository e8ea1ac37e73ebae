"""Runs the server with an ear on the interpreter: which hosts it tries to reach, and what it imports.

`python -m tests.ui.audited LOG [arguments of the server]` writes one line per event to LOG: `connect HOST`, `look up
HOST` or `import MODULE`. Python itself raises these events (`sys.addaudithook`), so no library can slip past.
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

WATCHED = ("torch", "gradio")
"""Imports that are written down: the one that must not happen, and one that must, to show that the ear works."""


def main() -> None:
    """Serve, and write down what happens."""
    _, path, *arguments = sys.argv
    log = open(path, "w", buffering=1, encoding="utf-8")  # noqa: SIM115 (open as long as the server runs)

    def listen(event: str, details: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto") and isinstance(details[1], tuple):
            log.write(f"connect {details[1][0]}\n")
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            log.write(f"look up {details[0]}\n")
        elif event == "import" and details[0] in WATCHED:
            log.write(f"import {details[0]}\n")

    sys.addaudithook(listen)
    sys.argv = ["app.main", *arguments]
    runpy.run_module("app.main", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
