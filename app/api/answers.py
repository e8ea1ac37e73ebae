"""What programs may ask of a text: its tokens, what a model computes of it, one head's attention, what comes next.

Each takes one object of named fields, as the page's answers do, and is read by the same `Fields`: the same limits, the
same sentences. Arrays come as numbers, not as the page's blob; a reply holds `MOST_NUMBERS` of them at most.
"""

from __future__ import annotations

import reprlib
from typing import Any, TypedDict

import numpy as np

from app.asked.question import Question
from app.engine import Engine, tokenized
from app.page.answers import Answers
from app.running import budget
from app.wire import payload
from app.wire.fields import Fields, RequestError
from app.wire.text import readable
from model import taps

MOST_NUMBERS = 2**18
"""Of one reply: four heads' attention on 256 tokens, three megabytes of JSON."""
MOST_TAPS = 16
MOST_DRAWN = 64
"""Tokens that one call may draw."""
N_TOP = 12
DECIMALS = 7
"""Of a number in a reply: what float32 tells apart between 0 and 1."""
NAMES = "the names that a reply lists, [] to see them"
TOO_MANY = (
    "The taps asked for hold {numbers:,} numbers on this text; {most:,} are the most that one reply holds. Ask for"
    " fewer at a time, or for a shorter text."
)


class Tokenized(TypedDict):
    """The reply of `tokenize`. Spans count code points of the text, in which U+FFFD stands for half a surrogate pair:
    no encoding has bytes for one. `raw` is the token's bytes in hexadecimal.
    """

    model: str
    text: str
    tokens: list[dict[str, Any]]
    clipped: int
    notice: str | None


class Trace(TypedDict):
    """The reply of `trace`: by the name of each tap asked for, its axes, its shape and its values. `next` is null of a
    model that predicts no token; `logits` hold no numbers then.
    """

    model: str
    tokens: list[dict[str, Any]]
    written: list[dict[str, Any]] | None
    next: dict[str, Any] | None
    names: list[str]
    taps: dict[str, dict[str, Any]]
    notice: str | None


class Pattern(TypedDict):
    """The reply of `attention`: `pattern[query][key]` is a probability; each row sums to one."""

    model: str
    kind: str
    layer: int
    head: int
    queries: list[dict[str, Any]]
    keys: list[dict[str, Any]]
    pattern: list[list[float]]
    notice: str | None


class Sampled(TypedDict):
    """The reply of `sample`: the text with what was drawn, and each drawn token with its chance."""

    model: str
    text: str
    drawn: list[dict[str, Any]]
    ended: bool
    notice: str | None


class Programs:
    """The answers to programs, over the same engine as the page's.

    Args:
        answers: the page's.
    """

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.engine: Engine = answers.engine

    def tokenize(self, request: object) -> Tokenized:
        """The tokens of a text; no graph runs for it. Fields: text, model."""
        fields = Fields(request)
        model = self.engine.model(fields.choice("model", self.engine.names))
        stream, notices = tokenized(fields.text("text"), model, self.engine.limits.pass_bytes)
        return {
            "model": model.name,
            "text": readable(fields.text("text")).text,
            "tokens": payload.tokens(stream),
            "clipped": stream.clipped,
            "notice": " ".join(notices) or None,
        }

    def trace(self, request: object) -> Trace:
        """What a model computed of a text. Fields: text, model, taps (names, as the README lists them, or "logits")."""
        question = Question(Fields(request), self.engine)
        trace, names = question.trace, ("logits", *taps.table(question.model.config))
        asked = question.fields.value("taps")
        if not isinstance(asked, list) or len(asked) > MOST_TAPS:
            raise RequestError(f"taps is {reprlib.repr(asked)}; send a list of at most {MOST_TAPS} names.")
        if strange := [name for name in asked if name not in names]:
            raise RequestError(f"taps names {reprlib.repr(strange[0])}; send some of {NAMES}.")
        arrays = {name: trace.logits if name == "logits" else trace.taps[name] for name in asked}
        numbers = sum(array.size for array in arrays.values())
        if numbers > MOST_NUMBERS:
            raise RequestError(TOO_MANY.format(numbers=numbers, most=MOST_NUMBERS))
        read, *written = trace.streams.values()
        return {
            "model": question.model.name,
            "tokens": payload.tokens(read),
            "written": payload.tokens(written[0]) if written else None,
            "next": question.next_token(N_TOP),
            "names": list(names),
            "taps": {
                name: {"axes": axes(name, question), "shape": list(array.shape), "values": numbered(array)}
                for name, array in arrays.items()
            },
            "notice": " ".join(question.reading.notices) or None,
        }

    def attention(self, request: object) -> Pattern:
        """One head's attention. Fields: text, model, kind ("" where the model has one), layer and head from 0."""
        question = Question(Fields(request), self.engine)
        config, fields = question.model.config, question.fields
        kinds = tuple(config.stacks)
        asked = fields.choice("kind", kinds) if fields.value("kind") else kinds[0]
        kind = next(place for place in kinds if place == asked)
        layer = fields.integer("layer", 0, config.stacks[kind].layers - 1)
        head = fields.integer("head", 0, config.n_heads - 1)
        pattern = question.trace.pattern(layer, kind)[head]
        if pattern.size > MOST_NUMBERS:
            raise RequestError(TOO_MANY.format(numbers=pattern.size, most=MOST_NUMBERS))
        read, *written = question.trace.streams.values()
        queries = written[0] if kind in ("decoder", "cross") else read
        keys = written[0] if kind == "decoder" else read
        return {
            "model": question.model.name,
            "kind": kind,
            "layer": layer,
            "head": head,
            "queries": payload.tokens(queries),
            "keys": payload.tokens(keys),
            "pattern": numbered(pattern),
            "notice": " ".join(question.reading.notices) or None,
        }

    def sample(self, request: object) -> Sampled:
        """Draws a continuation. Fields: text, model, n, sampling as the page sends it."""
        question = Question(Fields(request), self.engine)
        fields, drawn, ended = question.fields, [], False
        text, n = readable(fields.text("text")).text, fields.integer("n", 1, MOST_DRAWN)
        for draw in range(n):
            budget.check()
            told = self.answers.drawn(Question(fields.extended({"text": text, "draw": draw}), self.engine))
            text, ended = told["text"], told["ended"]
            drawn += told["drawn"]
            if ended:
                break
        notice = " ".join(question.reading.notices) or None
        return {"model": question.model.name, "text": text, "drawn": drawn, "ended": ended, "notice": notice}


def numbered(array: np.ndarray[Any, Any]) -> Any:
    """An array as nested lists of numbers, rounded to `DECIMALS`."""
    return np.round(array.astype(np.float64), DECIMALS).tolist()


def axes(name: str, question: Question) -> list[str]:
    """The names of a tap's axes."""
    return ["batch", "pos", "d_vocab"] if name == "logits" else list(taps.table(question.model.config)[name].axes)
