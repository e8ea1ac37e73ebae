"""What the Tokens exhibit is sent: the text along every vocabulary, what is told of each, how a word was cut."""

from __future__ import annotations

import time
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from app.engine import Engine
from app.exhibits.tokens import frame
from app.exhibits.tokens.frame import N_EXTRA, SHOWN
from app.exhibits.tokens.rows import Ruled
from app.exhibits.tokens.vocabularies import OWN, Vocabularies
from app.page.answers import Answers
from app.wire.fields import RequestError
from model import tokenizers
from model.study.ruler import Axis
from tests.app.page.test_answers import ask

TEXT = "The naïve dog 👨‍👩‍👧 ran"


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    """Everything that ships, unpacked once."""
    full = Vocabularies()
    while full.fetch(full.known).loading:
        time.sleep(0.05)
    return full


@pytest.fixture
def stocked(engine: Engine, vocabularies: Vocabularies, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """The answers of a server on which all vocabularies are there."""
    monkeypatch.setattr(frame, "KEEPS", lambda: vocabularies)
    return Answers(engine)


def rows(answers: Answers, text: str) -> list[tuple[dict[str, Any], list[int], list[tuple[int, int]]]]:
    """Each row that is ready, with the ids and the places of its tokens."""
    frame = answers.frame(ask(text=text))
    blob = frame["blob"]

    def read(name: str) -> list[int]:
        of = frame["arrays"][name]
        return np.frombuffer(blob, of["dtype"], of["shape"][0], of["offset"]).tolist()

    ids, starts, ends = read("ruler_ids"), read("ruler_starts"), read("ruler_ends")
    there = [row for row in frame["ruler"]["rows"] if row["ready"]]
    bounds = list(accumulate((row["shown"] for row in there), initial=0))
    assert bounds[-1] == len(ids) == len(starts) == len(ends)
    return [
        (row, ids[a:b], list(zip(starts[a:b], ends[a:b], strict=True)))
        for row, a, b in zip(there, bounds[:-1], bounds[1:], strict=True)
    ]


def test_the_models_own_row_is_first_and_there_at_once(answers: Answers) -> None:
    frame = answers.frame(ask(text=TEXT))
    own, *others = frame["ruler"]["rows"]
    assert (own["name"], own["label"], own["own"], own["ready"]) == (OWN, "tiny", True, True)
    assert own["tokens"] == len(frame["tokens"]) + frame["clipped"] - 1
    assert len(others) == len(tokenizers.available())
    assert not any(row["ready"] or row["own"] for row in others)


def test_every_row_is_the_cut_of_its_vocabulary(stocked: Answers, vocabularies: Vocabularies) -> None:
    axis = Axis(TEXT)
    found = rows(stocked, TEXT)
    assert len(found) == len(tokenizers.available()) + 1
    for (row, ids, places), vocabulary in zip(found[1:], tokenizers.available(), strict=True):
        card = vocabularies.card(vocabulary.name)
        assert isinstance(card, Ruled)
        cut = card.rule.cut(axis)
        assert (row["name"], row["tokens"], row["returns"]) == (vocabulary.name, len(cut.ids), cut.returns)
        assert row["lost"] == card.rule.lost(axis, cut)
        assert (ids, places) == (list(cut.ids), list(zip(cut.starts, cut.ends, strict=True)))
        for index, (start, end) in enumerate(places):
            assert bytes.fromhex(row["spelled"].get(index, axis.data[start:end].hex())) == cut.written[index]


def test_of_a_long_text_the_rows_show_the_end_and_the_counts_are_of_all(answers: Answers) -> None:
    text = "é dog " * 1500
    found = rows(answers, text)
    ruler = answers.frame(ask(text=text))["ruler"]
    assert (ruler["first"], ruler["counted"], ruler["bytes"]) == (len(text) - SHOWN, len(text), len(text.encode()))
    own, ids, places = found[0]
    assert (
        own["skipped"] + own["shown"]
        == own["tokens"]
        == len(answers.engine.model("tiny").tokenizer.encode(text).tokens) - 1
    )
    assert places[0][0] == 0
    assert places[-1][1] == len(text[-SHOWN:].encode())
    assert len(ids) == own["shown"]


def test_a_name_that_cannot_be_had_is_a_sentence_and_the_others_stay(stocked: Answers) -> None:
    request = ask(rulers="owner/vocabulary")
    failed: dict[str, str] = {}
    while not failed:
        answer = stocked.named("vocabularies")(request)
        failed = answer["failed"]
        time.sleep(0.05)
    assert failed["owner/vocabulary"].startswith("owner/vocabulary is not in the cache")
    assert answer["cards"]["openai-community/gpt2"]["entries"] == 50257
    assert len(answer["cards"]["byte"]["costs"]) == len(answer["languages"])


def test_too_many_names_are_refused(answers: Answers) -> None:
    with pytest.raises(RequestError, match=f"{N_EXTRA + 1} vocabularies were added; {N_EXTRA} at a time"):
        answers.frame(ask(rulers=",".join(f"a/{index}" for index in range(N_EXTRA + 1))))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (OWN, "merges"),
        ("openai-community/gpt2", "merges"),
        ("google-bert/bert-base-uncased", "matches"),
        ("google/flan-t5-small", "paths"),
        ("word", "none"),
    ],
)
def test_a_word_is_told_in_the_steps_of_its_vocabulary(stocked: Answers, name: str, kind: str) -> None:
    told = stocked.named("word")(ask(text="an unbelievable dog", tokenizer=name, at=2))
    assert told["kind"] == kind
    assert told.get("agrees", True)
    assert told["first"] <= 2 < told["after"]


def test_the_merges_of_a_word_are_those_of_gpt2(stocked: Answers) -> None:
    told = stocked.named("word")(ask(text="a dog", tokenizer="openai-community/gpt2", at=1))
    assert [bytes.fromhex(symbol) for symbol in told["symbols"]] == [b" ", b"d", b"o", b"g"]
    assert told["ids"] == [3290]
    assert len(told["merges"]) == 3
    assert told["entries"] == 50_000


def test_a_word_of_a_thousand_letters_is_not_told_step_by_step(answers: Answers) -> None:
    told = answers.named("word")(ask(text="a" * 1000, tokenizer=OWN, at=0))
    assert told["reason"] == "The word has 1,000 symbols; up to 120 are told step by step."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"tokenizer": "nobody/knows", "at": 0}, "tokenizer is 'nobody/knows'; there is own"),
        ({"tokenizer": OWN, "at": 99}, "at is 99"),
        ({"tokenizer": OWN, "at": 0, "text": ""}, "no token to be told of"),
    ],
)
def test_a_word_that_is_not_there_is_a_sentence(answers: Answers, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        answers.named("word")(ask(**fields))
