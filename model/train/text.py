"""The text to learn from: which sources there are, their documents, what is held out, and the vocabulary learned.

A data folder holds `<source>.txt` or `<source>.txt.xz` for any of `SOURCES`, UTF-8, with `<|endoftext|>` between
documents. A *document* is one story or one book.
"""

from __future__ import annotations

import hashlib
import heapq
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tokenizers

from model.train.vocabulary import END, byte_level_bpe


@dataclass(frozen=True)
class Source:
    """A body of text: its share of what is seen while sources are mixed, and where it is from."""

    share: float
    wrapped: bool
    """Lines are broken by hand inside paragraphs; they are joined."""
    origin: str
    licence: str
    hub: str | None = None
    """Its name on the hub, where it is there as such."""


MAIN = "tinystories"
"""The source that the model is for: stories of it are held out, and a run ends on it alone."""
SOURCES = {
    MAIN: Source(
        0.78, False, "TinyStories (Eldan and Li 2023, arXiv:2305.07759)", "CDLA-Sharing-1.0", "roneneldan/TinyStories"
    ),
    "picturebooks": Source(0.06, True, "African Storybook; Pratham Books' StoryWeaver", "CC BY"),
    "fairytales": Source(
        0.16, True, "FairytaleQA; Grimm, Andersen, Potter and Lang from Project Gutenberg", "Apache-2.0; public domain"
    ),
}


def find(folder: Path) -> dict[str, Path]:
    """The sources that a data folder holds. Raises FileNotFoundError when TinyStories is not among them."""
    files = {
        name: path for name in SOURCES for path in (folder / f"{name}.txt.xz", folder / f"{name}.txt") if path.is_file()
    }
    if MAIN not in files:
        raise FileNotFoundError(
            f"{folder} holds no {MAIN}.txt or {MAIN}.txt.xz; `python -m model.train fetch --out {folder}` downloads it"
        )
    return files


def documents(path: Path, wrapped: bool = False) -> Iterator[str]:
    """The documents of a file, stripped, one at a time; with `wrapped`, single line breaks become spaces."""

    def finish(lines: list[str]) -> str:
        text = "".join(lines).strip()
        if wrapped:
            text = re.sub(r"\n[ \t]+(?=\n)", "\n", text)
            text = re.sub(r"(?<!\n)[ \t]*\n(?!\n)[ \t]*", " ", text)
        return text

    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        lines: list[str] = []
        for line in file:
            *ended, rest = line.split(END)
            for part in ended:
                if document := finish([*lines, part]):
                    yield document
                lines = []
            lines.append(rest)
        if document := finish(lines):
            yield document


@dataclass(frozen=True)
class Split:
    """What is held out of a data folder, and what is left to train on."""

    files: dict[str, Path]
    held_out: tuple[str, ...]

    @classmethod
    def choose(cls, files: dict[str, Path], n_held_out: int) -> Split:
        """Holds out the `n_held_out` TinyStories with the smallest SHA-256, or a tenth of them where that is less.

        So the split depends on nothing but the stories themselves. A story that occurs twice counts once.
        """
        digests = {_digest(story) for story in documents(files[MAIN])}
        chosen = set(heapq.nsmallest(min(n_held_out, max(1, len(digests) // 10)), digests))
        stories = {_digest(story): story for story in documents(files[MAIN]) if _digest(story) in chosen}
        return cls(files, tuple(stories[digest] for digest in sorted(stories)))

    def training(self, name: str) -> Iterator[str]:
        """The documents of a source to train on: all but those whose text is held out."""
        held_out = set(self.held_out)
        return (text for text in documents(self.files[name], SOURCES[name].wrapped) if text not in held_out)


def _digest(story: str) -> bytes:
    return hashlib.sha256(story.encode()).digest()


def train_tokenizer(split: Split, d_vocab: int) -> tokenizers.Tokenizer:
    """Byte-level BPE for the stories.

    Learned from all of TinyStories' training text and the first 6,000 characters of every other document, so that long
    books in older English do not outvote the stories.
    """
    texts = (text if name == MAIN else text[:6_000] for name in split.files for text in split.training(name))
    return byte_level_bpe(texts, d_vocab)
