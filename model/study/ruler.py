"""The ruler: one text as many vocabularies cut it, on one axis, so that every boundary can be held against every other.

The axis counts the bytes of the text in UTF-8, because a token may begin or end inside a character. A vocabulary may
read another text than the one typed (lower case, composed accents, other spaces): then a token stands where the
characters stand that it was made of, and what no token was made of is in a gap between two. No torch.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import tokenizers

from model.made_of import Spans, groups, shares
from model.tokenizer import BYTE_OF, FALLBACK_BYTE, Tokenizer, unknown_id

SPACE = "▁"
"""How SentencePiece spells the space in front of a word."""


class Axis:
    """A text with the place of each character among its bytes.

    Raises:
        UnicodeEncodeError: the text holds half a surrogate pair, which is no character.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode()
        self.places = list(itertools.accumulate((len(one.encode()) for one in text), initial=0))
        """Where each character begins, and at the end how many bytes there are."""


@dataclass(frozen=True)
class Cut:
    """One text in one vocabulary's tokens, in the order of the text; every list has one element a token."""

    ids: Sequence[int]
    starts: Sequence[int]
    """The first byte of the text that a token stands for."""
    ends: Sequence[int]
    """The first byte after it."""
    written: Sequence[bytes]
    """What each token writes; of an unknown one, nothing."""
    unknown: Sequence[int]
    """Which tokens stand for something that the vocabulary has no entry for."""
    returns: bool
    """Whether the text comes back out of the ids exactly as it went in."""


class Rule:
    """One vocabulary laid along a text.

    Args:
        tokenizer: the vocabulary with its rules.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.inner = tokenizer.inner
        self.unknown_id = unknown_id(self.inner)
        self.is_byte_level = tokenizer.is_byte_level or "ByteLevel(" in repr(self.inner.pre_tokenizer)
        added = self.inner.get_added_tokens_decoder()
        self._written = {id: token.content.encode() for id, token in added.items()}
        if self.unknown_id is not None:
            self._written[self.unknown_id] = b""
        self.added = frozenset(added)
        self.specials = [token.content for _, token in sorted(added.items()) if token.special]
        self.around = self.inner.num_special_tokens_to_add(is_pair=False)
        self.kind = kind(self.inner, self.is_byte_level)
        self._prefix = getattr(self.inner.model, "continuing_subword_prefix", None) or ""

    def written(self, id: int) -> bytes:
        """What one entry writes into a text."""
        if id not in self._written:
            self._written[id] = self.spelling(self.inner.id_to_token(id) or "")
        return self._written[id]

    def spelling(self, piece: str) -> bytes:
        """What an entry, or a part of one, writes, from the way the vocabulary spells it."""
        if self.is_byte_level and all(character in BYTE_OF for character in piece):
            return bytes(BYTE_OF[character] for character in piece)
        if fallback := FALLBACK_BYTE.fullmatch(piece):
            return bytes.fromhex(fallback[1])
        return piece.removeprefix(self._prefix).replace(SPACE, " ").encode()

    def normalized(self, text: str) -> str:
        """The text that is cut in place of the one typed."""
        return self.inner.normalizer.normalize_str(text) if self.inner.normalizer else text

    def cut(self, axis: Axis) -> Cut:
        """The text in this vocabulary's tokens, without the special ones that would stand around it."""
        encoding = self.inner.encode(axis.text, add_special_tokens=False)
        ids = self.tokenizer.numbered(encoding.ids)
        written = [self.written(id) for id in ids]
        spelled = b"".join(written)
        invented = spelled[:1] == b" " and spelled[1:] == axis.data  # the space that SentencePiece puts in front
        if invented or spelled == axis.data:
            bounds = list(itertools.accumulate(map(len, written), initial=0))
            bounds = [max(0, bound - invented) for bound in bounds]
            starts, ends = bounds[:-1], bounds[1:]
        else:
            starts, ends = by_characters(axis, encoding.offsets, written)
        unknown = [index for index, id in enumerate(ids) if id == self.unknown_id]
        returns = not unknown and self.inner.decode(ids, skip_special_tokens=False) == axis.text
        return Cut(ids, starts, ends, written, unknown, returns)

    def lost(self, axis: Axis, cut: Cut) -> int:
        """How many characters stand in an unknown token or in none at all, but for those that are read as a space."""
        held = bytearray(b" " * len(axis.data))
        for start, end in zip(cut.starts, cut.ends, strict=True):
            held[start:end] = b"+" * (end - start)
        for index in cut.unknown:
            start, end = cut.starts[index], cut.ends[index]
            held[start:end] = b"?" * (end - start)
        if b" " not in held and b"?" not in held:
            return 0
        marks = (bytes(held[start:end]) for start, end in itertools.pairwise(axis.places))
        reads_as_space = functools.cache(self.reads_as_space)
        return sum(
            b"?" in mark or (b" " in mark and not reads_as_space(one))
            for mark, one in zip(marks, axis.text, strict=True)
        )

    def reads_as_space(self, character: str) -> bool:
        """Whether a character parts words like a space: to Flan-T5 those of no width do."""
        return character.isspace() or self.normalized(f"a{character}a") == self.normalized("a a")


def kind(inner: tokenizers.Tokenizer, is_byte_level: bool) -> str:
    """What people call this way to cut a text."""
    name = type(inner.model).__name__
    if name == "BPE" and is_byte_level:
        return "byte-level BPE"
    return "BPE, rare bytes" if getattr(inner.model, "byte_fallback", False) else name


def by_characters(axis: Axis, offsets: Spans, written: Sequence[bytes]) -> tuple[list[int], list[int]]:
    """First and last bytes of tokens from the characters that each was made of; those that share a character divide its
    bytes.

    Args:
        offsets: the characters of each token, first and one past the last.
        written: what each token writes.
    """
    starts, ends = [], []
    for at, after, first, last in groups(axis.text, offsets, written):
        from_byte = axis.places[first]
        for start, end in shares(axis.data[from_byte : axis.places[last]], written[at:after]):
            starts.append(from_byte + start)
            ends.append(from_byte + end)
    return starts, ends
