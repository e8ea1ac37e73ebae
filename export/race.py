"""Runs a checkpoint's 8-bit graphs beside those of float32 on this machine, and measures what they change.

The graphs are those of `python -m export build --precision int8`, built anew in a folder of their own. Both precisions
take turns, run by run, so that what else the machine does falls on both.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from export import predictions, reduced
from export.runtime import Precision, file
from export.runtime import shrinking as kept
from export.runtime.session import WEIGHTS, Run, Session
from model.config import T5Config

NEEDED = ("config.json", "tokenizer.json", WEIGHTS)
LENGTHS = (32, 128)
PRECISIONS: tuple[Precision, Precision] = ("float32", "int8")
RUNS = 60
"""Of each precision, after a few that do not count."""
UNCOUNTED = 5


def write(folder: Path) -> list[dict[str, Any]]:
    """Races a checkpoint and writes the file; gives its rows.

    Raises:
        FileNotFoundError: a graph, the weights or the tokenizer are missing.
        ValueError: no weight can be quantized.
    """
    with tempfile.TemporaryDirectory() as temporary:
        there = Path(temporary) / folder.name
        there.mkdir()
        for path in (*folder.glob("*.onnx"), *(folder / name for name in NEEDED)):
            shutil.copy(path, there)
        reduced.build(there, "int8")
        change = predictions.change(there, "int8", predictions.passages())
        told = {
            **machine(),
            "bytes": {precision: bytes_read(there, precision) for precision in PRECISIONS},
            "predictions": change.divergence.size,
            "kl_bits": float(f"{change.divergence.mean():.4g}"),
            "same": round(float(change.same.mean()), 4),
            "rows": rows(there),
        }
    kept.write(folder, kept.RACE, told)
    return told["rows"]


def machine() -> dict[str, Any]:
    """What it was measured on."""
    name = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.is_file():
        models = (line.partition(":")[2].strip() for line in about.read_text().splitlines() if "model name" in line)
        name = next(models, name)
    return {"machine": name, "cores": os.cpu_count(), "runtime": f"ONNX Runtime {onnxruntime.__version__}"}


def bytes_read(folder: Path, precision: Precision) -> int:
    """The bytes of the weights that a precision's graphs read; those that two of them read count once."""
    places = set().union(*(reduced.places(file(folder, graph, precision)) for graph in reduced.names(folder)))
    return sum(length for _, _, length in places)


def rows(folder: Path) -> list[dict[str, Any]]:
    """The median of a run of each graph in both precisions, over texts of several lengths, and for one token more."""
    raced = []
    for graph in reduced.names(folder):
        sessions = {precision: Session(folder, graph, precision=precision) for precision in PRECISIONS}
        for n_tokens, n_past in pieces(sessions["float32"]):
            ready = {name: prepared(folder, name, session, n_tokens, n_past) for name, session in sessions.items()}
            taken = alternating(ready)
            raced.append(
                {"graph": graph, "n_tokens": n_tokens, "n_past": n_past}
                | {f"{name}_ms": float(f"{1e3 * seconds:.4g}") for name, seconds in taken.items()}
            )
    return raced


def pieces(session: Session) -> list[tuple[int, int]]:
    """What a graph is raced over, (tokens, tokens in its cache): whole texts, and one token more where it goes on."""
    whole = [(length, 0) for length in LENGTHS if length <= session.config.n_ctx]
    more = [(1, LENGTHS[-1] - 1)] if session.takes_past else []
    return more if session.graph == "decoder" else whole + more


def prepared(folder: Path, precision: Precision, session: Session, n_tokens: int, n_past: int) -> Callable[[], Run]:
    """One run of a graph, its cache filled before."""
    ids = np.random.default_rng(0).integers(0, session.config.d_vocab, n_past + n_tokens)
    cross = None
    if isinstance(session.config, T5Config) and session.graph == "decoder":
        encoder = Session(folder, "encoder", precision=precision)
        cross = encoder.run(ids[: LENGTHS[0]]).cross
    past = session.run(ids[:n_past], cross=cross, cache=True).cache if n_past else None
    return lambda: session.run(ids[n_past:], cross=cross, past=past, cache=session.takes_past)


def alternating(ready: dict[Precision, Callable[[], Run]]) -> dict[Precision, float]:
    """The median seconds of each."""
    taken: dict[Precision, list[float]] = {name: [] for name in ready}
    for turn in range(UNCOUNTED + RUNS):
        for name, run in ready.items():
            begun = time.perf_counter()
            run()
            if turn >= UNCOUNTED:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
