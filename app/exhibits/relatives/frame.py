"""What the Relatives exhibit draws: a published model beside the first transformer, and what this text would cost it.

A request for the exhibit "relatives" also has `relative`, the id of a model in `model.relatives.table`; CHOSEN unless
given. Its frame has `relatives`:

    id, name, year, by, changed    as the table has them
    undisclosed   a sentence, or null; if it is one, all below but `reading` are null
    published, active_published, published_in, differs, counted   how many parameters its makers say, and what is to be
                  said of the difference
    parts         [{name (one of model.relatives.parameters.PARTS), n, formula, active}]: where its parameters are;
                  `total` and `active`: all, and those that serve one token
    first         {name, total, parts} of the first transformer
    rows          [{part, then, now: {kind, size}, changed, why}]: both part by part
    drawings      [of the first transformer, of the model], as `app.exhibits.relatives.drawn` has them
    numbers       [{name, value, source}]: every number that is counted with
    n_ctx         the longest text that its makers state, or null
    reading       what the text costs it:
        {vocabulary (its label) or null, here (whether that one is open), said (whose it is) or null,
         n (null until it is open), around (how many of them stand around the text and are not shown),
         tokens: the last SHOWN, like those of a frame, or null, counted_with: the model whose tokens are counted
         instead, or null, flops: [{name, n}], flops_total, cache: {n_bytes, layers, per_layer (numbers a token),
         windowed (layers), window, fixed (numbers), own (whether a decoder kept one token more)} or null}

Where its vocabulary is not open yet, the browser asks with *relative_reading* when typing rests:

    {seq, text, model, interventions, relative} -> {id, text, reading}
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from app.asked.question import Part, Question
from app.exhibits.relatives import compared, drawn
from app.exhibits.relatives.shelf import KNOWN, Shelf
from app.wire import payload
from app.wire.text import readable
from model.relatives import cache, flops, parameters, table
from model.relatives.shape import Shape, numbers
from model.relatives.table import Relative
from model.trace import Stream

N_TOP = 12
FIRST, CHOSEN = "transformer", "qwen3-8b"
SHOWN = 160
"""How many tokens of a text are shown, from its end."""
PRECISION = "fp16"
"""What a number of a cache is counted as."""


def frame(question: Question, shelf: Shelf) -> Part:
    """The chosen model, and what the text costs it."""
    model = chosen(question)
    return Part({"relatives": {**described(model.id), "reading": reading(question, model, shelf, opening=False)}})


def relative_reading(question: Question, shelf: Shelf) -> dict[str, Any]:
    """What the text costs the model, by the tokens of its own vocabulary, which is opened for it."""
    model = chosen(question)
    text = question.fields.text("text")
    return {"id": model.id, "text": text, "reading": reading(question, model, shelf, opening=True)}


def chosen(question: Question) -> Relative:
    """The model that is asked for."""
    models = table.load().by_id
    return models[question.fields.choice("relative", models) if question.fields.optional_text("relative") else CHOSEN]


@functools.cache
def described(id: str) -> dict[str, Any]:
    """What depends on no text."""
    known = table.load().by_id
    model, first = known[id], known[FIRST]
    told: dict[str, Any] = {
        "id": id,
        "name": model.name,
        "year": model.year,
        "by": model.by,
        "changed": model.changed,
        "undisclosed": model.undisclosed,
        "published": model.published,
        "active_published": model.active,
        "published_in": model.published_in,
        "differs": model.differs,
        "counted": model.counted,
    }
    shape, before = model.shape, first.shape
    assert before is not None
    if shape is None:
        return told | dict.fromkeys(("parts", "total", "active", "first", "rows", "drawings", "numbers", "n_ctx"))
    return told | {
        "parts": parts_of(shape),
        "total": parameters.total(shape),
        "active": parameters.active(shape),
        "first": {"name": first.name, "total": parameters.total(before), "parts": parts_of(before)},
        "rows": [{**dataclasses.asdict(row), "changed": row.changed} for row in compared.rows(before, shape)],
        "drawings": [drawn.model(before, before), drawn.model(shape, before)],
        "numbers": [
            {"name": name, "value": value, "source": model.source(name)} for name, value in numbers(shape).items()
        ],
        "n_ctx": shape.n_ctx,
    }


def parts_of(shape: Shape) -> list[dict[str, Any]]:
    """Where the parameters are."""
    return [
        {"name": part.name, "n": part.n, "formula": part.formula, "active": part.n_active}
        for part in parameters.parts(shape)
    ]


def reading(question: Question, model: Relative, shelf: Shelf, *, opening: bool) -> dict[str, Any]:
    """The text as the model would cut it, if its vocabulary is here, and what it would cost."""
    tokenizer = shelf.opened(model) if opening else shelf.held(model)
    tokens = None
    if tokenizer is not None:
        text = readable(question.fields.text("text"))
        stream = tokenizer.encode(text.text[text.start :])
        tokens = payload.tokens(Stream(stream.text, stream.tokens[-SHOWN:]))
        n = len(stream.tokens) + model.around
    else:
        n = len(question.trace.tokens)
    counted = n if tokenizer is not None or model.vocabulary is None else None
    told: dict[str, Any] = {
        "vocabulary": KNOWN[model.vocabulary].label if model.vocabulary else None,
        "here": tokenizer is not None,
        "said": model.vocabulary_in,
        "n": counted,
        "around": model.around,
        "tokens": tokens,
        "counted_with": None if model.vocabulary else question.model.config.name,
        "flops": None,
        "flops_total": None,
        "cache": None,
    }
    if model.shape is None or counted is None:
        return told
    costs = flops.flops(model.shape, counted)
    return told | {
        "flops": [{"name": name, "n": cost} for name, cost in costs.items()],
        "flops_total": sum(costs.values()),
        "cache": kept(model.shape, counted),
    }


def kept(shape: Shape, n: int) -> dict[str, Any] | None:
    """What a model keeps of the text; None where it keeps nothing."""
    of = cache.shape_of(shape)
    if of is None:
        return None
    return {
        "n_bytes": cache.n_bytes(shape, n, PRECISION),
        "layers": of.n_layers,
        "per_layer": of.numbers_per_layer if of.n_layers else 0,
        "windowed": (of.n_windowed or 0) if shape.window else 0,
        "window": shape.window,
        "fixed": of.n_fixed,
        "own": bool(shape.n_decoder_layers),
    }


KEEPS = Shelf
CALLS = (relative_reading,)
