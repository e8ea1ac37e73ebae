"""What the Tokens exhibit draws: the ruler, how a vocabulary came to its tokens, and what languages cost.

A request for the exhibit "tokens" also has `rulers`: names of vocabularies on the hub, with commas between them, to be
laid beside those that come with the project. Its frame has `ruler`:

    first      the character of the text where the rows begin: of a long text they show its end
    counted    how many characters were cut, of which all counts are, and `bytes`, how many bytes they are
    rows       one for each vocabulary, in the order of the page:
               {name, label, kind, own (whether it is the model's), ready}, and if it is ready
               {tokens, lost (characters), returns (whether the ids give the text back exactly),
                skipped (how many tokens stand before the rows begin), shown (how many are in the row),
                unknown: [indexes in the row],
                spelled: {index in the row: what the token writes (hex), where that is not what it stands for}}

and, for the rows that are ready one after the other, the arrays

    ruler_ids                   uint32: the id of each token
    ruler_starts, ruler_ends    uint16: the bytes that it stands for, from the first byte of the rows

Which vocabularies are there is asked with *vocabularies*, again and again while one is on its way:

    {seq, text, model, interventions, rulers}
    -> {cards: {name: {entries, specials, names (of special tokens, the first ones), around, costs, lost}},
        languages: [{language, code, text}], loading: [names], failed: {name: a sentence}}

and how the word of one token was cut with *word*:

    {seq, text, model, interventions, rulers, tokenizer, at (index of the token among all)}
    -> {tokenizer, at, ...what `app.exhibits.tokens.replays` tells}
"""

from __future__ import annotations

import bisect
import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Part, Question
from app.exhibits.tokens.rows import Laid
from app.exhibits.tokens.strangers import StrangerError
from app.exhibits.tokens.vocabularies import OWN, Vocabularies
from app.running import budget
from app.wire.fields import Fields, RequestError
from app.wire.payload import Packed
from app.wire.text import readable, word_end
from model.study.ruler import Axis
from model.tokenizers.languages import ARTICLE_1

N_TOP = 12
SHOWN = 600
"""How many characters of a text are laid along the rows, from its end."""
LAID_BYTES = 12_000
"""How many bytes of a text are cut at most, from its end: ten times a page, fourteen times, in a fifth of a second."""
N_EXTRA = 4
"""How many vocabularies from the hub may lie beside the others."""
MOST_TOKENS = 10**6
LONGEST_NAME = 200
"""Characters of a name on the hub."""


def frame(question: Question, held: Vocabularies) -> Part:
    """The ruler along the text."""
    axis, start = laid(question)
    first = max(0, len(axis.text) - SHOWN)
    rows, pieces = [], []
    for name, card, own in shown(question, held):
        vocabulary = held.described(name)
        label = question.model.config.name if name == OWN else vocabulary.label
        kind = vocabulary.kind or (card.kind if card else "")
        budget.check()
        made = None if card is None else held.row(name, card, axis, first)
        rows.append({"name": name, "label": label, "kind": kind, "own": own, "ready": made is not None})
        if made is not None:
            rows[-1] |= made.fields
            pieces.append((made.ids, made.starts, made.ends))
    ruler = {"first": start + first, "counted": len(axis.text), "bytes": len(axis.data), "rows": rows}
    ids, starts, ends = (np.concatenate(column) for column in zip(*pieces, strict=True))
    arrays: dict[str, NDArray[Any]] = {
        "ruler_ids": ids.astype(np.uint32),
        "ruler_starts": np.maximum(starts - axis.places[first], 0).astype(np.uint16),
        "ruler_ends": (ends - axis.places[first]).astype(np.uint16),
    }
    return Part({"ruler": ruler}, {name: Packed(values, values.shape) for name, values in arrays.items()})


def laid(question: Question) -> tuple[Axis, int]:
    """The part of the text that is cut, and where in the text it begins."""
    text = readable(question.fields.text("text"))
    axis, start = Axis(text.text[text.start :]), text.start
    if (excess := len(axis.data) - LAID_BYTES) > 0:
        least = bisect.bisect_left(axis.places, excess)
        begin = word_end(axis.text, least, (least + len(axis.text)) // 2)
        axis, start = Axis(axis.text[begin:]), start + begin
    return axis, start


def shown(question: Question, held: Vocabularies) -> list[tuple[str, Laid | None, bool]]:
    """The vocabularies in the order of the page, the model's own first; None for one that is not there yet."""
    own, card = held.own(question.model)
    others = [name for name in (*held.known, *extra(question.fields)) if name != own]
    return [(own, card, True), *((name, held.card(name), False) for name in others)]


def extra(fields: Fields) -> list[str]:
    """The names in `rulers`."""
    names = list(dict.fromkeys(name.strip() for name in fields.optional_text("rulers").split(",") if name.strip()))
    if names and max(map(len, names)) > LONGEST_NAME:
        raise RequestError(f"rulers names {reprlib.repr(max(names, key=len))}; that is too long for a name on the hub.")
    if len(names) > N_EXTRA:
        raise RequestError(f"{len(names)} vocabularies were added; {N_EXTRA} at a time is the limit. Take one away.")
    return names


def vocabularies(question: Question, held: Vocabularies) -> dict[str, Any]:
    """What is told of those that are here; the others are fetched meanwhile."""
    rows = shown(question, held)
    fetched = held.fetch(name for name, card, _ in rows if card is None)
    cards = {name: card.told for name, card, _ in rows if card is not None}
    languages = [{"language": one.language, "code": one.code, "text": one.text} for one in ARTICLE_1]
    return {"cards": cards, "languages": languages, "loading": fetched.loading, "failed": fetched.failed}


def word(question: Question, held: Vocabularies) -> dict[str, Any]:
    """How the word of one token was cut."""
    name = question.fields.text("tokenizer")
    cards = {name: card for name, card, _ in shown(question, held) if card is not None}
    if name not in cards:
        raise RequestError(f"tokenizer is {name!r}; there is {', '.join(cards)}.")
    axis, _ = laid(question)
    at = question.fields.integer("at", 0, MOST_TOKENS)
    try:
        return {"tokenizer": name, "at": at, **cards[name].word(axis, at)}
    except StrangerError as error:
        raise RequestError(str(error)) from None


KEEPS = Vocabularies
CALLS = (vocabularies, word)
