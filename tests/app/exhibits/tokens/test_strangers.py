"""A stranger's vocabulary is asked like any other, and takes neither the server's memory nor its time."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.exhibits.tokens.rows import Ruled
from app.exhibits.tokens.strangers import Stranger, StrangerError
from app.exhibits.tokens.vocabularies import Vocabularies
from app.running.limits import Limits
from app.wire.fields import RequestError
from model import tokenizers
from model.study import replay
from model.study.ruler import Axis, Rule
from model.tokenizers import from_hub

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the limits are those of POSIX")
LIMITS = Limits(vocabulary_open_s=10.0, vocabulary_cut_s=5.0, vocabulary_memory_bytes=1_000_000_000)
DOUBLED = {"type": "Replace", "pattern": {"Regex": "."}, "content": "xx"}
"""A normalizer that makes a text twice as long; thirty in a chain make a gigabyte of a letter."""


def written(tmp_path: Path, **changes: Any) -> Path:
    """A tokenizer.json of bytes with something else in it."""
    path = tmp_path / "tokenizer.json"
    whole = json.loads(tokenizers.every_byte().to_str())
    path.write_text(json.dumps({**whole, **changes}), encoding="utf-8")
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Stranger]:
    stranger = Stranger("a/b", written(tmp_path), LIMITS)
    yield stranger
    stranger.close()


def test_a_stranger_answers_as_the_same_vocabulary_does_here(opened: Stranger) -> None:
    inner = tokenizers.every_byte().to_str()
    here = Ruled(Rule(tokenizers.load(inner)), lambda: replay.method(inner))
    axis = Axis("naïve dogs 👍")
    there, beside = opened.row(axis, 3), here.row(axis, 3)
    assert (opened.kind, opened.told, there.fields) == (here.kind, here.told, beside.fields)
    for one, other in zip((there.ids, there.starts, there.ends), (beside.ids, beside.starts, beside.ends), strict=True):
        np.testing.assert_array_equal(one, other)
    assert opened.word(axis, 2) == here.word(axis, 2)
    with pytest.raises(RequestError, match="at is 99"):
        opened.word(axis, 99)


def test_a_chain_that_makes_gigabytes_of_a_text_is_ended_and_said_so(tmp_path: Path) -> None:
    path = written(tmp_path, normalizer={"type": "Sequence", "normalizers": [DOUBLED] * 30})
    begun = time.monotonic()
    with pytest.raises(StrangerError, match=r"^The tokenizer.json of a/b took more than .* limit here\.$"):
        Stranger("a/b", path, Limits(vocabulary_open_s=2.0, vocabulary_memory_bytes=1_000_000_000))
    assert time.monotonic() - begun < 60


def test_one_that_takes_too_long_for_a_text_is_ended(tmp_path: Path) -> None:
    stranger = Stranger("a/b", written(tmp_path), Limits(vocabulary_cut_s=0.001))
    with pytest.raises(StrangerError, match=r"a/b took more than 0\.001 s of the processor"):
        stranger.row(Axis("the dog ran " * 5_000), 0)


def test_what_is_no_tokenizer_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"model": "none"}', encoding="utf-8")
    with pytest.raises(StrangerError, match="could not be read by this version of tokenizers"):
        Stranger("a/b", path, LIMITS)


def test_its_process_has_no_token_and_ends_with_it(opened: Stranger) -> None:
    environment = Path(f"/proc/{opened._process.pid}/environ")
    if environment.exists():
        assert b"HF_TOKEN" not in environment.read_bytes()
    opened.close()
    assert opened._process.poll() is not None


def test_one_that_failed_is_not_opened_at_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vocabularies, asked = Vocabularies(LIMITS), list[str]()
    path = tmp_path / "tokenizer.json"
    path.write_text("{}", encoding="utf-8")

    def fetch(name: str, folder: Path, limit: int) -> Path:
        asked.append(name)
        return path

    monkeypatch.setattr(from_hub, "fetch", fetch)
    failed: dict[str, str] = {}
    for _ in range(5):
        failed = {}
        while not failed:
            failed = vocabularies.fetch(["a/b"]).failed
            time.sleep(0.01)
    assert failed == {"a/b": "The tokenizer.json of a/b could not be read by this version of tokenizers."}
    assert asked == ["a/b"]


def test_a_server_for_strangers_fetches_listed_vocabularies_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_hub, "fetch", lambda *_: pytest.fail("it was fetched"))
    failed = Vocabularies(Limits(hosted=True)).fetch(["a/b"]).failed
    assert failed["a/b"].startswith("This server lays only listed vocabularies beside the others (meta-llama/")


def test_only_so_many_can_be_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabularies = Vocabularies(LIMITS)
    monkeypatch.setattr(vocabularies._hub, "_fetch", lambda name: time.sleep(0.05))
    fetched = vocabularies.fetch([f"a/{index}" for index in range(100)])
    assert len(fetched.loading) == 16
    assert fetched.failed["a/99"] == "Others are being fetched; ask for a/99 again in a moment."
