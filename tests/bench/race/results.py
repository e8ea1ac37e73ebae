"""What the race gave, kept row by row in one JSON file, which says on what and when each section was measured."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import subprocess
from pathlib import Path
from typing import Any

from tests.bench.race.process import PEERS, ROOT, WORK

KEPT = ROOT / "tests" / "bench" / "results" / "race.json"
TRIAL = WORK / "trial.json"
PACKAGES = ("onnxruntime-gpu", "onnxruntime", "torch", "transformers", "numpy", "gradio", "plotly")
PEER_PACKAGES = ("transformer-lens", "nnsight", "bertviz", "onnxruntime-genai", "onnxruntime", "llama-cpp-python")
KEYS = ("model", "n_tokens", "n_past", "precision", "grows", "size", "contestant")
"""What tells one row of a section from another."""


class Kept:
    """A section of the file; a row that is there is replaced by the same one measured anew."""

    def __init__(self, section: str, trial: bool) -> None:
        self.section, self.path = section, TRIAL if trial else KEPT

    def add(self, row: dict[str, Any]) -> None:
        """Writes a row down."""
        told = read(self.path)
        section = told.setdefault(self.section, {"rows": []})
        section["rows"] = [one for one in section["rows"] if _key(one) != _key(row)] + [row]
        section["measured"] = conditions()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(as_lines(told), encoding="utf-8")


def read(path: Path = KEPT) -> dict[str, Any]:
    """The whole file; nothing where it is not there."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return told


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in KEYS)


def as_lines(told: dict[str, Any]) -> str:
    """JSON with a line for each row, and not for each number."""
    lines = []
    for section, held in told.items():
        rows = ",\n".join(f"  {json.dumps(row)}" for row in held["rows"])
        measured = json.dumps(held.get("measured", {}))
        lines.append(f' {json.dumps(section)}: {{"measured": {measured}, "rows": [\n{rows}\n ]}}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def conditions() -> dict[str, Any]:
    """The machine, the day, the commit, and the versions of all that raced."""
    from export.race import machine

    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    on = {name: value for name, value in machine().items() if name != "runtime"}
    return {
        **on,
        "day": datetime.date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "versions": _installed(PACKAGES),
        "peers": _of_peers(),
    }


def _installed(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _of_peers() -> dict[str, str]:
    """The same, in their environment."""
    if not PEERS.is_file():
        return {}
    program = (
        "import importlib.metadata as m, json, sys\n"
        "there = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: there[name] = m.version(name)\n"
        "    except m.PackageNotFoundError: pass\n"
        "print(json.dumps(there))"
    )
    told = subprocess.run([PEERS, "-c", program, *PEER_PACKAGES], capture_output=True, text=True)
    found: dict[str, str] = json.loads(told.stdout) if told.returncode == 0 else {}
    return found


def in_words(ms: float) -> str:
    """Milliseconds to three digits: 0.743, 24.1, 1,960."""
    return f"{ms:.3g}" if ms < 1000 else f"{ms:,.0f}"
