"""Sources, documents, the held-out split and the vocabulary."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from model.train.text import MAIN, SOURCES, Split, documents, find, train_tokenizer
from model.train.vocabulary import END, END_ID


@pytest.fixture(scope="module")
def split(data: Path) -> Split:
    return Split.choose(find(data), 9)


@pytest.fixture(scope="module")
def tokenizer(split: Split) -> tokenizers.Tokenizer:
    return train_tokenizer(split, 300)


def test_shares_of_the_mixture_sum_to_one():
    assert sum(source.share for source in SOURCES.values()) == pytest.approx(1)


def test_only_the_sources_that_are_there_are_found(data: Path):
    assert {name: path.name for name, path in find(data).items()} == {
        MAIN: "tinystories.txt",
        "picturebooks": "picturebooks.txt.xz",
    }


def test_a_folder_without_stories_says_how_to_get_them(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"model\.train fetch --out"):
        find(tmp_path)


@pytest.mark.parametrize("opened", [open, lzma.open])
def test_documents_are_what_stands_between_the_marks(tmp_path: Path, opened):
    path = tmp_path / ("a.txt.xz" if opened is lzma.open else "a.txt")
    with opened(path, "wt", encoding="utf-8") as file:
        file.write(f"{END}one\ntwo {END}\n\n{END} three{END}four\n\nfive\n")
    assert list(documents(path)) == ["one\ntwo", "three", "four\n\nfive"]


def test_hand_broken_lines_are_joined_within_paragraphs_only(tmp_path: Path):
    (tmp_path / "a.txt").write_text("A goat \n ate grass.\n\nIt ran\naway.\n \nThe\nend.", encoding="utf-8")
    assert list(documents(tmp_path / "a.txt", wrapped=True)) == ["A goat ate grass.\n\nIt ran away.\n\nThe end."]


def test_held_out_stories_are_never_trained_on(split: Split, stories: list[str]):
    training = list(split.training(MAIN))
    assert len(split.held_out) == 9
    assert sorted([*training, *split.held_out]) == sorted(stories)


def test_a_second_copy_of_a_held_out_story_is_not_trained_on(tmp_path: Path, split: Split, stories: list[str]):
    (tmp_path / "tinystories.txt").write_text(END.join([*stories, *split.held_out, stories[0]]), encoding="utf-8")
    (tmp_path / "fairytales.txt").write_text(split.held_out[0].replace("\n", " "), encoding="utf-8")
    again = Split.choose(find(tmp_path), 9)
    assert again.held_out == split.held_out
    assert not set(again.held_out) & set(again.training(MAIN))


def test_the_split_does_not_depend_on_the_order_of_the_stories(tmp_path: Path, split: Split, stories: list[str]):
    (tmp_path / "tinystories.txt").write_text(END.join(reversed(stories)), encoding="utf-8")
    assert Split.choose(find(tmp_path), 9).held_out == split.held_out


def test_at_most_a_tenth_is_held_out(data: Path, stories: list[str]):
    assert len(Split.choose(find(data), 500).held_out) == len(stories) // 10


@given(text=st.text())
def test_every_text_survives_the_vocabulary(tokenizer: tokenizers.Tokenizer, text: str):
    tokenizer.encode_special_tokens = True
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert tokenizer.decode(ids) == text
    assert END_ID not in ids


def test_every_byte_has_an_entry(tokenizer: tokenizers.Tokenizer):
    assert len(tokenizers.pre_tokenizers.ByteLevel.alphabet()) == 256
    assert all(tokenizer.token_to_id(byte) is not None for byte in tokenizers.pre_tokenizers.ByteLevel.alphabet())


def test_the_vocabulary_is_as_large_as_asked_and_begins_with_the_mark(tokenizer: tokenizers.Tokenizer):
    assert tokenizer.get_vocab_size() == 300
    assert tokenizer.id_to_token(END_ID) == END


def test_the_vocabulary_is_learned_the_same_twice(split: Split, tokenizer: tokenizers.Tokenizer):
    assert train_tokenizer(split, 300).to_str() == tokenizer.to_str()
