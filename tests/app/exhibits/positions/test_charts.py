"""The chart of losses past the trained length holds what each model made of the stories."""

from __future__ import annotations

from typing import Any

import pytest

from app.asked.question import Question
from app.engine import Engine
from app.exhibits.positions import frame as positions
from app.exhibits.positions import long_reads
from app.exhibits.positions.long_reads import LongReads, Stretches
from app.wire.fields import Fields, RequestError
from tests.app.page.test_answers import SAMPLING

CURVES = {"gpt-rope": tuple(2.0 + at / 8 for at in range(16)), "gpt-learned": (2.5, 2.25, 2.125, 2.0)}


def asked(engine: Engine) -> Question:
    fields: dict[str, Any] = {"seq": 1, "text": "a dog", "model": "tiny", "sampling": SAMPLING, "theme": "paper"}
    return Question(Fields(fields), engine)


def test_it_holds_the_curves_of_those_that_have_read(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    stories = LongReads()
    monkeypatch.setattr(stories, "known", lambda name: Stretches(CURVES[name], None) if name in CURVES else None)
    answer = positions.far_chart(asked(engine), stories)
    drawn = {trace["name"]: trace for trace in answer["figure"]["data"]}
    assert {name: tuple(trace["y"]) for name, trace in drawn.items()} == {
        "RoPE": CURVES["gpt-rope"],
        "learned": CURVES["gpt-learned"],
    }
    half = long_reads.BLOCK / 2
    assert drawn["RoPE"]["x"][:2] == [half, 3 * half]
    assert drawn["RoPE"]["x"][-1] == long_reads.LENGTH - half
    notes = [note["text"] for note in answer["figure"]["layout"]["annotations"]]
    assert any(note.endswith("> RoPE") for note in notes)
    assert not any("learned" in note for note in notes), "its line ends long before the label's place"


def test_before_any_has_read_it_says_so(engine: Engine):
    with pytest.raises(RequestError, match="None of the six has read"):
        positions.far_chart(asked(engine), LongReads())
