"""The steps through an exhibit: enough for every kind of model, each a sentence that is true of any text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from app.exhibits import WALK
from app.exhibits.registry import FOLLOW, STEPS
from app.page import traits
from app.wire.step import SLOTS, Step
from model.config import PRESETS

MODELS = (("gpt", "experts"), ("gpt", "mlp"), ("bert", "mlp"), ("t5", "mlp"))
"""Kinds of model that steps are told apart by: the family, and what its blocks have beside attention."""
DOES_NOT_APPLY = {("experts", "mlp"), ("cache", "bert")}
"""Exhibits that some models have nothing for, by what of the model says so."""
NUMBER = re.compile(r"(?<!\bT)\d|\b(two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|half|twice|double)\b")
ALL = [*(("show", name, step) for name in WALK for step in STEPS[name]), *(("follow", *step) for step in FOLLOW)]


def suiting(steps: Iterable[Step], family: str, feed: str) -> list[Step]:
    there = (None, *traits.traits(PRESETS[family]))
    return [step for step in steps if family in step.families and step.feed in (None, feed) and step.trait in there]


@pytest.mark.parametrize(("family", "feed"), MODELS)
@pytest.mark.parametrize("exhibit", WALK)
def test_every_exhibit_has_four_to_eight_steps_for_each_kind_of_model(exhibit: str, family: str, feed: str):
    n = len(suiting(STEPS[exhibit], family, feed))
    assert n == 0 if {(exhibit, family), (exhibit, feed)} & DOES_NOT_APPLY else 4 <= n <= 8


@pytest.mark.parametrize(("family", "feed"), MODELS)
def test_one_word_is_followed_in_five_steps_in_each_kind_of_model(family: str, feed: str):
    places = [name for name, step in FOLLOW if suiting([step], family, feed)]
    assert len(places) == 5
    assert max(Counter(places).values()) <= 2, "the walk leads through several exhibits"


@pytest.mark.parametrize(("walk", "exhibit", "step"), ALL)
def test_a_step_is_one_sentence_that_states_no_number(walk: str, exhibit: str, step: Step):
    assert re.fullmatch(r"[A-Z][^.?!]*[.?!]", step.says), step.says
    assert not NUMBER.search(step.says), f"no text has been measured for it: {step.says}"
    assert set(re.findall(r"\{(\w+)\}", step.says)) <= set(SLOTS)
    assert step.focus
    assert step.trait in (None, *traits.ALL)
