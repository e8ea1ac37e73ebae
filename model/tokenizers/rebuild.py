"""Makes the xz files beside this one: eight from the hub's cache, two counted out of text to train on."""

from __future__ import annotations

import hashlib
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import tokenizers
from tokenizers import Regex, decoders, models, pre_tokenizers

from model.tokenizers import FIELD, HERE, UNKNOWN
from model.train.corpora import opened

TEXTS = ("tinystories.txt", "wikipedia.txt")
"""What words and characters are counted in: stories, and encyclopaedia articles."""
N_WORDS = 10_000
"""Entries of the word vocabulary, the unknown one included."""
LEAST_CHARACTERS = 100
"""How often a character must occur to be an entry."""
WORD = re.compile(r"\w+|[^\w\s]+")
"""What `tokenizers` splits a text into under the name Whitespace."""


def published(hub: Path) -> None:
    """Compresses the tokenizer.json of each vocabulary of the field, unchanged.

    Args:
        hub: a Hugging Face cache.

    Raises:
        FileNotFoundError: one of them is not in it.
    """
    for vocabulary in FIELD:
        folder = hub / f"models--{vocabulary.name.replace('/', '--')}"
        main = folder / "refs" / "main"
        path = folder / "snapshots" / (main.read_text().strip() if main.is_file() else "?") / "tokenizer.json"
        if not path.is_file():
            raise FileNotFoundError(
                f"{hub} holds no tokenizer.json of {vocabulary.name}; `hf download {vocabulary.name} tokenizer.json`"
                " brings it into the cache"
            )
        write(vocabulary.name.rpartition("/")[2], path.read_bytes())


def counted(corpora: Path) -> None:
    """Writes the vocabularies of words and of characters.

    Args:
        corpora: a folder with `TEXTS`, as they are or as .xz.

    Raises:
        FileNotFoundError: one of them is not there.
    """
    words, characters = Counter[str](), Counter[str]()
    for line in lines(corpora):
        words.update(WORD.findall(line))
        characters.update(line)
    for name, kept in {
        "word": frequent(words)[: N_WORDS - 1],
        "character": [one for one in frequent(characters) if characters[one] >= LEAST_CHARACTERS],
    }.items():
        write(name, whole_entries(name, kept).to_str().encode())


def lines(corpora: Path) -> Iterator[str]:
    """The lines of all texts, without the marks between stories."""
    for text in TEXTS:
        path = next((path for path in (corpora / f"{text}.xz", corpora / text) if path.is_file()), None)
        if path is None:
            raise FileNotFoundError(
                f"{corpora} holds no {text} or {text}.xz; `python -m model.train fetch --out {corpora}` downloads it"
            )
        with opened(path) as file:
            yield from (line.replace("<|endoftext|>", "") for line in file)


def frequent(counts: Counter[str]) -> list[str]:
    """The most frequent first; of equals, the first in the order of code points."""
    return sorted(counts, key=lambda one: (-counts[one], one))


def whole_entries(name: str, entries: Iterable[str]) -> tokenizers.Tokenizer:
    """A vocabulary whose every entry is a whole word, or a whole character; what is not in it is unknown."""
    ids = {entry: id for id, entry in enumerate([UNKNOWN, *entries])}
    tokenizer = tokenizers.Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    if name == "word":
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
        tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens([UNKNOWN])
    return tokenizer


def write(name: str, raw: bytes) -> None:
    """Compresses one tokenizer.json and prints what became of it."""
    packed = lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME)
    path = HERE / f"{name}.json.xz"
    path.write_bytes(packed)
    print(f"{path.name}: {len(raw):,} bytes in {len(packed):,}, SHA-1 {hashlib.sha1(raw).hexdigest()}")
