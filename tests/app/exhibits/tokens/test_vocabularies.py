"""The shelf: vocabularies are fetched aside, one after the other, and whatever goes wrong is told once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from app.exhibits.tokens.vocabularies import N_FROM_HUB, Shelf
from model import tokenizers
from model.tokenizers import from_hub
from model.tokenizers.languages import ARTICLE_1


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def wait(shelf: Shelf, *names: str) -> dict[str, str]:
    """Asks until none of them is on its way; gives what failed."""
    failed: dict[str, str] = {}
    while (fetched := shelf.fetch(names)).loading:
        failed |= fetched.failed
        names = tuple(fetched.loading)
        time.sleep(0.01)
    return failed | fetched.failed


def test_nothing_is_unpacked_before_it_is_asked_for(shelf: Shelf) -> None:
    assert {"openai-community/gpt2", "byte", "word"} <= shelf.known.keys()
    assert not [name for name in shelf.known if shelf.card(name)]


def test_what_is_asked_for_is_there_after_a_while(shelf: Shelf) -> None:
    assert shelf.fetch(["byte", "word"]).loading == ["byte", "word"]
    assert wait(shelf, "byte", "word") == {}
    card = shelf.card("byte")
    assert card is not None
    assert card.costs == tuple(len(one.text.encode()) for one in ARTICLE_1)
    assert set(card.lost) == {0}
    assert shelf.fetch(["byte"]).loading == []


def test_a_call_never_waits_for_the_fetching(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    read = tokenizers.read
    monkeypatch.setattr(tokenizers, "read", lambda vocabulary: (go.wait(10), read(vocabulary))[1])
    assert shelf.fetch(["byte"]).loading == ["byte"]
    assert shelf.fetch(["byte", "character"]).loading == ["byte", "character"]
    assert shelf.card("byte") is None
    go.set()
    assert wait(shelf, "byte", "character") == {}


def test_a_name_that_cannot_be_had_is_told_once_and_may_be_asked_for_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = "owner/vocabulary"
    assert wait(shelf, name, "byte") == {
        name: "owner/vocabulary is not in the cache, and the hub is out of reach; load it once online."
    }
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizers.every_byte().to_str(), encoding="utf-8")
    monkeypatch.setattr(from_hub, "fetch", lambda name: path)
    assert wait(shelf, name) == {}
    assert shelf.card(name) is not None


def test_a_file_that_is_no_tokenizer_is_a_sentence(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"model": "none"}', encoding="utf-8")
    monkeypatch.setattr(from_hub, "fetch", lambda name: path)
    assert wait(shelf, "a/b") == {"a/b": "The tokenizer.json of a/b could not be read by this version of tokenizers."}


def test_only_so_many_from_the_hub_are_held(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizers.every_byte().to_str(), encoding="utf-8")
    monkeypatch.setattr(from_hub, "fetch", lambda name: path)
    names = [f"owner/{index}" for index in range(N_FROM_HUB + 2)]
    wait(shelf, "byte")
    for name in names:
        wait(shelf, name)
    assert [name for name in names if shelf.card(name)] == names[2:]
    assert shelf.card("byte") is not None
