"""What a long text costs the server, exhibit by exhibit, in process: no browser and no network beside it.

A text of a given length is read, then a few keys are added to it. For each exhibit it tells the median time of a key,
the graph's part of it, how large the frame is, and what memory the process holds after it; the passes of the exhibits
before stay, as they do on a server. The last line is JSON.

Usage: python -m tests.bench.long_text --model NAME|FOLDER [--tokens 1000] [--exhibits NAME,...]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from app.engine import Engine
from app.exhibits import WALK
from app.page.answers import Answers
from app.running.memory import heap
from app.running.offered import offered
from app.wire import payload
from tests.bench.dear import FIELDS
from tests.bench.keystroke import opening

TYPED = " and then she ran"
PLAIN: dict[str, Any] = {"pin": None, "query": None, "written": None, "of": "logit", "task": "fill"}
"""Of what the dearest questions have, what a page does not ask by itself."""
ASKED: dict[str, dict[str, Any]] = {"positions": {"sees": "own", "factor": 2.0}, "trio": {"depth": "mean"}}
"""What an exhibit is asked with besides."""


def resident_mb(what: str = "VmRSS") -> int:
    """The memory that this process holds, or held at most (VmHWM), in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return round(1.024e-3 * next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")))


def measure(answers: Answers, model: str, exhibit: str, text: str) -> dict[str, Any]:
    """One row."""
    asked = {
        **FIELDS,
        "model": model,
        "exhibit": exhibit,
        "kind": "text",
        "layer": 3,
        "head": 2,
        **ASKED.get(exhibit, {}),
    }
    times, graphs, size = [], [], 0
    for n_keys in range(len(TYPED) + 1):
        begun = time.perf_counter()
        frame = answers.frame({**asked, "text": text + TYPED[:n_keys]})
        size = len(payload.framed(frame))
        if n_keys:
            times.append(1e3 * (time.perf_counter() - begun))
            graphs.append(frame["timing_ms"]["graph"])
        heap.settle()
    key, graph = (round(statistics.median(of), 1) for of in (times, graphs))
    return {
        "exhibit": exhibit,
        "key_ms": key,
        "graph_ms": graph,
        "frame_kb": round(size / 1e3),
        "held_mb": resident_mb(),
    }


def main() -> None:
    """Measures what was asked for and prints the table."""
    parser = argparse.ArgumentParser(description="Measure what a long text costs the server.")
    parser.add_argument("--model", required=True, help="a bundled model, OWNER/NAME on the hub, or a folder")
    parser.add_argument("--tokens", type=int, default=1000)
    parser.add_argument("--exhibits", default=",".join(WALK))
    given = parser.parse_args()
    engine, name = Engine(), given.model
    if name not in engine.names:
        name, folder = offered(given.model)
        engine.add(name, folder)
    answers, text = Answers(engine), opening(engine.model(name), given.tokens).rstrip()
    print("| exhibit | key, ms | graph | frame, kB | held, MB |\n| --- | ---: | ---: | ---: | ---: |")
    rows = []
    for exhibit in given.exhibits.split(","):
        rows.append(measure(answers, name, exhibit, text))
        print("| " + " | ".join(f"{value}" for value in rows[-1].values()) + " |", flush=True)
    print(json.dumps({"model": name, "tokens": given.tokens, "most_mb": resident_mb("VmHWM"), "rows": rows}))


if __name__ == "__main__":
    main()
