"""What each thing that a visitor can ask costs beside the model's own passes, with the inputs that cost most.

Every answer of the page but the fetching of models, and those to programs, with every family and each of some texts
made to be dear: long in characters, in bytes, in tokens, in words, in marks upon one letter. Told is the dearest of
each, in milliseconds of the processor: what the graphs took, in all their threads, and what all else did in the
question's own, the writing of the reply among it. The first call of each does not count: it loads models; and all
vocabularies are there before anything is asked. `sample` is asked for one token: it does the same for each. Usage:

    python tests/bench/dear.py [NAME ...]

NAME is an answer or an exhibit; all unless given. The exit status is 1 where one takes more than `MOST_MS` beside its
passes.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.api.answers import Programs
from app.engine import Engine
from app.exhibits import WALK
from app.page.answers import Answers
from app.page.desk import Answer, Encode
from app.wire import payload
from app.wire.fields import RequestError
from export.runtime.session import Session
from tests.bench.keystroke import STORY

MOST_MS = 300
PROGRAMS = ("tokenize", "trace", "attention", "sample")
Ask = Callable[[dict[str, Any]], bytes]
NOT_ASKED = ("fetch", "fetched", "cancel", "frame")
VOCABULARIES = {"gpt": "bpe", "bert": "wordpiece", "t5": "unigram", "gpt-alibi": "own"}
"""The models, and of each a vocabulary whose steps are told."""
TEXTS = {
    "bytes": "\ufdfa" * 10_000,
    "story": STORY * 12,
    "families": "👨‍👩‍👧" * 1_900,
    "word": "a" * 10_000,
    "han": "人" * 9_999,
    "lines": "\n" * 10_000,
    "marks": "e" + "\u0301" * 9_000,
    "numbers": "1234567890 " * 900,
    "masks": "[MASK]" * 1_600,
    "longest word told": "a" * 119,
}
FIELDS: dict[str, Any] = (
    {"seq": 1, "sampling": {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "seed": 0}}
    | {"layer": 0, "head": 0, "query": 0, "key": 0, "written": 0, "target": 0, "against": 1, "of": "difference"}
    | {"scheme": "own", "sees": "both", "factor": 64, "context": 2**20, "batch": 256, "precision": "fp16"}
    | {"task": "translate", "rulers": "", "at": 0, "width": 5, "depth": 12, "theme": "paper", "longest": 2**20}
    | {"reader": "gpt-rope", "window": 8, "draw": 0, "begin": 0, "by": "zero"}
    | {"points": [{"n_tokens": n, "cached_ms": 1.0, "uncached_ms": 2.0} for n in range(1, 33)]}
    | {"pin": {"text": STORY * 4, "model": "gpt"}, "taps": ["hook_embed"], "n": 1}
)


@dataclass(frozen=True)
class Cost:
    """Of one question, in seconds of the processor."""

    beside: float
    passes: float
    text: str


class Clock:
    """Counts what the graphs take."""

    def __init__(self) -> None:
        self.passes = self.own = 0.0
        """In all threads, and of that in the one that asked."""
        self._run = Session.run

    def __enter__(self) -> Clock:
        run, clock = self._run, self

        def timed(session: Session, *given: Any, **named: Any) -> Any:
            begun, own = time.process_time(), time.thread_time()
            try:
                return run(session, *given, **named)
            finally:
                clock.passes += time.process_time() - begun
                clock.own += time.thread_time() - own

        Session.run = timed  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *error: object) -> None:
        Session.run = self._run  # type: ignore[method-assign]


def written(answer: Answer, encode: Encode = payload.as_json) -> Ask:
    """An answer as it is sent."""
    return lambda request: encode(answer(request))


def cost(ask: Ask, request: dict[str, Any], text: str) -> Cost | None:
    """What one question costs; None where it is refused."""
    with Clock() as clock:
        begun = time.thread_time()
        try:
            ask(request)
        except RequestError:
            return None
        return Cost(time.thread_time() - begun - clock.own, clock.passes, text)


def dearest(ask: Ask, engine: Engine, model: str, extra: dict[str, Any]) -> Cost | None:
    """The dearest of one answer in one model."""
    kind = next(iter(engine.config(model).stacks))
    request = {**FIELDS, "kind": kind, "model": model, "tokenizer": VOCABULARIES[model], **extra}
    cost(ask, {**request, "text": STORY}, "")  # loads what it needs
    gc.collect()
    gc.freeze()  # as a server does: what is loaded is not gone through again
    found = (cost(ask, {**request, "text": text}, called) for called, text in TEXTS.items())
    return max((one for one in found if one), key=lambda one: one.beside, default=None)


def main() -> int:
    """Measures and tells; gives the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("names", nargs="*", help="answers or exhibits")
    chosen = options.parse_args().names
    answers = Answers(Engine())
    ways: list[tuple[str, Ask, dict[str, Any]]] = [
        *((name, written(answers.named(name)), {}) for name in answers.names if name not in NOT_ASKED),
        *(("frame", written(answers.frame, payload.framed), {"exhibit": exhibit}) for exhibit in WALK),
        *((f"api {name}", written(getattr(Programs(answers), name)), {}) for name in PROGRAMS),
    ]
    while answers.named("vocabularies")({**FIELDS, "model": "gpt", "text": ""})["loading"]:
        time.sleep(0.1)
    rows = []
    for (name, ask, extra), model in itertools.product(ways, VOCABULARIES):
        if chosen and name not in chosen and extra.get("exhibit") not in chosen:
            continue
        if found := dearest(ask, answers.engine, model, extra):
            rows.append((found, " ".join([name, *extra.values(), model])))
    for found, called in sorted(rows, key=lambda row: -row[0].beside):
        print(f"{1e3 * found.beside:6.0f} ms beside {1e3 * found.passes:6.0f} ms of passes  {called} ({found.text})")
    return int(any(1e3 * found.beside > MOST_MS for found, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
