"""What may be read of a text that came in over the wire, and the sentences that say what was done to it.

Nothing is stripped silently: the box keeps what was typed, and a notice says what the model read instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.trace import Token

CHARACTERS = 10_000
"""How many characters of a text are read: the last ones, because what comes next depends most on the end."""

REPLACEMENT = "\ufffd"
"""What a token decodes to that is no whole character."""
UNKNOWN = ("[UNK]", "<unk>")
"""What vocabularies call a piece that they have no entry for."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_AFTER_WORD = re.compile(r"(?<=\w)\s")
_SHOWN = 3


@dataclass(frozen=True)
class Readable:
    """The part of a text that a tokenizer is given."""

    text: str
    """The whole text, well formed: as long as the one asked for, each lone surrogate replaced by U+FFFD."""
    start: int
    """Where in it the part to be read begins."""
    notices: tuple[str, ...]
    """One sentence for each thing that a person should know about."""


def readable(text: str) -> Readable:
    """Makes a text well formed and finds the part of it that is read: all of it, or the last `CHARACTERS`.

    A part begins at the first space after a word, if there is one in its first half. A byte-level vocabulary never
    joins a word to the space that follows it, so its tokens are then the ones the whole text would have ended in.
    """
    notices = []
    text, replaced = _SURROGATE.subn("\ufffd", text)
    if replaced:
        notices.append(f"{_count(replaced, 'lone surrogate', 'lone surrogates')} (half a character) read as U+FFFD.")
    start = max(0, len(text) - CHARACTERS)
    if start:
        start = word_end(text, start, start + CHARACTERS // 2)
        notices.append(f"The text has {len(text):,} characters; the last {len(text) - start:,} are tokenized.")
    if controls := _CONTROL.findall(text, start):
        names = list(dict.fromkeys(f"U+{ord(control):04X}" for control in controls))
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        notices.append(f"{_count(len(controls), 'control character', 'control characters')} ({shown}) read as bytes.")
    return Readable(text, start, tuple(notices))


def word_end(text: str, start: int, end: int) -> int:
    """The first place from `start` on, and before `end`, where a word has ended; `start` itself if there is none."""
    word = _AFTER_WORD.search(text, start, end)
    return word.start() if word else start


def clipping(shown: int, clipped: int) -> str:
    """The sentence for a text that does not fit into the context.

    Args:
        shown: how many tokens of the text the model reads.
        clipped: how many in front of them it does not.
    """
    return f"Showing the last {shown:,} tokens of {shown + clipped:,}."


def unfamiliar(tokens: Sequence[Token], about: str | None) -> str | None:
    """The sentence for a text of which most is spelled byte by byte or unknown to the vocabulary; None for any other.

    Args:
        tokens: those that the model reads.
        about: what the model is and has read, where that is known.
    """
    of_text = [token for token in tokens if token.end > token.start]
    parts = sum(REPLACEMENT in token.text and token.raw != REPLACEMENT.encode() for token in of_text)
    unknown = sum(token.text in UNKNOWN for token in of_text)
    if 2 * (parts + unknown) <= len(of_text):
        return None
    said = [_count(parts, "is only a part of a character", "are only parts of a character")] if parts else []
    said += [_count(unknown, "is unknown to its vocabulary", "are unknown to its vocabulary")] if unknown else []
    counted = f"of the {len(of_text):,} tokens of your text {' and '.join(said)}."
    return f"This is {about}: {counted}" if about else counted[0].upper() + counted[1:]


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
