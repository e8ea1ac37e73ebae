"""What may be read of a text that came in over the wire, and the sentences that say what was done to it.

Nothing is stripped silently: the box keeps what was typed, and a notice says what the model read instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CHARACTERS = 10_000
"""How many characters of a text are read: the last ones, because what comes next depends most on the end."""

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


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
