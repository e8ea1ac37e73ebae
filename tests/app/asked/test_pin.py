"""The pinned state: what has changed since, over the whole vocabulary."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from app.page.answers import Answers
from app.wire.fields import RequestError
from app.wire.interventions import Interventions
from model.study import sampling
from tests.app.page.test_answers import ask


def test_without_a_pin_there_is_nothing_to_compare(answers: Answers) -> None:
    assert answers.frame(ask(exhibit="sampling"))["pinned"] is None
    assert answers.frame(ask(exhibit="sampling", pin=None))["pinned"] is None


@pytest.mark.parametrize("expert_bias", [{}, {"0.1": "off"}])
def test_the_difference_is_from_the_pinned_prediction_to_the_live_one(
    answers: Answers, expert_bias: dict[str, Any]
) -> None:
    pin = {"text": "the cat", "model": "tiny", "interventions": {"expert_bias": expert_bias}}
    frame = answers.frame(ask(exhibit="sampling", pin=pin))
    off = Interventions(((0, 1, -math.inf),)) if expert_bias else Interventions()
    before = answers.engine.read("the cat", "tiny", off).trace.logits[0, -1]
    after = answers.engine.trace("the little dog", "tiny").logits[0, -1]
    pinned = frame["pinned"]
    assert pinned["change"]["kl_bits"] == pytest.approx(sampling.kl_bits(before, after))
    assert pinned["likeliest"]["id"] == int(before.argmax())
    assert pinned["likeliest"]["probability"] == pytest.approx(float(sampling.probabilities_of(before).max()))
    expected = sampling.probabilities_of(before)[[entry["id"] for entry in frame["next"]["top"][:12]]]
    assert pinned["before"] == pytest.approx(expected)
    for moved in pinned["change"]["moved"]:
        assert moved["before"] == pytest.approx(float(sampling.probabilities_of(before)[moved["id"]]))
        assert moved["after"] == pytest.approx(float(sampling.probabilities_of(after)[moved["id"]]))


def test_a_state_that_equals_the_live_one_differs_in_nothing(answers: Answers) -> None:
    frame = answers.frame(ask(exhibit="sampling", pin={"text": "the little dog", "model": "tiny"}))
    assert frame["pinned"]["change"]["kl_bits"] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(frame["pinned"]["likeliest"]["probability"])


@pytest.mark.parametrize("pin", ["the cat", {"text": "the cat"}, {"text": 3, "model": "tiny"}])
def test_a_pin_that_is_none_is_refused(answers: Answers, pin: object) -> None:
    with pytest.raises(RequestError):
        answers.frame(ask(exhibit="sampling", pin=pin))
