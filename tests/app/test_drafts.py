"""Which draft an output begins from."""

from __future__ import annotations

from app.drafts import N_KEPT, Drafts
from app.interventions import UNTOUCHED, Interventions

CHANGED = Interventions(heads_off=(("cross", 0, 0),))


def test_without_an_output_there_is_no_draft():
    assert Drafts().nearest([5, 6], UNTOUCHED) == []


def test_the_draft_is_what_was_written_for_the_text_that_begins_most_alike():
    drafts = Drafts()
    drafts.keep([5, 6, 7, 1], UNTOUCHED, [0, 10])
    drafts.keep([8, 9, 1], UNTOUCHED, [0, 20])
    assert drafts.nearest([5, 6, 1], UNTOUCHED) == [0, 10]
    assert drafts.nearest([8, 1], UNTOUCHED) == [0, 20]


def test_a_changed_model_begins_from_what_it_wrote_itself():
    drafts = Drafts()
    drafts.keep([5, 6, 7, 1], UNTOUCHED, [0, 10])
    assert drafts.nearest([5, 6, 7, 1], CHANGED) == [0, 10]
    drafts.keep([5, 1], CHANGED, [0, 30])
    assert drafts.nearest([5, 6, 7, 1], CHANGED) == [0, 30]


def test_the_oldest_output_is_forgotten():
    drafts = Drafts()
    for first in range(N_KEPT + 1):
        drafts.keep([first], UNTOUCHED, [0, first])
    assert drafts.nearest([0], UNTOUCHED) != [0, 0]
    assert drafts.nearest([1], UNTOUCHED) == [0, 1]
