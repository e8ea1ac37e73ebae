"""Where the time of a run goes, by kind of node: ONNX Runtime's own profile of the tapped graph, as the page runs it.

A run is a pass over so many tokens with every probability, or with `--past` over one more behind as many. Of each kind
of node: how many there are, their milliseconds in the mean of the runs, and their share. For one token it also tells at
how many GB/s the matrix products read the weights.

Usage: python -m tests.bench.nodes [--model NAME|FOLDER] [--tokens 32] [--past]. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime as ort

from app.engine import Engine
from app.running.offered import offered
from app.running.piece import FIRST
from export.runtime.session import WEIGHTS, Session
from model import taps
from tests.bench.opened import opened

WARM, RUNS = 3, 15
LISTED = 6
"""Kinds of nodes; the others are told together."""


def main() -> None:
    """Profiles and prints the table."""
    parser = argparse.ArgumentParser(description="Profile a run of the tapped graph.")
    parser.add_argument("--model", default="gpt", help="a bundled model, OWNER/NAME on the hub, or a folder (gpt)")
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--past", action="store_true", help="run one more token behind so many")
    given = parser.parse_args()
    engine = Engine()
    folder = engine.folder(given.model) if given.model in engine.names else offered(given.model)[1]
    with tempfile.TemporaryDirectory() as at:

        def profiled(options: ort.SessionOptions) -> None:
            options.enable_profiling = True
            options.profile_file_prefix = str(Path(at) / "profile")

        session = opened(folder, profiled)
        ids = np.random.default_rng(0).integers(0, session.config.d_vocab, given.tokens)
        past = Session(folder, "fused").run(ids, cache=True).cache if given.past else None
        kinds = FIRST if given.past else (taps.PATTERN,)
        depth = max(stack.layers for stack in session.config.stacks.values())
        wanted = {kind.name(layer) for kind in kinds for layer in range(depth)}
        names = [name for name in taps.table(session.config) if name in wanted]
        for _ in range(WARM + RUNS):
            session.run(ids if past is None else ids[-1:], taps=names, past=past)
        events = json.loads(Path(session.inner.end_profiling()).read_text(encoding="utf-8"))
    whole = [event for event in events if event["name"] == "model_run"][WARM:]
    nodes = [event for event in events if event.get("cat") == "Node" and event["ts"] >= whole[0]["ts"]]
    nodes = [event for event in nodes if event["name"].endswith("kernel_time")]
    spent, counted = Counter[str](), Counter[str]()
    for node in nodes:
        kind = node["args"]["op_name"]
        spent[kind] += node["dur"]
        counted[kind] += 1
    run_ms = sum(event["dur"] for event in whole) / len(whole) / 1e3
    rows = [(kind, counted[kind] // RUNS, us / RUNS / 1e3) for kind, us in spent.most_common()]
    rows, rest = rows[:LISTED], rows[LISTED:]
    rows.append(("others", sum(n for _, n, _ in rest), sum(ms for _, _, ms in rest)))
    rows.append(("between nodes", 0, run_ms - sum(ms for _, _, ms in rows)))
    print("| kind | nodes | ms | share |\n| --- | ---: | ---: | ---: |")
    for kind, n, ms in rows:
        print(f"| {kind} | {n or ''} | {ms:.2f} | {100 * ms / run_ms:.0f}% |")
    print(f"\n{run_ms:.1f} ms a run")
    if given.past:
        products_ms = sum(us for kind, us in spent.items() if kind in ("MatMul", "Gemm")) / RUNS / 1e3
        print(f"the products read the weights at {(folder / WEIGHTS).stat().st_size / products_ms / 1e6:.1f} GB/s")
    print(json.dumps({"model": folder.name, "tokens": given.tokens, "past": given.past, "ms": run_ms, "rows": rows}))


if __name__ == "__main__":
    main()
