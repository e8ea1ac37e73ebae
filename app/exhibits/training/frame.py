"""What the Training exhibit draws: the model's own objective on the text, the moments of its training, and its run.

A request for the exhibit "training" also has, all of them 0 or null unless given,

    smoothing   per cent of a target that label smoothing spreads evenly over the vocabulary, 0 to 50
    cut         the seed by which a BERT's tokens are chosen and a T5's spans are cut
    predicted   which of the targets is looked at, from 0; null: the one with the largest loss
    moment      which moment of training is looked at, from 0; null: the middle one

Its frame has `training`, of the text as one example (`app.exhibits.training.example`):

    kind        what is asked for: "next", "hidden" or "spans"
    cells       the entries that stand in a row, what is read, of a T5 what is to be written: {id}
    reads       of a T5, what it reads, likewise; else null
    targets     [{at (in cells), id: what was to be predicted, probability, guess: the likeliest entry, {id,
                probability}, fate ("masked" | "swapped" | "kept", of a BERT; else null)}]
    entries     {id: {id, text, raw, special}} of all of these
    loss, smoothed, perplexity   the mean in nats, the same with smoothing, e to the power of the first; null without
                targets
    chosen      which target is looked at, or null
    gradient    its logits' gradient, or null: {rows: [{id, text, raw, special, probability, slope}], the target first;
                rest: {n, slope, probability} of all others; kept: {float16, scaled, bfloat16: {entries, size}}, what
                each format rounds to zero (`model.study.objective.Flushed`), `scaled` with the loss times `loss_scale`}
    loss_scale  a power of 2
    pair        see `app.exhibits.training.pair`
    prefixed    of a T5, whether the text begins with the prefix of its gaps; else null

    `time`      {filmed: models that have moments, moments: [{step, tokens, held_out}], none where the model has none;
                and of the one that is looked at `at`, loss and end: mean nats then and now, then, now: what comes next,
                [{id, text, raw, special, probability}], heads: {largest, block}, as in `app.wire.thumbnails`}
    `run`       see `app.exhibits.training.as_run`; null where the checkpoint says nothing of it

and the arrays `nats` float32 [target], each target's loss, smoothed; `bins` float32 [bin], how many magnitudes of the
gradient lie in each quarter of a power of ten from `lowest`; `schedule` float32 [place of the run], its learning rate;
`pattern_then` and `pattern_end`, all heads in small.

    *moment*    {seq, text, model, cut, moment} -> {moment, loss, induction: {scores [layer][head], even, first,
                second}, or null}
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from app.asked.question import Part, Question
from app.exhibits.training import example as examples
from app.exhibits.training import through_time
from app.exhibits.training.example import NEXT, Example
from app.exhibits.training.pair import next_sentence
from app.exhibits.training.scored import LOSS_SCALE, LOWEST, pulled, scored, scored_next
from app.exhibits.training.through_time import Kept
from app.wire.fields import RequestError
from app.wire.payload import Packed
from model.study import spans
from model.study.objective import Losses
from model.trace import Array

N_TOP = 12
KEEPS = Kept
MOST = 10**6
MOST_SMOOTHING = 50
NO_MOMENTS = "{model} kept no moments of its training."


def frame(question: Question, kept: Kept) -> Part:
    """The fields `training`, `time` and `run`."""
    model = question.model
    if not model.config.predicts:
        return Part(absent=question.unsaid)
    if why := examples.untold(question):
        return Part(absent=why)
    example = examples.made(question)
    found, row_of = scored_in(question, example)
    share = (question.fields.optional_integer("smoothing", 0, MOST_SMOOTHING) or 0) / 100
    chosen = _chosen(question, found)
    gradient, bins = None, np.zeros(0)
    if chosen is not None:
        row, target = row_of(int(example.rows[chosen])), int(example.targets[chosen])
        gradient, bins = pulled(question, row, target, share, len(found.nats))
    told = _objective(question, example, found, share) | {"chosen": chosen, "gradient": gradient}
    run, arrays = kept.run(model.folder)
    arrays = {**arrays, "nats": _packed(found.smoothed(share)), "bins": _packed(bins)}
    time: dict[str, Any] = {"filmed": kept.filmed(question.engine), "moments": []}
    if example.kind == NEXT or len(example.targets):
        spoken = len(example.ids) - 1 if example.kind == NEXT else int(example.rows[chosen or 0])
        time, heads = through_time.then(question, kept, example, spoken, told["loss"])
        arrays |= heads
    return Part({"training": told, "time": time, "run": run}, arrays)


def moment(question: Question, kept: Kept) -> dict[str, Any]:
    """What the chart over all moments has of one. Raises RequestError where the model has no such moment."""
    lapse = kept.lapse(question.model.folder)
    if lapse is None:
        raise RequestError(NO_MOMENTS.format(model=question.model.name))
    at = question.fields.integer("moment", 0, len(lapse.moments) - 1)
    return {"moment": at, **through_time.at_moment(question, kept, examples.made(question), at)}


CALLS = (moment,)


def scored_in(question: Question, example: Example) -> tuple[Losses, Callable[[int], Array]]:
    """The losses of all targets, and the logits by their row."""
    if example.kind == NEXT:  # the pass of the page has read it
        return scored_next(question.trace, example), question.trace.logits_at
    logits = logits_of(question, example)
    return scored(logits, example), logits.__getitem__


def logits_of(question: Question, example: Example) -> Array:
    """What the model says of the example. *Shape:* (pos, d_vocab)."""
    if example.kind == NEXT:
        own: Array = question.trace.logits[0]
        return own
    if not len(example.targets):
        return np.zeros((0, question.model.config.d_vocab), np.float32)
    read: Array = example.run(question.model.session).logits[0]
    return read


def _chosen(question: Question, found: Losses) -> int | None:
    """Which target is looked at."""
    n = len(found.nats)
    wanted = question.fields.optional_integer("predicted", 0, MOST)
    if not n:
        return None
    return int(found.nats.argmax()) if wanted is None else min(wanted, n - 1)


def _objective(question: Question, example: Example, found: Losses, share: float) -> dict[str, Any]:
    """The field `training`, but for the target that is looked at."""
    is_t5, n = example.written is not None, len(found.nats)
    loss = float(found.nats.mean()) if n else None
    chances, guesses = np.exp(-found.nats).tolist(), np.exp(-found.guessed).tolist()
    reads = example.ids.tolist() if is_t5 else []
    targets = [
        {"at": int(example.at[index]), "id": int(example.targets[index]), "probability": chances[index]}
        | {"guess": {"id": int(found.guess[index]), "probability": guesses[index]}}
        | {"fate": example.fates[index] if example.fates else None}
        for index in range(n)
    ]
    ids = {*example.shown, *reads, *example.targets.tolist(), *found.guess.tolist()}
    return {
        "kind": example.kind,
        "cells": [{"id": id} for id in example.shown],
        "reads": [{"id": id} for id in reads] if is_t5 else None,
        "targets": targets,
        "entries": {id: question.describe(id) for id in ids},
        "loss": loss,
        "smoothed": float(found.smoothed(share).mean()) if n else None,
        "perplexity": None if loss is None else math.exp(min(loss, 700.0)),
        "lowest": LOWEST,
        "loss_scale": LOSS_SCALE,
        "pair": next_sentence(question),
        "prefixed": question.fields.text("text").startswith(spans.PREFIX.rstrip()) if is_t5 else None,
    }


def _packed(values: Array) -> Packed:
    return Packed(values.astype(np.float32), values.shape)
