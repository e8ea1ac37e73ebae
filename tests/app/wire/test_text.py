"""What is read of a text: nothing goes missing silently, and the cut leaves the tokens as they were."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.wire.text import CHARACTERS, clipping, readable, unfamiliar
from model.tokenizer import Tokenizer
from model.trace import Token

any_text = st.text(st.characters(codec=None), max_size=60)


@given(any_text)
def test_a_text_keeps_its_length_and_all_but_its_surrogates(text: str) -> None:
    read = readable(text)
    assert len(read.text) == len(text)
    assert read.start == 0
    assert read.text.encode("utf-8").decode("utf-8") == read.text
    for was, now in zip(text, read.text, strict=True):
        assert now == ("\ufffd" if "\ud800" <= was <= "\udfff" else was)


@pytest.mark.parametrize("text", ["", "a", "tabs\tand\nlines\r\n", "naïve 你好 👨‍👩‍👧 שלום", "<b>&amp;</b>"])
def test_an_ordinary_text_needs_no_notice(text: str) -> None:
    read = readable(text)
    assert read.text == text
    assert read.notices == ()


def test_lone_surrogates_are_replaced_and_named() -> None:
    read = readable("a\ud83db\ude00")
    assert read.text == "a\ufffdb\ufffd"
    assert read.notices == ("2 lone surrogates (half a character) read as U+FFFD.",)


def test_control_characters_are_kept_and_named() -> None:
    read = readable("a\x00b\x00\x07")
    assert read.text == "a\x00b\x00\x07"
    assert read.notices == ("3 control characters (U+0000, U+0007) read as bytes.",)
    assert readable("\x00\x01\x02\x03").notices == ("4 control characters (U+0000, U+0001, U+0002, …) read as bytes.",)


def test_of_a_long_text_the_last_characters_are_read_from_a_word_on() -> None:
    text = "word " * 5000
    read = readable(text)
    assert read.text == text
    assert len(text) - CHARACTERS <= read.start <= len(text) - CHARACTERS + 5
    assert read.text[read.start :].startswith(" word")
    assert read.notices == (f"The text has 25,000 characters; the last {25_000 - read.start:,} are tokenized.",)


def test_a_text_without_words_is_cut_at_the_limit() -> None:
    assert readable("." * 12_345).start == 12_345 - CHARACTERS
    assert readable("x" * CHARACTERS).start == 0


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["the", "cat,", "10", "é", "\n", "  ", "..."]), max_size=30), st.integers(0, 9))
def test_the_tokens_of_the_part_are_the_last_tokens_of_the_whole(
    tokenizer: Tokenizer, words: list[str], shift: int
) -> None:
    text = (" ".join(["dog", *words, ""]) * CHARACTERS)[shift : CHARACTERS + 2_000]
    read = readable(text)
    assert len(text) - CHARACTERS <= read.start <= len(text) - CHARACTERS // 2
    part = [token.id for token in tokenizer.encode(text[read.start :]).tokens[1:]]
    whole = [token.id for token in tokenizer.encode(text).tokens[1:]]
    assert part == whole[-len(part) :]


def test_clipping_says_how_many_tokens_are_shown() -> None:
    assert clipping(255, 2356) == "Showing the last 255 tokens of 2,611."


def piece(text: str, raw: bytes = b"x") -> Token:
    return Token(0, text, 0, 1, raw)


BEGIN, WORD, PART, UNKNOWN = Token(0, "<s>", 0, 0, b"", True), piece("dog"), piece("\ufffd"), piece("[UNK]")


def test_a_text_of_which_most_is_bytes_or_unknown_is_said_to_be_beside_what_the_model_has_read() -> None:
    assert unfamiliar((BEGIN, WORD, WORD, PART, UNKNOWN), "a GPT") is None
    assert unfamiliar((BEGIN, piece("\ufffd", "\ufffd".encode()), WORD), None) is None, "it was typed so"
    assert unfamiliar((BEGIN,), "a GPT") is None
    assert unfamiliar((BEGIN, WORD, PART, PART), "a GPT, trained on stories") == (
        "This is a GPT, trained on stories: of the 3 tokens of your text 2 are only parts of a character."
    )
    assert unfamiliar((PART, UNKNOWN, UNKNOWN), None) == (
        "Of the 3 tokens of your text 1 is only a part of a character and 2 are unknown to its vocabulary."
    )
