"""Which outputs are references of a new one, and how a draft is put together of them."""

from __future__ import annotations

from app.running.speculative_decoding import N_REFERENCES, References, draft
from app.wire.interventions import UNTOUCHED, Interventions

CHANGED = Interventions(heads_off=(("cross", 0, 0),))


def test_without_an_output_there_is_no_draft():
    assert References().nearest([5, 6], UNTOUCHED) == []


def test_first_comes_what_was_written_for_the_text_that_begins_most_alike():
    references = References()
    references.add([5, 6, 7, 1], UNTOUCHED, [0, 10])
    references.add([8, 9, 1], UNTOUCHED, [0, 20])
    assert references.nearest([5, 6, 1], UNTOUCHED) == [[0, 10], [0, 20]]
    assert references.nearest([8, 1], UNTOUCHED) == [[0, 20], [0, 10]]


def test_first_comes_what_a_changed_model_wrote_itself():
    references = References()
    references.add([5, 1], CHANGED, [0, 30])
    references.add([5, 6, 7, 1], UNTOUCHED, [0, 10])
    assert references.nearest([5, 6, 7, 1], CHANGED) == [[0, 30], [0, 10]]
    assert references.nearest([5, 6, 7, 1], UNTOUCHED) == [[0, 10], [0, 30]]


def test_the_oldest_output_is_forgotten():
    references = References()
    for first in range(N_REFERENCES + 1):
        references.add([first], UNTOUCHED, [0, first])
    assert sorted(references.nearest([0], UNTOUCHED)) == [[0, first] for first in range(1, N_REFERENCES + 1)]


def test_a_guess_goes_on_after_the_longest_common_end():
    references = [[0, 3, 4, 9], [0, 1, 3, 4, 5, 6]]
    assert draft(references, [0]) == [3, 4, 9]
    assert draft(references, [0, 7, 4]) == [9]
    assert draft(references, [0, 7, 1, 3]) == [4, 5, 6]
    assert draft(references, [0, 8]) == []
