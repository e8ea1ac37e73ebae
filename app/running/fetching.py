"""Brings a hub model onto this machine while the page goes on: a process of its own downloads and exports it.

The exporter needs torch, the page does not: what happens in the other process is told here line by line
(`export.progress`), and once it has ended well, the model's folder is in the user's cache directory for good. One model
is fetched at a time.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from export.runtime import exported_models

ROOT = Path(__file__).resolve().parents[2]
NO_TORCH = "This server only runs models that are exported already; torch, which exports one, is not installed here."
BUSY = "{other} is being fetched; one model is fetched at a time."
ENDED = "Fetching {name} ended without a word; the server's log may say why."


@dataclass(frozen=True)
class Progress:
    """How far the fetching of one model has come."""

    doing: str = "asking the hub"
    done: float = 0
    total: float | None = None
    unit: str = "B"
    folder: Path | None = None
    """Where the model is, once it is there."""
    error: str | None = None
    """Why it cannot be had, in a sentence."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.folder is not None or self.error is not None


class Fetcher:
    """Fetches the models of `zoo.HUB`, each when it is first asked for."""

    def __init__(self) -> None:
        self._progress: dict[str, Progress] = {}
        self._lock = threading.Lock()

    def fetch(self, name: str) -> Progress:
        """Begins to fetch a model, unless it is there or on its way, and tells how far it is.

        One that could not be had is tried anew; `progress` tells without trying.
        """
        if folder := exported_models.newest(name):
            return Progress(folder=folder)
        if importlib.util.find_spec("torch") is None:
            return Progress(error=NO_TORCH)
        with self._lock:
            told = self._progress.get(name)
            if told is not None and told.error is None:
                return told
            if others := [other for other, progress in self._progress.items() if not progress.over]:
                return Progress(error=BUSY.format(other=others[0]))
            self._progress[name] = Progress()
        threading.Thread(target=self._run, args=(name,), daemon=True).start()
        return self._progress[name]

    def progress(self, name: str) -> Progress | None:
        """How far a model is; None if nobody asked for it."""
        return self._progress.get(name)

    def _run(self, name: str) -> None:
        command = [sys.executable, "-m", "export.progress", name]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                self._progress[name] = self._after(self._progress[name], line)
        if not self._progress[name].over:
            self._progress[name] = Progress(error=ENDED.format(name=name))

    @staticmethod
    def _after(before: Progress, line: str) -> Progress:
        try:
            said = json.loads(line)
        except ValueError:
            return before  # a library's own word, not ours
        if "folder" in said:
            return replace(before, folder=Path(said["folder"]))
        return replace(before, **said)
