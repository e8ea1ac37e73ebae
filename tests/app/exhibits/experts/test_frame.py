"""What the Experts exhibit is sent: the routers' numbers, the load, and the change that an intervention makes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from app.engine import Engine
from app.exhibits.experts import frame as experts
from app.page.answers import Answers
from app.wire.interventions import Interventions
from model import taps
from tests.app.conftest import CONFIG
from tests.app.page.test_answers import ask
from tests.app.wire.test_payload import unpack

TEXT = "the little dog ran to the park"


def test_a_frame_brings_every_gate_of_every_layer_with_experts(answers: Answers) -> None:
    frame = answers.frame(ask(exhibit="experts", text=TEXT))
    trace = answers.engine.trace(TEXT, model="tiny")
    logits, router, weights = (unpack(frame, name) for name in ("router_logits", "router", "weights"))
    for index, layer in enumerate(CONFIG.expert_layers):
        np.testing.assert_array_equal(logits[index], trace.read(taps.ROUTER, layer))
        np.testing.assert_allclose(router[index], trace.router(layer), atol=1e-7)
        two = np.sort(trace.router(layer), axis=-1)[:, -2:]
        np.testing.assert_allclose(
            np.sort(weights[index], axis=-1)[:, -2:], two / two.sum(-1, keepdims=True), atol=1e-6
        )
        assert ((weights[index] > 0).sum(axis=-1) == 2).all()
        assert frame["experts"]["layers"][index]["layer"] == layer
        assert frame["experts"]["layers"][index]["load"] == (weights[index] > 0).sum(axis=0).tolist()
    assert frame["change"] is None


def test_a_frame_of_thirty_two_tokens_stays_small(engine: Engine) -> None:
    packed = experts.routers(engine.trace("a cat " * 40, model="tiny"))
    assert sum(array.values.nbytes for array in packed.values()) < 3 * 4 * 32 * 2 * 4


def test_a_change_is_told_against_the_model_as_it_is(answers: Answers) -> None:
    changed = {"expert_bias": {"0.1": "off", "2.3": 1.5}}
    frame = answers.frame(ask(exhibit="experts", text=TEXT, interventions=changed))
    change = frame["change"]
    before = answers.engine.trace(TEXT, model="tiny").logits[0, -1]
    reading = answers.engine.read(TEXT, "tiny", Interventions(((0, 1, -math.inf), (2, 3, 1.5))))
    after = reading.trace.logits[0, -1]
    p, q = (np.exp(x.astype(np.float64)) / np.exp(x.astype(np.float64)).sum() for x in (before, after))
    assert change["kl_bits"] == pytest.approx(float((p * np.log2(p / q)).sum()), rel=1e-6)
    assert change["kl_bits"] > 0.01
    candidates = set(np.argsort(-p)[:12]) | set(np.argsort(-q)[:12])
    assert {entry["id"] for entry in change["moved"]} == set(sorted(candidates, key=lambda id: -abs(p[id] - q[id]))[:6])
    for entry in change["moved"]:
        assert (entry["before"], entry["after"]) == pytest.approx((p[entry["id"]], q[entry["id"]]))
    shown = frame["next"]["top"][0]
    assert shown["probability"] == pytest.approx(q.max()), "what comes next is of the changed model"


def test_an_expert_that_is_off_has_no_part_in_any_number(answers: Answers) -> None:
    frame = answers.frame(ask(exhibit="experts", text=TEXT, interventions={"expert_bias": {"2.0": "off"}}))
    logits, router, weights = (unpack(frame, name)[1, :, 0] for name in ("router_logits", "router", "weights"))
    assert np.isneginf(logits).all()
    assert not router.any()
    assert not weights.any()
    assert frame["experts"]["layers"][1]["load"][0] == 0


@pytest.mark.parametrize("question", ["frame", "cell", "draw"])
def test_every_question_is_answered_by_the_changed_model(answers: Answers, question: str) -> None:
    request = ask(exhibit="attention", layer=2, head=0, query=2, key=1, draw=0, sampling=ask()["sampling"])
    answer = answers.named(question)
    as_it_is = answer(request)
    changed = answer(request | {"interventions": {"expert_bias": {"0.1": "off"}}})

    def numbers(answer: dict[str, Any]) -> Any:
        return answer.get("probability") or answer.get("drawn", [{}])[0].get("chance") or answer["next"]["entropy_bits"]

    assert numbers(as_it_is) != numbers(changed)
