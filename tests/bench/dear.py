"""What each thing that a visitor can ask costs beside the model's own passes, with the inputs that cost most.

Every answer of the page but the fetching of models, with every family and each of some texts made to be dear: long in
characters, in bytes, in tokens, in words, in marks upon one letter. Told is the dearest of each, in milliseconds of the
processor: what the graphs took, in all their threads, and what all else did in the question's own. The first call of
each does not count: it loads models. Usage:

    python tests/bench/dear.py [NAME ...]

NAME is an answer or an exhibit; all unless given. The exit status is 1 where one takes more than `MOST_MS` beside its
passes.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.engine import Engine
from app.exhibits import WALK
from app.page.answers import Answers
from app.wire.fields import RequestError
from export.runtime.session import Session
from tests.bench.keystroke import STORY

MOST_MS = 300
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
    | {"pin": {"text": STORY * 4, "model": "gpt"}}
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


def cost(answers: Answers, name: str, request: dict[str, Any], text: str) -> Cost | None:
    """What one question costs; None where it is refused."""
    with Clock() as clock:
        begun = time.thread_time()
        try:
            answers.named(name)(request)
        except RequestError:
            return None
        return Cost(time.thread_time() - begun - clock.own, clock.passes, text)


def dearest(answers: Answers, name: str, model: str, extra: dict[str, Any]) -> Cost | None:
    """The dearest of one answer in one model."""
    kind = next(iter(answers.engine.config(model).stacks))
    request = {**FIELDS, "kind": kind, "model": model, "tokenizer": VOCABULARIES[model], **extra}
    cost(answers, name, {**request, "text": STORY}, "")  # loads what it needs
    found = (cost(answers, name, {**request, "text": text}, called) for called, text in TEXTS.items())
    return max((one for one in found if one), key=lambda one: one.beside, default=None)


def main() -> int:
    """Measures and tells; gives the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("names", nargs="*", help="answers or exhibits")
    chosen = options.parse_args().names
    answers = Answers(Engine())
    ways: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in answers.names if name not in NOT_ASKED]
    ways += [("frame", {"exhibit": exhibit}) for exhibit in WALK]
    rows = []
    for (name, extra), model in itertools.product(ways, VOCABULARIES):
        if chosen and name not in chosen and extra.get("exhibit") not in chosen:
            continue
        if found := dearest(answers, name, model, extra):
            rows.append((found, " ".join([name, *extra.values(), model])))
    for found, called in sorted(rows, key=lambda row: -row[0].beside):
        print(f"{1e3 * found.beside:6.0f} ms beside {1e3 * found.passes:6.0f} ms of passes  {called} ({found.text})")
    return int(any(1e3 * found.beside > MOST_MS for found, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
