"""What the Trio exhibit draws: one sentence as a GPT, a BERT and a T5 see it, and what each predicts.

A request for the exhibit "trio" also has

    query    a position in the text as the chosen model reads it: the word there is asked for; null for none
    written  a position in what the T5 wrote: its prediction is read after that token; null for the first
    task     what the T5 is asked to do, one of TASKS in `gap`; a text that begins with its prefix says so itself
    depth    which layers' attention is drawn, one of DEPTHS; all of them, "mean", unless given

The word that is asked for, the *gap*, is the chosen one, else the first [MASK] or <extra_id_0> in the text, else the
last word. The BERT reads its mask in the gap's place, and so does the T5 where its task is to fill. The GPT, which
reads from the left, speaks in the place of a gap that was chosen or written, and else at the end of the text. The frame
has `trio`:

    first    the character where the picture begins: of a long text the models read the end
    words    [[start, end], ...] of the text from there on
    gap      {word (index; null where there is none), by ("choice", "text", "end", or null)}
    task     what the T5 was asked, and `typed`: whether the text itself says so
    gpt, bert, t5   what each read and said, or {missing: a sentence}:
        {model (its name), read (the text that it was given), tokens (like those of a frame, spans in the text that was
         typed; of a long text `SHOWN` around the gap), before (how many tokens that it read stand before these),
         clipped, position (among these; null where it does not speak), next (like that of a frame), own: {text, id,
         raw, special, probability, rank, pieces} of the text's own word at the gap, or null}
        and for the T5 {prefix (how many tokens of the task stand before the text), asked (whether a task does), start
         (what its output begins with), output (the text that it wrote), written: what it wrote at each step, {id, text,
         raw, special, probability}, with its end token if it has `ended` by itself, and not at the `limit` of tokens}

and its arrays the attention at the depth, the mean over its layers and their heads, as uint16 in the steps of
`app.wire.patterns`: `gpt`, `bert`, `encoder`, `decoder` and `cross`, [1, 1, query, key]; of `gpt` and `decoder` the
causal half.

Where a state is pinned, the browser asks for *trio_since* when typing rests: {..., pin} -> {gpt, bert, t5}: what has
changed in each as `app.asked.pin` has it, the live likeliest being the six that are listed, or null.
"""

from __future__ import annotations

import contextvars
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.asked import pin
from app.asked.question import Part, Question
from app.exhibits.trio.gap import Gap, back, prefix_and_gap, with_prefix
from app.running import model as running
from app.running.model import Model
from app.wire import payload
from app.wire.fields import Fields
from app.wire.interventions import UNTOUCHED, Interventions
from app.wire.patterns import LONG, mean_of
from app.wire.payload import Packed
from model.config import Place, T5Config
from model.softmax import softmax
from model.study import sampling
from model.trace import Array, ForwardTrace, Stream, Token

N_WRITTEN = 16
"""How many tokens the T5 may write here: three models answer one key, and writing is the slowest of it."""
N_TOP = 12
DEPTHS = ("mean", "first", "middle", "last")
N_LISTED = 6
SHOWN = 192
"""Tokens of a model that has read more than `LONG`."""
ALL = slice(None)


@dataclass(frozen=True)
class FamilyPart:
    """The part of the frame that is one model's."""

    model: Model
    fields: dict[str, Any]
    """Those of the frame."""
    arrays: dict[str, Packed]
    tokens: Sequence[Token]
    """What it read, with spans in the text."""
    logits: Array | None
    """Of its prediction; None where it says nothing. *Shape:* (d_vocab,)."""


def frame(question: Question) -> Part:
    """The three passes; the T5 writes in a thread of its own, while the two others read."""
    gap = Gap.read(question)
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(contextvars.copy_context().run, part_of, question, gap, "t5")
        parts = {"gpt": part_of(question, gap, "gpt"), "bert": part_of(question, gap, "bert"), "t5": writing.result()}
    trio: dict[str, Any] = {"task": gap.task, "typed": gap.typed}
    arrays: dict[str, Packed] = {}
    tokens: list[Token] = []
    for family, part in parts.items():
        if part is None:
            trio[family] = {"missing": f"There is no {family.upper()} here: no checkpoint of that family is installed."}
            continue
        trio[family] = {"model": part.model.name, "tokens": entries(part.tokens), **part.fields}
        arrays |= part.arrays
        tokens += part.tokens
    first = min((token.start for token in tokens if token.end > token.start), default=len(gap.text))
    shown = [span for span in gap.words if span[1] > first]
    skipped = len(gap.words) - len(shown)
    word = None if gap.word is None or gap.word < skipped else gap.word - skipped
    return Part({"trio": {**trio, "first": first, "words": shown, "gap": {"word": word, "by": gap.by}}}, arrays)


def part_of(question: Question, gap: Gap, family: str) -> FamilyPart | None:
    """The part of a family's model; None where there is none."""
    found = chosen(question, family)
    return None if found is None else READERS[family](question, gap, *found)


def chosen(question: Question, family: str) -> tuple[Model, Interventions] | None:
    """The model of a family: the one that the page has chosen, with its changes, if it predicts; else the bundled."""
    engine = question.engine
    if question.model.config.family == family and question.predicts:
        return question.model, question.reading.interventions
    names = [name for name in engine.names if (of := engine.config(name)).family == family and of.predicts]
    if not names:
        return None
    return engine.model(family if family in names else names[0]), UNTOUCHED


def read_left(question: Question, gap: Gap, model: Model, changes: Interventions) -> FamilyPart:
    """The GPT: it speaks after the last token, or before a gap that was chosen or written."""
    trace = question.engine.read(gap.text, model.name, changes).trace
    stream = trace.streams["text"]
    position: int | None = len(stream.tokens) - 1
    own, pieces = None, 0
    if gap.by in ("choice", "text"):
        start, end = gap.span
        there = [at for at, token in enumerate(stream.tokens) if token.end > start and not token.special]
        at = there[0] if there else len(stream.tokens)
        unread = bool(stream.clipped and there and stream.tokens[at].start >= end)
        position = None if at == 0 or unread else at - 1
        if gap.own is not None and position is not None:
            own, pieces = stream.tokens[at].id, sum(stream.tokens[index].start < end for index in there)
    logits = None if position is None else trace.logits_at(position)
    shown = around(gap, stream.tokens)
    fields = told(stream, shown, position) | prediction(question, model, logits, own, pieces) | {"read": gap.text}
    arrays = {"gpt": at_depth(question, trace, "text", shown, shown)}
    return FamilyPart(model, fields, arrays, stream.tokens[shown], logits)


def read_masked(question: Question, gap: Gap, model: Model, changes: Interventions) -> FamilyPart:
    """The BERT: it reads its mask in the gap's place, and speaks there."""
    tokenizer, position, own, pieces = model.tokenizer, None, None, 0
    replaced = gap.filled("" if tokenizer.mask_id is None else tokenizer.text_of(tokenizer.mask_id))
    trace = question.engine.read(replaced.text, model.name, changes).trace
    stream = back(trace.streams["text"], replaced)
    if gap.word is not None:
        masks = [at for at, token in enumerate(stream.tokens) if token.id == tokenizer.mask_id]
        position = next((at for at in masks if stream.tokens[at].end == gap.span[1]), None)
    if gap.own is not None and position is not None:
        spelled = [token for token in tokenizer.encode(gap.own).tokens if not token.special]
        own, pieces = spelled[0].id if len(spelled) == 1 else None, len(spelled)
    logits = None if position is None else trace.logits_at(position)
    shown = around(gap, stream.tokens)
    fields = told(stream, shown, position) | prediction(question, model, logits, own, pieces)
    fields["read"] = replaced.text
    arrays = {"bert": at_depth(question, trace, "text", shown, shown)}
    return FamilyPart(model, fields, arrays, stream.tokens[shown], logits)


def read_and_write(question: Question, gap: Gap, model: Model, changes: Interventions) -> FamilyPart:
    """The T5: it reads the task and the text, with a gap where it is to fill one, and writes."""
    assert isinstance(model.config, T5Config)
    start, end = gap.span
    prefix, hole = prefix_and_gap(gap, model)
    replaced = gap.filled(hole if gap.task == "fill" else gap.text[start:end])
    stream, n_prefix = with_prefix(prefix, replaced.text[gap.start :], model)
    trace = running.run(model, stream, changes, N_WRITTEN)
    read = back(stream, replaced, gap.start - len(prefix), n_prefix)
    chances = softmax(trace.logits[0].astype(np.float64)).max(axis=-1)  # of the likeliest, which is what is written
    wrote = [token.id for token in trace.streams["decoder"].tokens[1:]]
    ended = len(wrote) < N_WRITTEN
    steps = [*wrote, int(trace.logits[0, -1].argmax())] if ended else wrote
    step = min(question.fields.optional_integer("written", 0, model.config.n_ctx) or 0, len(steps) - 1)
    logits = trace.logits[0, step]
    shown = around(gap, read.tokens)
    fields = prediction(question, model, logits, None, 0) | {
        "read": prefix + replaced.text[gap.start :],
        "clipped": read.clipped,
        "before": shown.start,
        "position": step,
        "prefix": max(0, n_prefix - shown.start),
        "asked": bool(prefix) or gap.typed,
        "start": payload.entry(model.tokenizer, model.config.start_token_id),
        "output": trace.streams["decoder"].text,
        "written": [
            {**payload.entry(model.tokenizer, id), "probability": float(chances[at])} for at, id in enumerate(steps)
        ],
        "ended": ended,
        "limit": N_WRITTEN,
    }
    sides: dict[Place, tuple[slice, slice]] = {"encoder": (shown, shown), "cross": (ALL, shown), "decoder": (ALL, ALL)}
    arrays: dict[str, Packed] = {place: at_depth(question, trace, place, *of) for place, of in sides.items()}
    return FamilyPart(model, fields, arrays, read.tokens[shown], logits)


def around(gap: Gap, tokens: Sequence[Token]) -> slice:
    """Which of the tokens are shown: all, or of a long text those around the gap."""
    n = len(tokens)
    if n <= LONG:
        return slice(0, n)
    near = next((at for at, token in enumerate(tokens) if token.end > gap.span[0]), n)
    first = max(0, min(n - SHOWN, near - SHOWN // 2))
    return slice(first, first + SHOWN)


def told(stream: Stream, shown: slice, position: int | None) -> dict[str, Any]:
    """What a model that reads alone has read, and where it speaks."""
    at = None if position is None else position - shown.start
    return {"clipped": stream.clipped, "before": shown.start, "position": at}


def at_depth(question: Question, trace: ForwardTrace, place: Place, queries: slice, keys: slice) -> Packed:
    """The attention of the layers that are looked at."""
    fields, n = question.fields, trace.config.stacks[place].layers
    depth = fields.choice("depth", DEPTHS) if fields.optional_text("depth") else "mean"
    middle = -(-n // 2) - 1
    layers = {"mean": range(n), "first": [0], "middle": [middle], "last": [n - 1]}[depth]
    return mean_of(trace, place, layers, queries, keys)


def entries(tokens: Sequence[Token]) -> list[dict[str, Any]]:
    """Tokens as a frame has them."""
    return payload.tokens(Stream("", tuple(tokens)))


def prediction(question: Question, model: Model, logits: Array | None, own: int | None, pieces: int) -> dict[str, Any]:
    """What a model says by its logits, if it says anything, and of the text's own word there."""
    if logits is None:
        return {"next": None, "own": None}
    distribution, tokenizer = sampling.shape(logits, question.settings), model.tokenizer
    next_token = payload.next_token(logits, distribution, lambda id: payload.entry(tokenizer, id), N_LISTED)
    told: dict[str, Any] | None = {"pieces": pieces} if pieces else None
    if told is not None and own is not None:
        told |= payload.entry(tokenizer, own)
        told |= {"probability": float(distribution.probabilities[own]), "rank": 1 + int((logits > logits[own]).sum())}
    return {"next": next_token, "own": told}


def trio_since(question: Question) -> dict[str, Any]:
    """What has changed in each of the three since the pinned state: by family as `app.asked.pin.between` has it.

    The word that was chosen, and the place in what the T5 wrote, are asked for in both. A family is null where it is
    not installed, or says nothing at that place in one of the two.
    """
    pinned = Fields(question.fields.optional_object("pin"), "pin")
    shared = {name: question.fields.value(name) for name in ("query", "written", "task", "sampling")}
    before = Question(pinned.extended(shared), question.engine)
    return {family: since(family, before, question) for family in READERS}


def since(family: str, before: Question, after: Question) -> dict[str, Any] | None:
    """The same for one family."""
    spoken: list[tuple[Model, Array]] = []
    for question in (before, after):
        part = part_of(question, Gap.read(question), family)
        if part is None or part.logits is None:
            return None
        spoken.append((part.model, part.logits))
    return pin.between(spoken[0], spoken[1], N_LISTED)


READERS = {"gpt": read_left, "bert": read_masked, "t5": read_and_write}
CALLS = (trio_since,)
