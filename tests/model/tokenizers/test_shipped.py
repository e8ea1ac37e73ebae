"""The vocabularies that ship: all there, named in the NOTICE, made again by the script."""

from __future__ import annotations

import hashlib
import lzma
from pathlib import Path

import pytest

from model import tokenizers
from model.study.ruler import Axis, Rule
from model.tokenizers import FIELD, HERE, PLAIN, Vocabulary, rebuild
from model.tokenizers.languages import ARTICLE_1

FILES = sorted(HERE.glob("*.xz"))


def test_eight_of_the_field_and_three_plain_ones_are_there() -> None:
    there = tokenizers.available()
    assert [one for one in there if one.checkpoint is None] == [*FIELD, *PLAIN]
    assert len(FIELD) == 8


def test_all_files_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in FILES) < 4_500_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_notice_names_each_file_and_what_it_holds(path: Path) -> None:
    notice = (HERE / "NOTICE").read_text()
    assert path.name in notice
    assert hashlib.sha1(lzma.decompress(path.read_bytes())).hexdigest() in notice


@pytest.mark.parametrize("vocabulary", FIELD, ids=lambda one: one.name)
def test_the_notice_says_where_each_is_from(vocabulary: Vocabulary) -> None:
    assert f"https://huggingface.co/{vocabulary.name}," in (HERE / "NOTICE").read_text()


def test_what_was_counted_is_made_again_from_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tinystories.txt").write_text("the dog and the cat<|endoftext|>" * 100, encoding="utf-8")
    (tmp_path / "wikipedia.txt").write_text("The dog, the DOG!\n", encoding="utf-8")
    monkeypatch.setattr(rebuild, "HERE", tmp_path)
    rebuild.counted(tmp_path)
    word, character = (
        Rule(tokenizers.load(lzma.decompress((tmp_path / f"{name}.json.xz").read_bytes()).decode()))
        for name in ("word", "character")
    )
    assert word.inner.id_to_token(1) == "the"
    axis = Axis("the ox!")
    assert [len(rule.cut(axis).unknown) for rule in (word, character)] == [1, 2]  # ox; x and !, too rare


def test_rebuilding_from_a_folder_without_the_sources_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no tokenizer.json of openai-community/gpt2"):
        rebuild.published(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"holds no tinystories.txt or tinystories.txt.xz"):
        rebuild.counted(tmp_path)


def test_every_byte_is_an_entry_with_its_value_as_id() -> None:
    text = "é😀\x00"
    assert list(Rule(tokenizers.load(tokenizers.every_byte().to_str())).cut(Axis(text)).ids) == list(text.encode())


def test_the_paragraph_is_there_once_in_each_language() -> None:
    assert len(ARTICLE_1) >= 10
    assert len({one.code for one in ARTICLE_1}) == len({one.text for one in ARTICLE_1}) == len(ARTICLE_1)
    assert ARTICLE_1[0].language == "English"
