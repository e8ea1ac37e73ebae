"""The sources besides stories, and what is held out of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.train import corpora


def test_articles_lose_their_titles_and_are_trained_on_or_held_out(corpus: Path):
    training, held_out = list(corpora.articles(corpus)), list(corpora.articles(corpus, held_out=True))
    assert len(training) + len(held_out) == 90
    assert len(training) > len(held_out)
    assert not any("Article" in article for article in training)
    assert training[0].count("\n") == 1


def test_no_held_out_sentence_is_trained_on_in_either_language(corpus: Path):
    training, references = corpora.pairs(corpus), corpora.references(corpus)
    assert len(training) + sum(map(len, references.values())) == 360
    assert references
    assert all(len(several) == 2 for several in references.values())
    assert not {english for english, _ in training} & references.keys()
    assert not {french for _, french in training} & {french for several in references.values() for french in several}


def test_phrases_of_the_other_file_are_not_trained_on(corpus: Path):
    held_out = corpora.phrases(corpus, held_out=True)
    training = corpora.phrases(corpus)
    assert (len(training), len(held_out)) == (65, 25)
    assert {good for _, good in training} == {True, False}
    assert not {phrase for phrase, _ in training} & {phrase for phrase, _ in held_out}


def test_minimal_pairs_are_split_by_their_text(corpus: Path):
    training, held_out = corpora.minimal_pairs(corpus), corpora.minimal_pairs(corpus, held_out=True)
    assert len(training) + len(held_out) == 6 * 38
    assert 0 < len(held_out) < 20
    assert all(" has " in good and " have " in bad for good, bad in [*training, *held_out])


def test_a_missing_source_says_how_to_get_it(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"blimp\.jsonl.*model\.train fetch --out"):
        corpora.minimal_pairs(tmp_path)


def test_about_one_in_fifty_texts_is_held_out():
    assert sum(corpora.is_held_out(f"sentence {i}") for i in range(10_000)) == pytest.approx(200, abs=50)


@pytest.mark.parametrize(("text", "expected"), [
    ('"Hi!" said Tom. He ran.', ['"Hi!"', "said Tom.", "He ran."]),
    ("One\nTwo. Three", ["One", "Two.", "Three"]),
    ("3.5 miles", ["3.5 miles"]),
    (" \n ", []),
])  # fmt: skip
def test_sentences_end_with_their_marks(text: str, expected: list[str]):
    assert corpora.sentences(text) == expected


@given(text=st.text(alphabet='ab .!?\n"', max_size=80), n=st.integers(1, 40))
def test_passages_hold_every_sentence_once_and_fit(text: str, n: int):
    passages = corpora.passages([text], n)
    assert [sentence for passage in passages for sentence in passage] == corpora.sentences(text)
    assert all(len(passage) == 1 or len(" ".join(passage)) <= n for passage in passages)
