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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Part, Question
from app.exhibits.tokens.replays import steps_of_word
from app.exhibits.tokens.vocabularies import OWN, Card, Vocabularies
from app.wire.fields import Fields, RequestError
from app.wire.payload import Packed
from app.wire.text import readable
from model.study import replay
from model.study.ruler import Axis, Cut, Rule
from model.tokenizers.languages import ARTICLE_1

N_TOP = 12
SHOWN = 600
"""How many characters of a text are laid along the rows, from its end."""
N_EXTRA = 4
"""How many vocabularies from the hub may lie beside the others."""
N_NAMES = 8
"""How many special tokens are named."""


def frame(question: Question, held: Vocabularies) -> Part:
    """The ruler along the text."""
    axis, start = laid(question)
    first = max(0, len(axis.text) - SHOWN)
    rows, pieces = [], []
    for name, card, own in shown(question, held):
        vocabulary = held.described(name)
        label = question.model.config.name if name == OWN else vocabulary.label
        kind = vocabulary.kind or (card.rule.kind if card else "")
        row = {"name": name, "label": label, "kind": kind, "own": own, "ready": card is not None}
        if card is not None:
            cut = card.rule.cut(axis)
            skipped = bisect.bisect_left(cut.ends, axis.places[first] + 1) if first else 0
            row |= counts(card.rule, cut, axis, skipped)
            pieces.append((cut.ids[skipped:], cut.starts[skipped:], cut.ends[skipped:]))
        rows.append(row)
    ruler = {"first": start + first, "counted": len(axis.text), "bytes": len(axis.data), "rows": rows}
    columns = [np.array([one for piece in pieces for one in piece[part]], dtype=np.int64) for part in range(3)]
    ids, starts, ends = columns
    arrays: dict[str, NDArray[Any]] = {
        "ruler_ids": ids.astype(np.uint32),
        "ruler_starts": np.maximum(starts - axis.places[first], 0).astype(np.uint16),
        "ruler_ends": (ends - axis.places[first]).astype(np.uint16),
    }
    return Part({"ruler": ruler}, {name: Packed(values, values.shape) for name, values in arrays.items()})


def laid(question: Question) -> tuple[Axis, int]:
    """The part of the text that is cut, and where in the text it begins."""
    text = readable(question.fields.text("text"))
    return Axis(text.text[text.start :]), text.start


def shown(question: Question, held: Vocabularies) -> list[tuple[str, Card | None, bool]]:
    """The vocabularies in the order of the page, the model's own first; None for one that is not there yet."""
    own, card = held.own(question.model)
    others = [name for name in (*held.known, *extra(question.fields)) if name != own]
    return [(own, card, True), *((name, held.card(name), False) for name in others)]


def extra(fields: Fields) -> list[str]:
    """The names in `rulers`."""
    names = list(dict.fromkeys(name.strip() for name in fields.optional_text("rulers").split(",") if name.strip()))
    if len(names) > N_EXTRA:
        raise RequestError(f"{len(names)} vocabularies were added; {N_EXTRA} at a time is the limit. Take one away.")
    return names


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


def vocabularies(question: Question, held: Vocabularies) -> dict[str, Any]:
    """What is told of those that are here; the others are fetched meanwhile."""
    rows = shown(question, held)
    fetched = held.fetch(name for name, card, _ in rows if card is None)
    cards = {
        name: {
            "entries": card.rule.tokenizer.d_vocab,
            "specials": len(card.rule.specials),
            "names": card.rule.specials[:N_NAMES],
            "around": card.rule.around,
            "costs": card.costs,
            "lost": card.lost,
        }
        for name, card, _ in rows
        if card is not None
    }
    languages = [{"language": one.language, "code": one.code, "text": one.text} for one in ARTICLE_1]
    return {"cards": cards, "languages": languages, "loading": fetched.loading, "failed": fetched.failed}


def word(question: Question, held: Vocabularies) -> dict[str, Any]:
    """How the word of one token was cut."""
    name = question.fields.text("tokenizer")
    cards = {name: card for name, card, _ in shown(question, held) if card is not None}
    if name not in cards:
        raise RequestError(f"tokenizer is {name!r}; there is {', '.join(cards)}.")
    axis, _ = laid(question)
    cut = cards[name].rule.cut(axis)
    if not cut.ids:
        raise RequestError("The text has no token to be told of; type a word.")
    at = question.fields.integer("at", 0, len(cut.ids) - 1)
    tokenizer_json = question.model.tokenizer.inner.to_str
    method = replay.method(tokenizer_json()) if name == OWN else held.method(name)
    return {"tokenizer": name, "at": at, **steps_of_word(cards[name].rule, method, axis, at)}


KEEPS = Vocabularies
CALLS = (vocabularies, word)
