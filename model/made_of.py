"""Which part of a text each token was made of, where a vocabulary reads another text than the one typed: lower case,
composed accents, one character as several. No torch.

`tokenizers` tells the characters of each token, and counts a composed character as made of the first of its characters
only; tokens that it cut out of one character have all of it.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence

Spans = Sequence[tuple[int, int]]
"""The characters of each token, first and one past the last."""
MARKS = 64
"""Tokens of marks behind one character that are looked at: no text that means something has more."""


def groups(text: str, offsets: Spans, written: Sequence[bytes]) -> Iterator[tuple[int, int, int, int]]:
    """Tokens that share characters, and these characters, with what they have composed: the first and one past the last
    token, the first and one past the last character.

    Args:
        text: the text as it was typed.
        offsets: the characters of each token.
        written: what each token writes.
    """
    at = 0
    while at < len(offsets):
        first, last = offsets[at]
        after = at + 1
        while after < len(offsets) and offsets[after][0] < last:
            last = max(last, offsets[after][1])
            after += 1
        begin = _begin(text, offsets, after)
        if begin > last and not text[last:begin].isspace():
            # Of several marks the first need not be the one that was composed, and those behind it change places.
            beyond = after
            while beyond < min(len(offsets), after + MARKS) and _is_mark(text, offsets[beyond][0]):
                beyond += 1
            for to in (after, beyond):
                if _composed(text[first : _begin(text, offsets, to)], written[at:to]):
                    after, last = to, _begin(text, offsets, to)
                    break
        yield at, after, first, last
        at = after


def _begin(text: str, offsets: Spans, at: int) -> int:
    """The first character of a token; behind the last one, of nothing."""
    return offsets[at][0] if at < len(offsets) else len(text)


def _is_mark(text: str, at: int) -> bool:
    return at < len(text) and unicodedata.combining(text[at]) > 0


def _composed(characters: str, written: Sequence[bytes]) -> bool:
    """Whether tokens write some characters in their composed form."""
    return unicodedata.normalize("NFC", characters).strip().encode() == b"".join(written).strip()


def shares(data: bytes, written: Sequence[bytes]) -> list[tuple[int, int]]:
    """Which of some bytes of the text each of the tokens that were made of them stands for: as they write them where
    they write just these, else in proportion.

    Args:
        data: the bytes.
        written: what each token writes; the first may begin with a space that SentencePiece puts in front of a text.
    """
    pieces = list(written)
    if pieces[0][:1] == b" " and data[:1] != b" ":
        pieces[0] = pieces[0][1:]
    found: list[tuple[int, int]] = []
    at = 0
    for piece in pieces:
        start = data.find(piece, at) if piece or not found else -1
        if start < 0 or not any(pieces):
            break
        at = start + len(piece)
        found.append((start, at))
    if len(found) == len(pieces):
        return found  # a vocabulary without an entry for some byte (StarCoder2 has none for F1) leaves it out
    rest = max(1, len(data) - sum(map(len, pieces)))
    weights = [len(piece) or rest * (not original) for piece, original in zip(pieces, written, strict=True)]
    whole = sum(weights) or 1
    bounds = [round(len(data) * weight / whole) for weight in itertools.accumulate(weights, initial=0)]
    return list(itertools.pairwise(bounds))
