"""Models over other weights: opened once for all who ask for the same, and let go by bytes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.engine import Engine
from app.running.other_weights import OtherWeights
from export.runtime.other_weights import held_bytes
from model.trace import Array

IDS = list(range(5, 45))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def shift(by: float) -> dict[str, Array]:
    return {"blocks.0.ln1.weight": np.full(192, by, np.float32)}


def test_who_asks_at_once_for_the_same_weights_gets_one_session(engine: Engine):
    kept = OtherWeights(10**9)
    calls, together = [], threading.Barrier(8)

    def weights() -> dict[str, Array]:
        calls.append(threading.get_ident())
        return shift(0.5)

    def ask(_: int) -> tuple[int, Array]:
        together.wait()
        session = kept.session(engine.model("gpt"), "half", weights)
        return id(session), session.run(IDS).logits

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert len(calls) == 1
    assert len({which for which, _ in answers}) == 1
    for _, logits in answers:
        np.testing.assert_array_equal(logits, answers[0][1])
    assert np.abs(answers[0][1] - engine.model("gpt").session.run(IDS).logits).max() > 1e-2


def test_two_keys_and_two_models_never_share_weights(engine: Engine):
    kept = OtherWeights(10**9)
    runs = [
        kept.session(engine.model(model), key, lambda by=by: shift(by)).run(IDS).logits  # type: ignore[misc]
        for model, key, by in (("gpt", "a", 0.5), ("gpt", "b", 0.7), ("bert", "a", 0.5))
    ]
    assert len(kept) == 3
    assert np.abs(runs[0] - runs[1]).max() > 1e-2
    kept.forget("gpt")
    assert len(kept) == 1


def test_the_oldest_is_let_go_when_they_hold_too_much(engine: Engine):
    model = engine.model("gpt")
    kept = OtherWeights(2 * held_bytes(model.weights))
    first = kept.session(model, 1, lambda: shift(1))
    for key in (2, 3):
        kept.session(model, key, lambda: shift(1))
    assert len(kept) == 2
    assert kept.session(model, 1, lambda: shift(1)) is not first
    assert first.run(IDS).logits.shape[1] == len(IDS), "who still uses one may go on"


def test_weights_that_do_not_fit_keep_nothing_and_nobody_from_asking_again(engine: Engine):
    kept, model = OtherWeights(10**9), engine.model("gpt")
    with pytest.raises(ValueError, match="has no tensor"):
        kept.session(model, 1, lambda: {"nothing": np.zeros(1)})
    assert len(kept) == 0
    assert kept.session(model, 1, lambda: shift(0.5)) is kept.session(model, 1, lambda: shift(0.7))


def test_a_model_that_is_withdrawn_takes_its_other_weights_along():
    engine = Engine()
    engine.other_weights.session(engine.model("gpt"), 1, lambda: shift(0.5))
    engine.withdraw("gpt")
    assert len(engine.other_weights) == 0
