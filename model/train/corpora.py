"""The sources besides stories: encyclopaedia articles, sentence pairs, rated phrases, minimal pairs.

A data folder holds `<name>` or `<name>.xz` for any of `FILES`, UTF-8. What is held out is chosen by a hash of the text
itself, so the split depends on nothing else: no order, no seed, no number of lines.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Origin:
    """Where a body of text is from."""

    file: str
    """Its name in a data folder, without `.xz`."""
    what: str
    licence: str
    hub: str
    """Its name on the hub."""


ORIGINS = {
    "wikipedia": Origin("wikipedia.txt", "English Wikipedia", "CC BY-SA 3.0", "wikimedia/wikipedia"),
    "tatoeba": Origin(
        "tatoeba-eng-fra.tsv",
        "Tatoeba, English and French",
        "CC BY 2.0 FR",
        "sentence-transformers/parallel-sentences-tatoeba",
    ),
    "sst2": Origin("sst2-train.tsv", "Stanford Sentiment Treebank", "research use, no formal licence", "nyu-mll/glue"),
    "sst2-dev": Origin(
        "sst2-dev.tsv", "Stanford Sentiment Treebank", "research use, no formal licence", "nyu-mll/glue"
    ),
    "blimp": Origin("blimp.jsonl", "BLiMP (Warstadt et al. 2020, arXiv:1912.00582)", "CC BY 4.0", "nyu-mll/blimp"),
}

ONE_IN = 50
"""Every so manieth article, sentence and minimal pair is held out."""

SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)]*\s+|\n+")
"""What stands between two sentences."""


def locate(folder: Path, name: str) -> Path:
    """The file of a source. Raises FileNotFoundError where there is none."""
    file = ORIGINS[name].file
    for path in (folder / f"{file}.xz", folder / file):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"{folder} holds no {file} or {file}.xz; `python -m model.train fetch --out {folder}` downloads it"
    )


def opened(path: Path) -> IO[str]:
    """A text file, compressed or not."""
    return lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")


def is_held_out(key: str) -> bool:
    """Whether a text belongs to the held-out ones, by the last digits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[-8:]) % ONE_IN == 0


def articles(folder: Path, held_out: bool = False) -> Iterator[str]:
    """Wikipedia's articles without their titles: a paragraph a line."""
    lines: list[str] = []
    with opened(locate(folder, "wikipedia")) as file:
        for line in file:
            if line.strip():
                lines.append(line)
            elif lines:
                if is_held_out(lines[0].strip()) == held_out and len(lines) > 1:
                    yield "".join(lines[1:]).strip()
                lines = []
    if lines and is_held_out(lines[0].strip()) == held_out and len(lines) > 1:
        yield "".join(lines[1:]).strip()


def pairs(folder: Path) -> list[tuple[str, str]]:
    """English and French to train on: no English sentence and no French one is among the held-out ones."""
    everything = _pairs(folder)
    references = {french for english, french in everything if is_held_out(english)}
    return [
        (english, french) for english, french in everything if not is_held_out(english) and french not in references
    ]


def references(folder: Path) -> dict[str, list[str]]:
    """The held-out English sentences, each with all French ones that Tatoeba has for it."""
    found: dict[str, list[str]] = {}
    for english, french in _pairs(folder):
        if is_held_out(english):
            found.setdefault(english, []).append(french)
    return found


def _pairs(folder: Path) -> list[tuple[str, str]]:
    with opened(locate(folder, "tatoeba")) as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        return [(row[0], row[1]) for row in rows if len(row) >= 2]


def phrases(folder: Path, held_out: bool = False) -> list[tuple[str, bool]]:
    """Phrases of film reviews, and whether they speak well of it. To train on: none that also stands in the other file.

    The two files split phrases, not reviews: parts of a held-out phrase may stand in the training file.
    """
    if held_out:
        return list(_phrases(locate(folder, "sst2-dev")))
    known = {phrase for phrase, _ in phrases(folder, held_out=True)}
    return [(phrase, good) for phrase, good in _phrases(locate(folder, "sst2")) if phrase not in known]


def _phrases(path: Path) -> Iterator[tuple[str, bool]]:
    with opened(path) as file:
        next(file)
        for line in file:
            phrase, label = line.rstrip("\n").rsplit("\t", 1)
            yield phrase.strip(), label == "1"


def minimal_pairs(folder: Path, held_out: bool = False) -> list[tuple[str, str]]:
    """BLiMP's acceptable sentences, each with its unacceptable twin."""
    with opened(locate(folder, "blimp")) as file:
        rows = (json.loads(line) for line in file)
        return [(row["good"], row["bad"]) for row in rows if is_held_out(row["good"]) == held_out]


def sentences(text: str) -> list[str]:
    """A text cut at ends of sentences and of lines."""
    found, at = [], 0
    for between in SENTENCE.finditer(text):
        found.append(text[at : between.end()].strip())
        at = between.end()
    return [sentence for sentence in [*found, text[at:].strip()] if sentence]


def passages(texts: Iterable[str], n_characters: int) -> list[tuple[str, ...]]:
    """Consecutive sentences of one text, as many as fit into so many characters; a longer sentence is alone."""
    found: list[tuple[str, ...]] = []
    for text in texts:
        passage: list[str] = []
        for sentence in sentences(text):
            if passage and sum(map(len, passage)) + len(passage) + len(sentence) > n_characters:
                found.append(tuple(passage))
                passage = []
            passage.append(sentence)
        if passage:
            found.append(tuple(passage))
    return found
