"""The registry: every exhibit answers, and what one keeps is made once for a server."""

from __future__ import annotations

from types import ModuleType

from app.asked.question import Part, Question
from app.engine import Engine
from app.exhibits import WALK
from app.exhibits.registry import Exhibit, opened
from app.wire.fields import Fields


def test_every_exhibit_answers_and_no_two_by_one_name() -> None:
    there = opened()
    assert tuple(there) == WALK
    calls = [call for exhibit in there.values() for call in exhibit.calls]
    assert len(calls) == len(set(calls))


class Visits:
    """What a counter keeps."""

    def __init__(self) -> None:
        self.n = 0


def test_what_an_exhibit_keeps_is_made_once_and_handed_to_its_frame_and_its_calls(engine: Engine) -> None:
    def frame(question: Question, visits: Visits) -> Part:
        visits.n += 1
        return Part()

    def visited(question: Question, visits: Visits) -> dict[str, int]:
        return {"n": visits.n}

    module = ModuleType("frame")
    module.__dict__.update(N_TOP=3, frame=frame, CALLS=(visited,), KEEPS=Visits)
    here, elsewhere, question = Exhibit.of(module), Exhibit.of(module), Question(Fields({}), engine)
    assert here.frame(question) == here.frame(question) == Part()
    assert here.calls["visited"](question) == {"n": 2}
    assert elsewhere.calls["visited"](question) == {"n": 0}
