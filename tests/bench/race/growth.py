"""How the time of a pass grows with the tokens, the heads and the layers, and a keystroke's with the visitors.

A power of what grows is fitted to the medians, log against log: 1 is in step with it, 2 its square, 0 not at all.
"""

from __future__ import annotations

import asyncio
import dataclasses
import math
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench import load
from tests.bench.race import field
from tests.bench.race.interface import Task
from tests.bench.race.process import ROOT, WORK
from tests.bench.race.turns import Race, rounded
from tests.ui.server import serve

SHAPE = {"n_layer": 6, "n_head": 6, "n_embd": 384}
"""What the others are kept at while one of them grows; a head is 64 wide always."""
SIZES: dict[str, tuple[int, ...]] = {
    "tokens": (64, 128, 256, 512, 1024),
    "heads": (2, 4, 8, 16),
    "layers": (2, 4, 8, 16),
}
N_TOKENS = 128
VISITORS, SECONDS = (1, 2, 4, 8, 16, 32), 8.0
RACING = ("ours", "transformers")


def run(names: Sequence[str], quick: bool, note: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Grows what can grow; the models are those of `SHAPE`, whatever `names` are."""
    rows = []
    entries = [entry for entry in field.PASSES if entry.name in RACING]
    for grows, sizes in SIZES.items():
        for size in sizes[1:3] if quick else sizes:
            n_tokens = size if grows == "tokens" else N_TOKENS
            folder = prepared(grows, size)
            with Race(entries, 3 if quick else 9, 0 if quick else 4) as race:
                row = race.over(Task("pass", f"{grows} {size}", str(folder), n_tokens))
            rows.append({"grows": grows, "size": size, **row})
            note(rows[-1])
    with serve() as url:
        asyncio.run(load.run(url, 1, 0, 3))  # loads the model
        for size in VISITORS[:2] if quick else VISITORS:
            told = asyncio.run(load.run(url, size, 0, 2 if quick else SECONDS))
            rows.append({"grows": "visitors", "size": size, "ms": told["p50_ms"], "p95_ms": told["p95_ms"]})
            note(rows[-1])
    return rows


def prepared(grows: str, size: int) -> Path:
    """The folder of a model of this size."""
    shape = dict(SHAPE)
    if grows == "heads":
        shape |= {"n_head": size, "n_embd": 64 * size}
    elif grows == "layers":
        shape |= {"n_layer": size}
    name = "-".join(f"{key[2:]}{value}" for key, value in shape.items())
    folder = WORK / "models" / "grown" / name
    if not (folder / "done").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        numbers = [str(value) for value in shape.values()]
        subprocess.run([sys.executable, "-m", "tests.bench.race.growth", str(folder), *numbers], cwd=ROOT, check=True)
        (folder / "done").touch()
    return folder


@dataclasses.dataclass(frozen=True)
class Fit:
    """A power law through medians."""

    exponent: float
    error: float
    """Its standard error."""


def fit(sizes: Sequence[float], values: Sequence[float]) -> Fit:
    """The least squares line, log against log."""
    x, y = np.log(sizes), np.log(values)
    slope, level = np.polyfit(x, y, 1)
    left = y - (slope * x + level)
    freedom = max(1, len(x) - 2)
    error = math.sqrt(float(left @ left) / freedom / float(((x - x.mean()) ** 2).sum()))
    return Fit(rounded(float(slope)), rounded(error))


def fits(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], Fit]:
    """By what grows and who ran."""
    found = {}
    for grows in (*SIZES, "visitors"):
        own = sorted((row for row in rows if row["grows"] == grows), key=lambda row: row["size"])
        names = ("ours",) if grows == "visitors" else RACING
        for name in names:
            told = [(row["size"], row if grows == "visitors" else row["contestants"][name]) for row in own]
            points = [(size, one["ms"]) for size, one in told if "ms" in one]
            if len(points) > 2:
                found[grows, name] = fit(*zip(*points, strict=True))
    return found


def make(folder: Path, n_layer: int, n_head: int, n_embd: int) -> None:
    """A random GPT-2 of this size."""
    from tests.bench.race import models

    told: dict[str, Any] = {"n_layer": n_layer, "n_head": n_head, "n_embd": n_embd, "vocab_size": 4096}
    none: dict[str, Any] = {"bos_token_id": None, "eos_token_id": None}
    models.random(lambda hf: hf.GPT2LMHeadModel(hf.GPT2Config(**told, **none)))(folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]), *(int(number) for number in sys.argv[2:]))
