"""What the Training exhibit draws: the model's own objective on the text, the moments of its training, and its run.

A request for the exhibit "training" also has, all of them 0 or null unless given,

    smoothing   per cent of a target that label smoothing spreads evenly over the vocabulary, 0 to 50
    cut         the seed by which a BERT's tokens are chosen and a T5's spans are cut
    predicted   which of the targets is looked at, from 0; null: the one with the largest loss
    moment      which moment of training is looked at, from 0; null: the middle one

Its frame has `training`, of the text as one example (`app.exhibits.training.example`):

    kind        what is asked for: "next", "hidden" or "spans"
    cells       the entries that stand in a row, what is read, of a T5 what is to be written: {id, text, raw, special}
    reads       of a T5, what it reads, likewise; else null
    targets     [{at (in cells), id, text, raw, special: what was to be predicted, probability, guess: the likeliest
                entry with its probability, fate ("masked" | "swapped" | "kept", of a BERT; else null)}]
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
from typing import Any

import numpy as np

from app.asked.question import Part, Question
from app.exhibits.training import example as examples
from app.exhibits.training import through_time
from app.exhibits.training.example import NEXT, Example
from app.exhibits.training.pair import next_sentence
from app.exhibits.training.scored import LOSS_SCALE, LOWEST, pulled, scored
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
NO_GUESSES = "{model} predicts no tokens: it was trained to say something else of each, and that is not shown here."
NO_MOMENTS = "{model} kept no moments of its training."


def frame(question: Question, kept: Kept) -> Part:
    """The fields `training`, `time` and `run`."""
    model = question.model
    if model.config.head not in ("next", "masked"):
        return Part(absent=NO_GUESSES.format(model=model.name))
    example = examples.made(question)
    logits = logits_of(question, example)
    found = scored(logits, example)
    share = (question.fields.optional_integer("smoothing", 0, MOST_SMOOTHING) or 0) / 100
    chosen = _chosen(question, found)
    told, bins = _objective(question, example, logits, found, share, chosen)
    run, arrays = kept.run(model.folder)
    arrays = {**arrays, "nats": _packed(found.smoothed(share)), "bins": _packed(bins)}
    time: dict[str, Any] = {"filmed": kept.filmed(question.engine), "moments": []}
    if logits.size:
        spoken = len(logits) - 1 if example.kind == NEXT else int(example.rows[chosen or 0])
        time, heads = through_time.then(question, kept, example, spoken, logits)
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


def logits_of(question: Question, example: Example) -> Array:
    """What the model says of the example: the pass of the page, where that has read it. *Shape:* (pos, d_vocab)."""
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


def _objective(
    question: Question, example: Example, logits: Array, found: Losses, share: float, chosen: int | None
) -> tuple[dict[str, Any], Array]:
    """The field `training` and the array `bins`."""
    describe, is_t5 = question.describe, example.written is not None
    n = len(found.nats)
    loss = float(found.nats.mean()) if n else None
    gradient, bins = None, np.zeros(0)
    if chosen is not None:
        row = logits[example.rows[chosen]]
        gradient, bins = pulled(question, row, int(example.targets[chosen]), share, n)
    targets = []
    for index in range(n):
        row = logits[example.rows[index]]
        guess, nats = int(found.guess[index]), float(found.nats[index])
        target = int(example.targets[index])
        # p of the guess is p of the target times e to the difference of their logits
        likeliest = min(1.0, math.exp(float(row[guess]) - float(row[target]) - nats))
        targets.append(
            {"at": int(example.at[index]), **describe(target), "probability": math.exp(-nats)}
            | {"guess": {**describe(guess), "probability": likeliest}}
            | {"fate": example.fates[index] if example.fates else None}
        )
    told = {
        "kind": example.kind,
        "cells": [describe(id) for id in example.shown],
        "reads": [describe(id) for id in example.ids.tolist()] if is_t5 else None,
        "targets": targets,
        "loss": loss,
        "smoothed": float(found.smoothed(share).mean()) if n else None,
        "perplexity": None if loss is None else math.exp(min(loss, 700.0)),
        "chosen": chosen,
        "gradient": gradient,
        "lowest": LOWEST,
        "loss_scale": LOSS_SCALE,
        "pair": next_sentence(question),
        "prefixed": question.fields.text("text").startswith(spans.PREFIX.rstrip()) if is_t5 else None,
    }
    return told, bins


def _packed(values: Array) -> Packed:
    return Packed(values.astype(np.float32), values.shape)
