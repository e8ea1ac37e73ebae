"""Vocabularies by name: from the cache, or a sentence that says why not."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from huggingface_hub.errors import GatedRepoError, RemoteEntryNotFoundError, RepositoryNotFoundError

from model.tokenizers import from_hub

NAME = "owner/vocabulary"


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_hub, "try_to_load_from_cache", lambda name, file, folder=None: None)


def answer(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None, size: int = 1) -> None:
    """The hub raises an error, or says how large the file is."""

    def metadata(url: str) -> SimpleNamespace:
        if error is not None:
            raise error
        return SimpleNamespace(size=size)

    monkeypatch.setattr(from_hub, "get_hf_file_metadata", metadata)


@pytest.mark.parametrize("name", ["", "gpt2", "../../etc/passwd", "a/b/c", "owner/na me", "-x/y", f"owner/{'x' * 97}"])
def test_what_is_no_name_on_the_hub_is_refused_before_anything_is_asked(name: str) -> None:
    with pytest.raises(ValueError, match="no name on the hub; type owner/model"):
        from_hub.fetch(name)


def test_offline_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, ConnectionError("no route"))
    with pytest.raises(FileNotFoundError, match=f"{NAME} is not in the cache, and the hub is out of reach"):
        from_hub.fetch(NAME)


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (GatedRepoError("", response=Mock()), PermissionError, "asks for its owner's consent"),
        (RepositoryNotFoundError("", response=Mock()), FileNotFoundError, "is no model on the hub"),
        (RemoteEntryNotFoundError("", response=Mock()), FileNotFoundError, "has no tokenizer.json on the hub"),
    ],
)
def test_each_refusal_of_the_hub_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Exception], sentence: str
) -> None:
    answer(monkeypatch, error)
    with pytest.raises(kind, match=f"{NAME} {sentence}"):
        from_hub.fetch(NAME)


def test_a_file_past_the_limit_is_not_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, size=50_000_000)
    monkeypatch.setattr(from_hub, "hf_hub_download", lambda *_, **__: pytest.fail("it was downloaded"))
    with pytest.raises(ValueError, match=r"has a tokenizer.json of 50.0 MB; 40.0 MB is the limit"):
        from_hub.fetch(NAME)


def test_what_is_in_the_cache_is_taken_from_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    monkeypatch.setattr(from_hub, "try_to_load_from_cache", lambda name, file, folder=None: str(path))
    monkeypatch.setattr(from_hub, "get_hf_file_metadata", lambda url: pytest.fail("the hub was asked"))
    assert from_hub.fetch(NAME) == path
    os.truncate(path, from_hub.LIMIT + 1)
    with pytest.raises(ValueError, match="is the limit"):
        from_hub.fetch(NAME)


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    files = []
    for age, name in enumerate(("old", "middle", "new")):
        blobs = tmp_path / f"models--owner--{name}" / "blobs"
        blobs.mkdir(parents=True)
        files.append(blobs / "x")
        files[-1].write_bytes(bytes(100))
        os.utime(files[-1], (age, age))
    from_hub.evict(tmp_path, 250, files[1])
    assert [file.exists() for file in files] == [False, True, True]
    from_hub.evict(tmp_path, 10, files[1])
    assert [file.exists() for file in files] == [False, True, False]  # never the one that was just fetched
