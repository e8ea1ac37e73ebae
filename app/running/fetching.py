"""Brings a hub model onto this machine while the page goes on: a process of its own downloads it, and exports
it unless it is ready (`export.runtime.ready`).

The exporter needs torch, the page does not: what happens in the other process is told here line by line
(`export.progress`), and once it has ended well, the model's folder is in the user's cache directory for good. One model
is fetched at a time, for so long and no longer; it ends with the server, and when nobody waits for it any more.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.running.limits import Limits, limits
from export.runtime import exported_models, ready

ROOT = Path(__file__).resolve().parents[2]
NO_TORCH = "This server only runs models that are exported already; torch, which exports one, is not installed here."
BUSY = "{other} is being fetched; one model is fetched at a time."
ENDED = "Fetching {name} ended without a word; the server's log may say why."
CANCELLED = "Fetching {name} was cancelled."
TOO_LONG = "Fetching {name} took more than {seconds:g} seconds, the limit of this server."
STALLED = "Fetching {name} stood still for {seconds:g} seconds; try again when the hub answers."
LOOKS_EVERY_S = 0.2
LONGEST_LINE = 65_536
MOST_WAIT = 1_000
"""Pages that are remembered to wait for a model."""


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
    """Fetches the models of `zoo.HUB`, and ready ones, each when it is first asked for.

    Args:
        bounds: how long one may take; this process's unless given.
        arrived: told of each model that has come, whether anybody still waits for it or not.
    """

    def __init__(
        self, bounds: Limits | None = None, arrived: Callable[[str, Path], None] = lambda name, folder: None
    ) -> None:
        self.limits = bounds or limits()
        self._ready = {one.repository: one for one in ready.listed(self.limits.models)}
        self._arrived = arrived
        self._progress: dict[str, Progress] = {}
        self._waiting: dict[str, set[str]] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def fetch(self, name: str, ticket: str = "") -> Progress:
        """Begins to fetch a model, unless it is there or on its way, and tells how far it is.

        One that could not be had is tried anew; `progress` tells without trying.

        Args:
            name: of the model.
            ticket: of whoever waits for it, who may cancel with it.
        """
        if folder := self._ready[name].folder if name in self._ready else exported_models.newest(name):
            return Progress(folder=folder)
        if name not in self._ready and importlib.util.find_spec("torch") is None:
            return Progress(error=NO_TORCH)
        with self._lock:
            told = self._progress.get(name)
            if told is None or told.error is not None:
                if others := [other for other, progress in self._progress.items() if not progress.over]:
                    return Progress(error=BUSY.format(other=others[0]))
                self._progress[name] = Progress()
                self._waiting[name] = set()
                threading.Thread(target=self._run, args=(name,), daemon=True).start()
            if len(self._waiting[name]) < MOST_WAIT:
                self._waiting[name].add(ticket)
            return self._progress[name]

    def progress(self, name: str, ticket: str | None = None) -> Progress | None:
        """How far a model is; None if nobody asked for it. Who has cancelled is told so, whoever else waits for it."""
        told = self._progress.get(name)
        waits = ticket is None or told is None or told.over or ticket in self._waiting[name]
        return told if waits else Progress(error=CANCELLED.format(name=name))

    def cancel(self, name: str, ticket: str = "") -> None:
        """Somebody waits for a model no longer; when nobody does, it is fetched no further."""
        with self._lock:
            waiting = self._waiting.get(name, set())
            if ticket not in waiting:
                return
            waiting.discard(ticket)
            if not waiting:
                self._stop(name, CANCELLED.format(name=name))

    def close(self) -> None:
        """Ends what is being fetched."""
        with self._lock:
            for name in list(self._processes):
                self._stop(name, CANCELLED.format(name=name))

    def _stop(self, name: str, why: str) -> None:
        """Ends one, if it is not over, and says why."""
        if not self._progress[name].over:
            self._progress[name] = Progress(error=why)
        if process := self._processes.get(name):
            process.kill()

    def _run(self, name: str) -> None:
        try:
            with subprocess.Popen(
                [sys.executable, "-m", *self._command(name)],
                cwd=ROOT,
                stdin=subprocess.PIPE,  # whose end, if this process should be gone, ends the other
                stdout=subprocess.PIPE,
            ) as process:
                with self._lock:
                    self._processes[name] = process
                    if self._progress[name].over:
                        process.kill()
                threading.Thread(target=self._watch, args=(name, process), daemon=True).start()
                assert process.stdout is not None
                while line := process.stdout.readline(LONGEST_LINE):
                    with self._lock:
                        if not self._progress[name].over:
                            self._progress[name] = self._after(self._progress[name], line)
                    if folder := self._progress[name].folder:
                        self._arrived(name, folder)
        finally:
            with self._lock:
                self._processes.pop(name, None)
                if not self._progress[name].over:
                    self._progress[name] = Progress(error=ENDED.format(name=name))

    def _command(self, name: str) -> tuple[str, ...]:
        """What fetches a model: a ready one needs no torch."""
        if name in self._ready:
            return "export.runtime.ready", str(self._ready[name]), "--attended"
        return "export.progress", name, "--attended"

    def _watch(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Ends a process that takes too long, or tells nothing new for too long."""
        begun = moved = time.monotonic()
        before = self._progress[name]
        while process.poll() is None:
            time.sleep(LOOKS_EVERY_S)
            now, told = time.monotonic(), self._progress[name]
            if told != before:
                before, moved = told, now
            for limit, since, why in (
                (self.limits.fetch_s, begun, TOO_LONG),
                (self.limits.fetch_stall_s, moved, STALLED),
            ):
                if now - since > limit:
                    with self._lock:
                        self._stop(name, why.format(name=name, seconds=limit))

    @staticmethod
    def _after(before: Progress, line: bytes) -> Progress:
        """What is known after one more line; the same after one that is a library's own word and not ours."""
        try:
            said = json.loads(line)
        except ValueError:
            return before
        return replace(before, **_said(said)) if isinstance(said, Mapping) else before


def _said(said: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a line that are ours, each of its kind."""
    kinds: dict[str, tuple[type, ...]] = {
        "doing": (str,),
        "done": (int, float),
        "total": (int, float, type(None)),
        "unit": (str,),
        "error": (str,),
    }
    told = {name: said[name] for name, kind in kinds.items() if name in said and isinstance(said[name], kind)}
    if isinstance(folder := said.get("folder"), str) and exported_models.directory() in Path(folder).parents:
        told["folder"] = Path(folder)
    return told
