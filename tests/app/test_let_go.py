"""A model of the hub that makes room for another leaves nothing behind, whatever was asked of it: real graphs."""

from __future__ import annotations

import contextlib
import gc
import weakref

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
