"""Progress as lines of JSON, for a program that shows it: `python -m export.progress NAME` fetches a hub model so, and
`python -m export.progress FOLDER` exports one in Hugging Face layout. With `--attended` it ends as soon as its standard
input does, which is when whoever began it is gone.

Each line is {"doing": what, "done": n, "total": n or null, "unit": "B" or "file"}; the last one is {"folder": path}, or
{"error": a sentence}, with exit status 1.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from tqdm import tqdm

from export import from_hub
from model import faults


class Lines(tqdm):  # type: ignore[type-arg]
    """A progress bar that prints lines for a program; as often as a bar for a person is drawn anew."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Prints where it stands."""
        del msg, pos
        print_line(doing=self.desc.rstrip(": "), done=self.n, total=self.total, unit=self.unit)

    def close(self) -> None:
        """Ends without another word: what ended has been said."""
        self.disable = True


def print_line(**what: Any) -> None:
    """One line."""
    print(json.dumps(what), flush=True)


def end_with_input() -> None:
    """Ends this process, whatever it does, when its standard input ends."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main(name: str, attended: bool = False) -> int:
    """Fetches a model, or exports a folder's, and tells how it goes; gives the exit status."""
    if attended:
        end_with_input()
    try:
        folder = Path(name)
        there = from_hub.local(folder, bar=Lines) if folder.is_dir() else from_hub.fetch(name, bar=Lines)
        print_line(folder=str(there))
    except (OSError, ValueError) as error:
        print_line(error=f"{faults.said(error)}.")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], "--attended" in sys.argv[2:]))
