"""A SentencePiece model read as it is stored: its pieces, and how it normalizes a text (Kudo & Richardson 2018).

The file is a protocol buffer; the field numbers are those of sentencepiece_model.proto
(https://github.com/google/sentencepiece). No torch here, and no library of protocol buffers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
PIECES, TRAINED, NORMALIZED = 1, 2, 3
"""Of the model: its pieces, how it was trained, how it normalizes."""
PIECE, SCORE, KIND = 1, 2, 3
"""Of a piece."""
KIND_OF_MODEL, UNIGRAM, FALLS_BACK = 3, 1, 35
"""Of the training: the kind of model, and whether unknown characters become bytes."""
CHARACTERS, PREFIX, TRIMS, ESCAPES = 2, 3, 4, 5
"""Of the normalization: its table of characters, and whether it puts a space in front, trims spaces, and shows them."""
LONGEST = 70
"""Bits of a number, seven a byte."""
OF_TEXT, UNKNOWN, CONTROL = 1, 2, 3
"""Kinds of pieces: those that a text is cut into, that which stands for what is in no other, and those in no text."""
PLAIN = {OF_TEXT, UNKNOWN, CONTROL}


@dataclass(frozen=True)
class SentencePiece:
    """What a Unigram model is made of."""

    pieces: tuple[tuple[str, float], ...]
    """Each with its log probability, by id."""
    kinds: tuple[int, ...]
    """Of each, one of the kinds above, or another."""
    unknown: int
    """The id of what stands for unknown characters."""
    characters: bytes
    """The table by which characters are normalized, as SentencePiece compiles it; none without any."""


def load(path: Path) -> SentencePiece:
    """Reads a file.

    Raises:
        ValueError: it is no SentencePiece model, or one of another kind than Unigram with a space in front.
    """
    try:
        model = list(_fields(path.read_bytes()))
        pieces = [_message(value) for number, value in model if number == PIECES]
        trained, normalized = (_message(dict(model).get(number, b"")) for number in (TRAINED, NORMALIZED))
        named = tuple(
            (_bytes(piece[PIECE]).decode(), struct.unpack("<f", _bytes(piece.get(SCORE, bytes(4))))[0])
            for piece in pieces
        )
        characters = _bytes(normalized.get(CHARACTERS, b""))
        kinds = tuple(_number(piece.get(KIND, OF_TEXT)) for piece in pieces)
        unknown = kinds.index(UNKNOWN)
    except (IndexError, KeyError, ValueError, struct.error) as error:
        raise ValueError(f"{path.name} is no SentencePiece model ({error})") from error
    usual = all(normalized.get(number, 1) for number in (PREFIX, TRIMS, ESCAPES))
    if trained.get(KIND_OF_MODEL, UNIGRAM) != UNIGRAM or trained.get(FALLS_BACK, 0) or not usual:
        raise ValueError(f"{path.name} is no Unigram model with a space in front and no bytes")
    return SentencePiece(named, kinds, unknown, characters)


def _message(value: int | bytes) -> dict[int, int | bytes]:
    """The fields of a message, the last of each number."""
    return dict(_fields(_bytes(value)))


def _number(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError("bytes stand where a number should")
    return value


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a number stands where bytes should")
    return value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: their numbers, with a whole number or bytes each. IndexError where it ends too soon."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size = {FIXED64: 8, FIXED32: 4}.get(kind)
        if kind == BYTES:
            size, at = _varint(data, at)
        if size is None or at + size > len(data):
            raise IndexError(f"a field of kind {kind} at byte {at}")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < LONGEST:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise IndexError(f"a number without an end at byte {at}")
