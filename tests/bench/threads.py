"""How runs share two cores: whether threads should spin while they wait for the next node, and whether the texts of two
visitors should be run as one batch.

A pass is run with all that a page reads of it, by sessions that differ in nothing else, in turns: threads that sleep,
that spin within a run, and that also spin on behind it (ONNX Runtime's own way). For each it tells the median time and
the processor's time of a run: alone, with a pause before it as between two keys, and as one of two that run at the
same time; and the time of one of two that are run as a batch, which takes two texts of equal length. A run is a pass
over so many tokens, or with `--past` over one more behind as many.

Usage: python -m tests.bench.threads [--model NAME|FOLDER] [--tokens 32] [--past]. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from collections.abc import Mapping
from functools import partial

import numpy as np
import onnxruntime as ort

from app.engine import Engine
from app.running.offered import offered
from app.running.piece import FIRST
from export.runtime.session import Cache, Session
from model import taps
from tests.bench.opened import opened

ENTRIES = {
    "sleep": {"session.intra_op.allow_spinning": "0"},
    "spin within a run": {"session.intra_op.allow_spinning": "1"},
    "spin on": {"session.intra_op.allow_spinning": "1", "session.force_spinning_stop": "0"},
}
ROUNDS = 15
PAUSE_S = 0.1
AT_ONCE = 2
RUNS = 3
"""That each of those at once makes."""


def waiting(entries: Mapping[str, str], options: ort.SessionOptions) -> None:
    """Has threads wait in one of the ways."""
    for name, value in entries.items():
        options.add_session_config_entry(name, value)


def twice(past: Cache) -> Cache:
    """The same past for a batch of two."""
    return tuple((np.concatenate([key] * AT_ONCE), np.concatenate([value] * AT_ONCE)) for key, value in past)


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description="Measure how threads should wait within a run.")
    parser.add_argument("--model", default="gpt", help="a bundled model, OWNER/NAME on the hub, or a folder (gpt)")
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--past", action="store_true", help="run one more token behind so many")
    given = parser.parse_args()
    engine = Engine()
    folder = engine.folder(given.model) if given.model in engine.names else offered(given.model)[1]
    sessions = {name: opened(folder, partial(waiting, entries)) for name, entries in ENTRIES.items()}
    config = sessions["sleep"].config
    ids = np.random.default_rng(0).integers(0, config.d_vocab, given.tokens)
    past = Session(folder, "fused").run(ids, cache=True).cache if given.past else None
    first = {tap.name(layer) for layer in range(sum(s.layers for s in config.stacks.values())) for tap in FIRST}
    names = [name for name in taps.table(config) if past is None or name in first]
    read = ids if past is None else ids[-1:]

    both, past_of_both = np.stack([read] * AT_ONCE), past and twice(past)

    def run(session: Session, times: int = 1) -> None:
        for _ in range(times):
            session.run(read, taps=names, past=past)

    columns = ("alone", "processor", "at once", "processor at once", "batched")
    times: dict[str, dict[str, list[float]]] = {name: {what: [] for what in columns} for name in sessions}
    for _ in range(ROUNDS):
        for name, session in sessions.items():
            time.sleep(PAUSE_S)
            used, begun = time.process_time(), time.perf_counter()
            run(session)
            times[name]["alone"].append(time.perf_counter() - begun)
            time.sleep(PAUSE_S)  # what spins on does so now
            times[name]["processor"].append(time.process_time() - used)
            used, begun = time.process_time(), time.perf_counter()
            threads = [threading.Thread(target=run, args=(session, RUNS)) for _ in range(AT_ONCE)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            times[name]["at once"].append((time.perf_counter() - begun) / RUNS / AT_ONCE)
            times[name]["processor at once"].append((time.process_time() - used) / RUNS / AT_ONCE)
            begun = time.perf_counter()
            session.run(both, taps=names, past=past_of_both)
            times[name]["batched"].append((time.perf_counter() - begun) / AT_ONCE)
    rows = [
        {"threads": name, **{what: round(1e3 * statistics.median(of), 1) for what, of in there.items()}}
        for name, there in times.items()
    ]
    print("Milliseconds of a run.\n\n| threads | alone | processor | one of two at once | processor | of a batch |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        print("| " + " | ".join(map(str, row.values())) + " |")
    print(json.dumps({"model": folder.name, "tokens": given.tokens, "past": given.past, "rows": rows}))


if __name__ == "__main__":
    main()
