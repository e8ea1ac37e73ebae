"""What came out, kept row by row in a JSON file named after the card, with the driver and all versions."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
import transformers

from tests.bench.gpu.machine import Device
from tests.bench.gpu.models import WORK
from tests.bench.race.process import ROOT
from tests.bench.race.results import as_lines, read

RESULTS = ROOT / "tests" / "bench" / "results"


class Kept:
    """The file of a run, begun anew: rows of one run alone stand beside each other."""

    def __init__(self, device: Device, quick: bool) -> None:
        kept = device.name == "cuda" and not quick
        self.path = RESULTS / f"gpu-{slug(device.card())}.json" if kept else WORK / "trial.json"
        self.measured = {**device.told(), **conditions()}
        self.sections: dict[str, Any] = {}

    def add(self, section: str, row: dict[str, Any]) -> None:
        """Writes a row down, and prints it."""
        self.sections.setdefault(section, {"measured": self.measured, "rows": []})["rows"].append(row)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(as_lines(self.sections), encoding="utf-8")
        print(f"{section}: {json.dumps(row)[:2000]}", flush=True)


def slug(card: str) -> str:
    """A card's name as part of a file's: "NVIDIA H200" is nvidia-h200."""
    return re.sub(r"[^a-z0-9]+", "-", card.lower()).strip("-")


def told(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """What each card gave, by the names of the files."""
    return [read(path) for path in sorted(folder.glob("gpu-*.json"))]


def conditions() -> dict[str, Any]:
    """The day, the commit, and the versions."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    versions = {one.__name__: one.__version__ for one in (onnxruntime, torch, transformers, np)}
    return {"day": datetime.date.today().isoformat(), "commit": commit.stdout.strip(), "versions": versions}
