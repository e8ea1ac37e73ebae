"""Which outputs are drafts of a new one, and how a guess is put together of them."""

from __future__ import annotations

from app.running.speculative_decoding import N_KEPT, Drafts, continuation
from app.wire.interventions import UNTOUCHED, Interventions

CHANGED = Interventions(heads_off=(("cross", 0, 0),))


def test_without_an_output_there_is_no_draft():
    assert Drafts().alike([5, 6], UNTOUCHED) == []


def test_first_comes_what_was_written_for_the_text_that_begins_most_alike():
    drafts = Drafts()
    drafts.keep([5, 6, 7, 1], UNTOUCHED, [0, 10])
    drafts.keep([8, 9, 1], UNTOUCHED, [0, 20])
    assert drafts.alike([5, 6, 1], UNTOUCHED) == [[0, 10], [0, 20]]
    assert drafts.alike([8, 1], UNTOUCHED) == [[0, 20], [0, 10]]


def test_first_comes_what_a_changed_model_wrote_itself():
    drafts = Drafts()
    drafts.keep([5, 1], CHANGED, [0, 30])
    drafts.keep([5, 6, 7, 1], UNTOUCHED, [0, 10])
    assert drafts.alike([5, 6, 7, 1], CHANGED) == [[0, 30], [0, 10]]
    assert drafts.alike([5, 6, 7, 1], UNTOUCHED) == [[0, 10], [0, 30]]


def test_the_oldest_output_is_forgotten():
    drafts = Drafts()
    for first in range(N_KEPT + 1):
        drafts.keep([first], UNTOUCHED, [0, first])
    assert sorted(drafts.alike([0], UNTOUCHED)) == [[0, first] for first in range(1, N_KEPT + 1)]


def test_a_guess_goes_on_after_the_longest_common_end():
    drafts = [[0, 3, 4, 9], [0, 1, 3, 4, 5, 6]]
    assert continuation(drafts, [0]) == [3, 4, 9]
    assert continuation(drafts, [0, 7, 4]) == [9]
    assert continuation(drafts, [0, 7, 1, 3]) == [4, 5, 6]
    assert continuation(drafts, [0, 8]) == []
