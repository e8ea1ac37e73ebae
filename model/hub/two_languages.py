"""Marian's vocabulary: `source.spm` cuts a text into pieces, `vocab.json` numbers those of both languages.

A tokenizer.json has one list for both, so what the two files do between them is said by the steps before it: what no
piece holds is found there as a whole run of characters or is unknown, pieces of the other language are never cut, and
a language code counts at the beginning of a text alone (`MarianTokenizer` of `transformers`).
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from model.hub import sentence_piece
from model.tokenizer import SPACE

SOURCE, NUMBERS = "source.spm", "vocab.json"
NEVER = -1e9
"""The score of what is never cut out of other pieces: every path without it is likelier."""
OUTSIDE, UNKNOWN_CODE, FIRST_CODE, LAST_CODE, GOES_ON = 0xE000, 0xE001, 0xE002, 0xF8FE, 0xF8FF
"""Characters for private use, in whose place stand characters of no piece, of a language code that nobody numbered, the
first of each that somebody did, and its others. A text's own are of the first kind.
"""
CODE = re.compile(r">>(?:(?!<<).)*<<", re.DOTALL)
TO_ITS_END = r"(?!\A)\G(?<!<<)(?m:.)"
"""Each character of a language code behind its first; `\\G` is where the match before it ended."""


def read(folder: Path, settings: dict[str, Any]) -> tokenizers.Tokenizer:
    """Makes a tokenizer of the files in a folder; pieces that are not numbered are its last entries.

    Raises:
        ValueError: numbers are missing, or pieces are of a kind that cannot be said so.
    """
    if settings.get("separate_vocabs") or settings.get("sp_model_kwargs"):
        raise ValueError("it has a vocabulary for each language, or settings of SentencePiece; neither can be read")
    numbers: dict[str, int] = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
    entries = sorted(numbers, key=numbers.__getitem__)
    special = {name: _content(settings.get(f"{name}_token"), f"<{mark}>") for name, mark in SPECIAL.items()}
    if [numbers[entry] for entry in entries] != list(range(len(entries))) or not numbers.keys() >= {*special.values()}:
        raise ValueError(f"{NUMBERS} does not number its entries one by one, those that are no text among them")
    learned = sentence_piece.load(folder / SOURCE)
    pieces = _of_text(learned)
    alphabet = set("".join(pieces))
    if lonely := alphabet - pieces.keys() | {SPACE} - alphabet:
        raise ValueError(f"{SOURCE} has no piece of {', '.join(sorted(lonely))} alone, so what is unknown depends")
    unnumbered = [(piece, score) for piece, score in pieces.items() if piece not in numbers]
    if unnumbered and _rows(folder, len(entries)) != len(entries):
        raise ValueError(f"{NUMBERS} has {len(entries)} entries, its config.json another vocab_size")
    codes = [entry for entry in entries if CODE.fullmatch(entry)]
    if len(codes) > LAST_CODE - FIRST_CODE or any(OUTSIDE <= ord(one) <= GOES_ON for one in alphabet):
        raise ValueError(f"{NUMBERS} has {len(codes)} languages, or characters for private use are pieces")
    ours = [*((entry, pieces.get(entry, NEVER)) for entry in entries), *unnumbered]
    made = tokenizers.Tokenizer(models.Unigram(ours, unk_id=numbers[special["unk"]], byte_fallback=False))
    outside = f"[^{_ranges(alphabet)} {chr(UNKNOWN_CODE)}-{chr(GOES_ON)}]"
    others = {*codes, *special.values()}
    runs = [entry for entry in entries if not alphabet & set(entry) and " " not in entry and entry not in others]
    made.normalizer = normalizers.Sequence(
        [
            _replaced(f"[{chr(OUTSIDE)}-{chr(GOES_ON)}]", chr(OUTSIDE)),
            *_codes(codes),
            *([normalizers.Precompiled(learned.characters)] if learned.characters else []),
            _replaced(rf"\A +|[ {SPACE}]+\z", ""),
            _replaced(" {2,}", " "),
            _replaced(rf"(?:\A|(?<={chr(GOES_ON)})){SPACE}", 2 * SPACE),  # before these none is put by itself
            _replaced(_but(runs, outside), chr(OUTSIDE)),
        ]
    )
    unknown_code = chr(UNKNOWN_CODE)
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(tokenizers.Regex(f"{unknown_code}+"), "isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="always", split=False),
            pre_tokenizers.Split(tokenizers.Regex(f"{SPACE}(?={unknown_code})"), "removed"),
            pre_tokenizers.Split(tokenizers.Regex(f"{outside}+"), "isolated"),
        ]
    )
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    made.add_special_tokens(list(special.values()))
    made.add_special_tokens([tokenizers.AddedToken(code, normalized=True) for code in codes])
    end = special["eos"]
    made.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", pair=f"$A $B:1 {end}:1", special_tokens=[(end, numbers[end])]
    )
    return made


SPECIAL = {"unk": "unk", "eos": "/s", "pad": "pad"}
"""What its settings call the entries that are no text, and what they are if those do not say."""


def _content(said: Any, otherwise: str) -> str:
    content: str = (said["content"] if isinstance(said, dict) else said) or otherwise
    return content


def _rows(folder: Path, otherwise: int) -> Any:
    """The entries of its model: pieces behind the last are known to be unknown ones."""
    config = folder / "config.json"
    said = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    return said.get("vocab_size", otherwise)


def _of_text(learned: sentence_piece.SentencePiece) -> dict[str, float]:
    """The pieces that a text can be cut into. Raises ValueError where some are matched in another way."""
    if others := sorted(set(learned.kinds) - sentence_piece.PLAIN):
        raise ValueError(f"{SOURCE} has pieces of the kinds {', '.join(map(str, others))}; only plain ones can be read")
    named = zip(learned.pieces, learned.kinds, strict=True)
    return {piece: score for (piece, score), kind in named if kind == sentence_piece.OF_TEXT}


def _replaced(pattern: str, content: str) -> normalizers.Normalizer:
    return normalizers.Replace(tokenizers.Regex(pattern), content)


def _codes(codes: Iterable[str]) -> Iterator[normalizers.Normalizer]:
    """What tells language codes at the beginning of a text from all else: first those that are numbered, one by one."""
    for at, code in enumerate(codes):
        yield _replaced(rf"\A>(?={re.escape(code[1:])})", chr(FIRST_CODE + at))
    yield _replaced(rf"(?<=\A[{chr(FIRST_CODE)}-{chr(LAST_CODE)}])>|{TO_ITS_END}", chr(GOES_ON))
    yield _replaced(rf"\A>(?=>(?m:.*?)<<)|{TO_ITS_END}", chr(UNKNOWN_CODE))


def _ranges(characters: Collection[str]) -> str:
    """Characters as what stands between the brackets of a regular expression."""
    places = enumerate(sorted(map(ord, characters)))
    rows = (list(row) for _, row in itertools.groupby(places, lambda place: place[1] - place[0]))
    return "".join(f"\\x{{{row[0][1]:X}}}-\\x{{{row[-1][1]:X}}}" for row in rows)


def _but(runs: Iterable[str], outside: str) -> str:
    """Each character of those runs of characters of a class that are none of these."""
    if not (these := _any_of(runs)):
        return outside
    return rf"(?<!{outside})(?!{these}(?!{outside})){outside}|\G(?<={outside}){outside}"


def _any_of(words: Iterable[str]) -> str:
    """Some words as a regular expression, by their first characters, so that each is looked at once."""
    behind: dict[str, list[str]] = {}
    for word in words:
        behind.setdefault(word[:1], []).append(word[1:])
    ends = behind.pop("", None) is not None
    ways = "|".join(f"{re.escape(first)}{_any_of(rest)}" for first, rest in behind.items())
    return f"(?:{ways}){'?' * ends}" if ways else ""
