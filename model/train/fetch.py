"""Public text to train on, from the Hugging Face hub: the same corpora or close relatives, in this project's format.

Tables come as Parquet, which `pyarrow` reads (`pip install 'cutaway[train]'`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import hf_hub_download, snapshot_download

from model.train.corpora import ORIGINS
from model.train.text import MAIN, SOURCES

Row = dict[str, str | int]


@dataclass(frozen=True)
class Public:
    """Where one source is to be had."""

    file: str
    """Its name in a data folder."""
    repo: str
    pattern: str
    """Which files of the repository hold it."""
    licence: str
    lines: Callable[[Row], str | None]
    """A row of the table as a line; None leaves it out."""
    header: str = ""


def article(row: Row) -> str:
    """A title, its paragraphs a line each, and an empty line."""
    paragraphs = [line.strip() for line in str(row["text"]).splitlines() if line.strip()]
    return "\n".join([str(row["title"]), *paragraphs]) + "\n"


def pair(row: Row) -> str | None:
    """English, tab, French; long sentences are left out, as in the corpus that the bundled model learned from."""
    english, french = (" ".join(str(row[name]).split()) for name in ("english", "non_english"))
    short = len(english.split()) <= 12 and len(french.split()) <= 14
    return f"{english}\t{french}" if short else None


def phrase(row: Row) -> str:
    """Phrase, tab, 0 or 1."""
    return f"{row['sentence']}\t{row['label']}"


def minimal_pair(row: Row) -> str:
    """A line of JSON."""
    return json.dumps({"good": row["sentence_good"], "bad": row["sentence_bad"], "uid": row["UID"]})


STORIES = ("roneneldan/TinyStories", "TinyStoriesV2-GPT4-train.txt")
"""2.2 GB: 2.7 million stories, all written by GPT-4, `<|endoftext|>` between them."""

TABLES = (
    Public(
        ORIGINS["wikipedia"].file,
        ORIGINS["wikipedia"].hub,
        "20231101.simple/*.parquet",
        "CC BY-SA 3.0, GFDL; the Wikipedia in simple English",
        article,
    ),
    Public(
        ORIGINS["tatoeba"].file,
        ORIGINS["tatoeba"].hub,
        "en-fr/train-*.parquet",
        "CC BY 2.0 FR, as Tatoeba itself",
        pair,
    ),
    Public(
        ORIGINS["sst2"].file,
        ORIGINS["sst2"].hub,
        "sst2/train-*.parquet",
        "research use, no formal licence",
        phrase,
        "sentence\tlabel",
    ),
    Public(
        ORIGINS["sst2-dev"].file,
        ORIGINS["sst2-dev"].hub,
        "sst2/validation-*.parquet",
        "research use, no formal licence",
        phrase,
        "sentence\tlabel",
    ),
    Public(ORIGINS["blimp"].file, ORIGINS["blimp"].hub, "*/train-*.parquet", "CC BY 4.0", minimal_pair),
)

ELSEWHERE = """\
Not on the hub in one piece, and not needed: picturebooks.txt (African Storybook and Pratham Books' StoryWeaver, CC BY)
and fairytales.txt (FairytaleQA, Apache-2.0; Grimm, Andersen, Potter and Lang from Project Gutenberg, public domain).
Plain text with <|endoftext|> between books, put into the same folder under these names, is mixed in."""


def fetch(out: Path) -> None:
    """Puts every source that the hub offers into a data folder, each said with its address and licence.

    A file that the folder holds already is left as it is.
    """
    stories(out)
    for table in TABLES:
        fetch_table(table, out)
    print(ELSEWHERE)


def stories(out: Path) -> Path:
    """Puts TinyStories into a data folder as `tinystories.txt`, downloaded unless the hub's cache holds it already."""
    path = out / f"{MAIN}.txt"
    if path.exists():
        return path
    repo, file = STORIES
    print(f"{file} from https://huggingface.co/datasets/{repo}, licence {SOURCES[MAIN].licence}")
    cached = Path(hf_hub_download(repo, file, repo_type="dataset")).resolve()
    out.mkdir(parents=True, exist_ok=True)
    try:
        os.link(cached, path)
    except OSError:  # the cache is on another disk
        shutil.copyfile(cached, path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return path


def fetch_table(table: Public, out: Path) -> Path:
    """Puts one source into a data folder.

    Raises FileNotFoundError where the repository holds no such file, or the hub's cache without a network.
    """
    path = out / table.file
    if path.exists():
        return path
    print(f"{table.pattern} from https://huggingface.co/datasets/{table.repo}, licence {table.licence}")
    folder = Path(snapshot_download(table.repo, repo_type="dataset", allow_patterns=table.pattern))
    parts = sorted(folder.glob(table.pattern))
    if not parts:
        raise FileNotFoundError(f"https://huggingface.co/datasets/{table.repo} holds no {table.pattern}")
    out.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in _lines(table, parts))
    os.replace(beside, path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return path


def _lines(table: Public, parts: Iterable[Path]) -> Iterator[str]:
    import pyarrow.parquet  # heavy, and of use here alone

    if table.header:
        yield table.header
    for part in parts:
        for batch in pyarrow.parquet.ParquetFile(part).iter_batches():
            yield from (line for row in batch.to_pylist() if (line := table.lines(row)) is not None)
