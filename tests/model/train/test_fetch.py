"""Fetching public text, out of a hub cache made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pyarrow
import pyarrow.parquet
import pytest

from model.train import corpora
from model.train.__main__ import main
from model.train.fetch import STORIES, TABLES
from model.train.text import MAIN, documents, find
from model.train.vocabulary import END

TABLE_OF: dict[str, dict[str, list[dict[str, Any]]]] = {
    "wikimedia/wikipedia": {
        "20231101.simple/train-00000-of-00001.parquet": [
            {"title": "Fox", "text": "A fox is an animal.\n\nIt is red. "},
            {"title": "Owl", "text": "An owl is a bird."},
        ]
    },
    "sentence-transformers/parallel-sentences-tatoeba": {
        "en-fr/train-00000-of-00001.parquet": [
            {"english": "I see.", "non_english": "Je\tvois."},
            {"english": "too long " * 9, "non_english": "trop long"},
        ]
    },
    "nyu-mll/glue": {
        "sst2/train-00000-of-00001.parquet": [{"sentence": "a joy ", "label": 1}, {"sentence": "a bore ", "label": 0}],
        "sst2/validation-00000-of-00001.parquet": [{"sentence": "a bore ", "label": 0}],
    },
    "nyu-mll/blimp": {
        f"{uid}/train-00000-of-00001.parquet": [
            {"sentence_good": f"{uid} is.", "sentence_bad": f"{uid} are.", "UID": uid}
        ]
        for uid in ("a", "b")
    },
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache, and no network."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


def snapshot(cache: Path, repo: str) -> Path:
    """The folder of a dataset's only revision in the cache."""
    folder, revision = cache / f"datasets--{repo.replace('/', '--')}", "f" * 40
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(revision)
    (folder / "snapshots" / revision).mkdir(parents=True)
    return folder / "snapshots" / revision


@pytest.fixture
def filled(cache: Path) -> None:
    """A cache with a little of every source."""
    repo, file = STORIES
    (snapshot(cache, repo) / file).write_text(f"One day.\n{END}\nThe end.\n{END}\n", encoding="utf-8")
    for name, tables in TABLE_OF.items():
        folder = snapshot(cache, name)
        for path, rows in tables.items():
            (folder / path).parent.mkdir(exist_ok=True)
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / path)


@pytest.mark.usefixtures("filled")
def test_what_is_fetched_can_be_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "data"
    main(["fetch", "--out", str(out)])
    assert list(documents(find(out)[MAIN])) == ["One day.", "The end."]
    articles = [*corpora.articles(out), *corpora.articles(out, held_out=True)]
    assert sorted(articles) == ["A fox is an animal.\nIt is red.", "An owl is a bird."]
    held_out = [(english, french) for english, several in corpora.references(out).items() for french in several]
    assert [*corpora.pairs(out), *held_out] == [("I see.", "Je vois.")]
    assert corpora.phrases(out) == [("a joy", True)]
    assert corpora.phrases(out, held_out=True) == [("a bore", False)]
    pairs = [*corpora.minimal_pairs(out), *corpora.minimal_pairs(out, held_out=True)]
    assert sorted(pairs) == [("a is.", "a are."), ("b is.", "b are.")]
    said = capsys.readouterr().out
    for table in TABLES:
        assert f"https://huggingface.co/datasets/{table.repo}, licence {table.licence}" in said
    assert f"https://huggingface.co/datasets/{STORIES[0]}, licence CDLA-Sharing-1.0" in said
    assert "picturebooks.txt" in said


@pytest.mark.usefixtures("filled")
def test_a_file_that_is_there_is_left_alone(tmp_path: Path):
    (tmp_path / "data").mkdir()
    mine = tmp_path / "data" / TABLES[0].file
    mine.write_text("Mine\nI wrote this.\n")
    main(["fetch", "--out", str(tmp_path / "data")])
    assert mine.read_text() == "Mine\nI wrote this.\n"


@pytest.mark.usefixtures("cache")
def test_without_the_hub_nothing_is_left_in_the_data_folder_and_a_sentence_says_so(tmp_path: Path):
    with pytest.raises(SystemExit, match="The text could not be fetched: .*\n.*the same command goes on"):
        main(["fetch", "--out", str(tmp_path / "data")])
    assert not (tmp_path / "data").exists()
