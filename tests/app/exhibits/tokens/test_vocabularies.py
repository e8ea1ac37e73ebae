"""Vocabularies are fetched aside, one after the other, and whatever goes wrong is told once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from app.exhibits.tokens.vocabularies import N_FROM_HUB, Vocabularies
from model import tokenizers
from model.tokenizers import from_hub
from model.tokenizers.languages import ARTICLE_1


@pytest.fixture
def vocabularies() -> Vocabularies:
    return Vocabularies()


def wait(vocabularies: Vocabularies, *names: str) -> dict[str, str]:
    """Asks until none of them is on its way; gives what failed."""
    failed: dict[str, str] = {}
    while (fetched := vocabularies.fetch(names)).loading:
        failed |= fetched.failed
        names = tuple(fetched.loading)
        time.sleep(0.01)
    return failed | fetched.failed


def test_nothing_is_unpacked_before_it_is_asked_for(vocabularies: Vocabularies) -> None:
    assert {"openai-community/gpt2", "byte", "word"} <= vocabularies.known.keys()
    assert not [name for name in vocabularies.known if vocabularies.card(name)]


def test_what_is_asked_for_is_there_after_a_while(vocabularies: Vocabularies) -> None:
    assert vocabularies.fetch(["byte", "word"]).loading == ["byte", "word"]
    assert wait(vocabularies, "byte", "word") == {}
    card = vocabularies.card("byte")
    assert card is not None
    assert card.told["costs"] == [len(one.text.encode()) for one in ARTICLE_1]
    assert set(card.told["lost"]) == {0}
    assert vocabularies.fetch(["byte"]).loading == []


def test_a_call_never_waits_for_the_fetching(vocabularies: Vocabularies, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    read = tokenizers.read
    monkeypatch.setattr(tokenizers, "read", lambda vocabulary: (go.wait(10), read(vocabulary))[1])
    assert vocabularies.fetch(["byte"]).loading == ["byte"]
    assert vocabularies.fetch(["byte", "character"]).loading == ["byte", "character"]
    assert vocabularies.card("byte") is None
    go.set()
    assert wait(vocabularies, "byte", "character") == {}


def test_a_name_that_cannot_be_had_is_told_once_and_may_be_asked_for_again(
    vocabularies: Vocabularies, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = "owner/vocabulary"
    assert wait(vocabularies, name, "byte") == {
        name: "owner/vocabulary is not in the cache, and the hub is out of reach; load it once online."
    }
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizers.every_byte().to_str(), encoding="utf-8")
    monkeypatch.setattr(from_hub, "fetch", lambda name, folder, limit: path)
    assert wait(vocabularies, name) == {}
    assert vocabularies.card(name) is not None


def test_a_file_that_is_no_tokenizer_is_a_sentence(
    vocabularies: Vocabularies, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"model": "none"}', encoding="utf-8")
    monkeypatch.setattr(from_hub, "fetch", lambda name, folder, limit: path)
    assert wait(vocabularies, "a/b") == {
        "a/b": "The tokenizer.json of a/b could not be read by this version of tokenizers."
    }


def test_only_so_many_from_the_hub_are_held(
    vocabularies: Vocabularies, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizers.every_byte().to_str(), encoding="utf-8")
    monkeypatch.setattr(from_hub, "fetch", lambda name, folder, limit: path)
    names = [f"owner/{index}" for index in range(N_FROM_HUB + 2)]
    wait(vocabularies, "byte")
    for name in names:
        wait(vocabularies, name)
    assert [name for name in names if vocabularies.card(name)] == names[2:]
    assert vocabularies.card("byte") is not None
