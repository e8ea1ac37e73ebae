"""One pass over 128 to 8,192 tokens: the ways of `runners` in turns, as ratios, and as shares of the ceiling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.bench.gpu import ceilings, models
from tests.bench.gpu.ceilings import Ceilings
from tests.bench.gpu.machine import Device
from tests.bench.gpu.runners import ENTRIES, NoRoomError, Runner
from tests.bench.race.turns import ratios, rounded, summary

TURNS, SECONDS = 21, 20.0
"""Turns at the most, and fewer, but three, where they take longer."""
WARM = 3
"""Passes that do not count, in which kernels are chosen and memory is taken."""
QUICK_LENGTHS = 2


def rows(name: str, folder: Path, device: Device, measured: Ceilings, quick: bool) -> Iterator[dict[str, Any]]:
    """A row a length: milliseconds of each way, ratios to ours, the bound, and each one's share of it."""
    entries = [entry for entry in ENTRIES if device.name == "cuda" or entry.name != "compiled"]
    ways: dict[str, Runner] = {entry.name: entry.kind(folder, device) for entry in entries}
    lengths = models.MODELS[name].lengths
    for n in lengths[:QUICK_LENGTHS] if quick else lengths:
        ids = np.random.default_rng(7).integers(0, ways["ours"].config.d_vocab, n).tolist()
        calls: dict[str, Callable[[], object]] = {}
        told: dict[str, dict[str, Any]] = {}
        for entry in entries:
            try:
                ways[entry.name].check(n)
                call = ways[entry.name].ready(ids)
                for _ in range(WARM):
                    device.seconds(call)
                calls[entry.name] = call
            except Exception as error:  # no memory, no kernel: whatever a library says, the others go on
                told[entry.name] = {"cannot": reason(error)}
            device.release()
        taken = take_turns(device, calls, 3 if quick else TURNS, 0 if quick else SECONDS)
        bound = measured.bound(ceilings.work(folder / "ours", n))
        for entry in entries:
            if seconds := taken.get(entry.name):
                told[entry.name] = summary(seconds) | {"share": share(bound, seconds)}
                if other := taken.get(entry.against):
                    told[entry.name]["ratio"] = ratios(seconds, other)
        yield {"model": name, "n_tokens": n, "bound_ms": rounded(1e3 * bound), "contestants": told}


def take_turns(
    device: Device, calls: dict[str, Callable[[], object]], turns: int, limit: float
) -> dict[str, list[float]]:
    """Seconds of each call, one after the other, and again."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    begun = time.monotonic()
    for turn in range(turns):
        if turn >= 3 and time.monotonic() - begun > limit:
            break
        for name, call in calls.items():
            taken[name].append(device.seconds(call))
    return taken


def share(bound: float, seconds: list[float]) -> float:
    """Of the ceiling: the bound over the median."""
    return rounded(bound / float(np.median(seconds)))


def reason(error: Exception) -> str:
    """Why a way has no time, in a line."""
    if isinstance(error, NoRoomError):
        return str(error)
    if isinstance(error, torch.cuda.OutOfMemoryError):
        return "no memory left on the card"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
