"""The words of a text, and a text with something else in a word's place.

A word is a run of letters, digits and marks, or a run of other characters that are not spaces, or a gap that a person
wrote for a model to fill: BERT's [MASK], T5's <extra_id_0>. All places count code points of the text.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import unicodedata
from dataclasses import dataclass

from model.trace import Token

Span = tuple[int, int]

GAP = re.compile(r"\[MASK\]|<mask>|<extra_id_\d+>")


def words(text: str, start: int = 0) -> list[Span]:
    """The span of every word of `text[start:]`, half open."""
    found: list[Span] = []
    for gap in GAP.finditer(text, start):
        found += [*_runs(text, start, gap.start()), gap.span()]
        start = gap.end()
    return [*found, *_runs(text, start, len(text))]


def _runs(text: str, start: int, end: int) -> list[Span]:
    found = []
    for kind, run in itertools.groupby(range(start, end), key=lambda at: _kind(text[at])):
        if kind != "space":
            places = list(run)
            found.append((places[0], places[-1] + 1))
    return found


def _kind(character: str) -> str:
    if character.isspace():
        return "space"
    is_letter = character.isalnum() or character == "_" or unicodedata.category(character) in ("Mn", "Mc")
    return "letters" if is_letter else "others"


def word_at(found: list[Span], token: Token) -> int | None:
    """The index of the first word that a token covers some of; None where it covers none."""
    return next((index for index, (start, end) in enumerate(found) if token.start < end and start < token.end), None)


@dataclass(frozen=True)
class Replaced:
    """A text with `new` in the place of the characters from `start` to `end`."""

    original: str
    start: int
    end: int
    new: str

    @property
    def text(self) -> str:
        """The text as it is then."""
        return self.original[: self.start] + self.new + self.original[self.end :]

    def back(self, token: Token) -> Token:
        """A token of the new text with its span in the original; what covers some of `new` covers all of the word."""
        longer, behind = len(self.new) - (self.end - self.start), self.start + len(self.new)
        start = token.start if token.start <= self.start else max(self.start, token.start - longer)
        end = token.end if token.end <= self.start else max(self.end, token.end - longer)
        if self.start < token.start < behind:
            start = self.start
        return dataclasses.replace(token, start=start, end=end)
