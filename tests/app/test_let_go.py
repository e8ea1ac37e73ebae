"""A model of the hub that makes room for another leaves nothing behind, whatever was asked of it: real graphs."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import weakref
from pathlib import Path

import pytest

from app.engine import Engine
from app.exhibits import WALK
from app.page.answers import Answers
from app.running.limits import Limits
from app.wire.fields import RequestError
from model import zoo
from tests.bench.dear import FIELDS, NOT_ASKED

FIRST, SECOND = "someone/first", "someone/second"


def test_a_hub_model_that_was_let_go_is_gone_whatever_was_asked_of_it() -> None:
    engine = Engine(bounds=Limits(models_bytes=1))
    for name in (FIRST, SECOND):
        engine.add(name, zoo.CHECKPOINTS / "gpt-nope")
    answers = Answers(engine)
    request = {**FIELDS, "kind": "text", "model": FIRST, "tokenizer": "own", "text": "The little dog ran home"}
    ways: list[tuple[str, dict[str, str]]] = [(name, {}) for name in answers.names if name not in NOT_ASKED]
    ways += [("frame", {"exhibit": exhibit}) for exhibit in WALK]
    answered = 0
    for name, extra in ways:
        with contextlib.suppress(RequestError):
            answers.named(name)({**request, **extra, "pin": {"text": "The dog", "model": FIRST}})
            answered += 1
    assert answered > len(WALK) + 5, "most of it can be asked of it"
    model = engine.model(FIRST)
    gone = [weakref.ref(thing) for thing in (model, model.session, model.tokenizer)]
    del model
    engine.model(SECOND)
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3


def resident_mb() -> float:
    """The memory of this process."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE") / 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="reads its own memory in /proc")
def test_switching_among_three_hub_models_takes_no_more_memory_with_every_round() -> None:
    engine = Engine(bounds=Limits(models_bytes=1))
    names = ("someone/first", "someone/second", "someone/third")
    for name in names:
        engine.add(name, zoo.CHECKPOINTS / "gpt")
    answers = Answers(engine)

    def switched() -> float:
        for name in names:
            for exhibit in ("attention", "residual"):
                answers.frame({**FIELDS, "exhibit": exhibit, "model": name, "text": "The little dog ran home"})
        gc.collect()
        return resident_mb()

    switched(), switched()
    settled = switched()
    for _ in range(4):
        now = switched()
    assert [name for name in names if name in engine._models] == [names[-1]]
    weights_mb = (zoo.CHECKPOINTS / "gpt/model.safetensors").stat().st_size / 2**20
    assert now - settled < 4 * weights_mb, "twelve models were let go; held, each would add twice its weights and more"
