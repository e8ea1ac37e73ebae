"""Words of a text, and a text with something else in a word's place."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exhibits.trio.word_spans import Replaced, words
from model.trace import Token


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\n", []),
        ("The dog ran.", ["The", "dog", "ran", "."]),
        ("a [MASK]!", ["a", "[MASK]", "!"]),
        ("x<extra_id_0>y", ["x", "<extra_id_0>", "y"]),
        ("नमस्ते 你好 👨‍👩‍👧", ["नमस्ते", "你好", "👨‍👩‍👧"]),
    ],
)
def test_a_word_is_a_run_of_letters_or_of_other_signs_or_a_gap(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in words(text)] == expected


@given(st.text(), st.integers(0, 20))
def test_words_stand_in_order_and_hold_every_character_but_spaces(text: str, start: int) -> None:
    found = words(text, start)
    assert all(first <= last and last <= then for (first, last), (then, _) in itertools.pairwise(found))
    assert "".join(text[first:last] for first, last in found) == "".join(text[start:].split())


@given(st.text(min_size=1), st.data())
def test_a_token_outside_the_word_keeps_its_characters_and_one_inside_covers_the_word(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    replaced = Replaced(text, start, end, "[MASK]")
    assert replaced.text[start : start + 6] == "[MASK]"
    for at, character in enumerate(replaced.text):
        back = replaced.back(Token(0, character, at, at + 1))
        if start <= at < start + 6:
            assert (back.start, back.end) == (start, end)
        else:
            assert text[back.start : back.end] == character
