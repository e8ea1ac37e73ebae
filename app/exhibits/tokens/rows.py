"""What one vocabulary makes of a text, as the Tokens exhibit is told it: the row along the ruler, and what it costs.

It is worked out beside the page for the vocabularies that come with the project, and in a process of its own for a
stranger's (`app.exhibits.tokens.strangers`), which is why all of it is numbers and texts.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.exhibits.tokens.replays import steps_of_word
from app.wire.fields import RequestError
from model.study.replay import Method
from model.study.ruler import Axis, Cut, Rule
from model.tokenizers.languages import ARTICLE_1

N_NAMES = 8
"""How many special tokens are named."""

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """One vocabulary along a text."""

    fields: Mapping[str, Any]
    """Those of a row that is ready; see `app.exhibits.tokens.frame`."""
    ids: Places
    starts: Places
    """The first byte of the text that each token stands for."""
    ends: Places


class Laid(Protocol):
    """A vocabulary that is there."""

    kind: str
    """What people call its way to cut a text."""
    told: dict[str, Any]
    """What is told of it whatever the text: the fields of a card, as *vocabularies* gives it."""

    def row(self, axis: Axis, first: int) -> Row:
        """Its tokens of a text that begin behind the character `first`, and its counts for all of it."""

    def word(self, axis: Axis, at: int) -> dict[str, Any]:
        """How the word of one of its tokens was cut; raises RequestError where there is no such token."""


class Ruled:
    """A vocabulary that is asked here.

    Args:
        rule: the vocabulary.
        method: gives the steps that it takes, when they are asked for.
    """

    def __init__(self, rule: Rule, method: Any) -> None:
        self.rule, self._method = rule, method
        self.kind = rule.kind
        self.told = told(rule)

    def row(self, axis: Axis, first: int) -> Row:
        """See `Laid`."""
        cut = self.rule.cut(axis)
        skipped = bisect.bisect_left(cut.ends, axis.places[first] + 1) if first else 0
        columns = (np.array(part[skipped:], dtype=np.int64) for part in (cut.ids, cut.starts, cut.ends))
        return Row(counts(self.rule, cut, axis, skipped), *columns)

    def word(self, axis: Axis, at: int) -> dict[str, Any]:
        """See `Laid`."""
        method: Method | None = self._method()
        return steps_of_word(self.rule, method, axis, token_at(at, len(self.rule.cut(axis).ids)))


def token_at(at: int, n_tokens: int) -> int:
    """The index of a token, if there is such a one."""
    if not n_tokens:
        raise RequestError("The text has no token to be told of; type a word.")
    if not 0 <= at < n_tokens:
        raise RequestError(f"at is {at}; send a whole number from 0 to {n_tokens - 1}.")
    return at


def told(rule: Rule) -> dict[str, Any]:
    """What is told of a vocabulary, measured on the paragraph in every language."""
    axes = [Axis(translation.text) for translation in ARTICLE_1]
    cuts = [rule.cut(axis) for axis in axes]
    return {
        "entries": rule.tokenizer.d_vocab,
        "specials": len(rule.specials),
        "names": rule.specials[:N_NAMES],
        "around": rule.around,
        "costs": [len(cut.ids) for cut in cuts],
        "lost": [rule.lost(axis, cut) for cut, axis in zip(cuts, axes, strict=True)],
    }


def counts(rule: Rule, cut: Cut, axis: Axis, skipped: int) -> dict[str, Any]:
    """The fields of a row that is ready."""
    spelled = {
        index - skipped: cut.written[index].hex()
        for index in range(skipped, len(cut.ids))
        if cut.written[index] != axis.data[cut.starts[index] : cut.ends[index]]
    }
    return {
        "tokens": len(cut.ids),
        "lost": 0 if cut.returns else rule.lost(axis, cut),
        "returns": cut.returns,
        "skipped": skipped,
        "shown": len(cut.ids) - skipped,
        "spelled": spelled,
        "unknown": [index - skipped for index in cut.unknown if index >= skipped],
    }
