"""The pinned state beside the live one: what a person keeps to see a change in text or model as a difference.

A request carries it as `pin: {text, model, interventions}`, or null; a frame then has

    pinned: null, also where one of the two predicts no token, or
                     {likeliest: {id, text, raw, special, probability}: of the pinned state,
                      change: as app.asked.difference has it, from the pinned prediction to the live one; null where the
                              two models' vocabularies differ, so that there is no common list of tokens to compare,
                      before: what the pinned state gave to each of the live one's likeliest entries, in the order of
                              `next.top`; null with `change`}

The prediction of each is read where its own text has it (`app.asked.question`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked import difference
from app.asked.question import Question
from app.running.model import Model
from app.wire import payload
from app.wire.fields import Fields
from model.study import sampling

N_BEFORE = 12
"""How many of the live likeliest entries are looked up: the rows of the column "What comes next"."""


def before(question: Question) -> Question | None:
    """The question that the pinned state asks; None where nothing is pinned."""
    pinned = question.fields.optional_object("pin")
    return None if pinned is None else Question(Fields(pinned, "pin"), question.engine)


def compared(question: Question) -> dict[str, Any] | None:
    """The field `pinned`."""
    then = before(question)
    if then is None or not (then.predicts and question.predicts):
        return None
    return between((then.model, then.logits), (question.model, question.logits), N_BEFORE)


def between(
    before: tuple[Model, NDArray[np.floating]], after: tuple[Model, NDArray[np.floating]], n_before: int
) -> dict[str, Any]:
    """What has changed from one prediction to another.

    Args:
        before: a model, and the logits of its prediction. *Shape:* (d_vocab,).
        after: the same of the live state.
        n_before: how many of the live likeliest entries are looked up in the former prediction.
    """
    (first, logits), (second, now) = before, after
    probabilities = sampling.probabilities_of(logits)
    likeliest = int(logits.argmax())
    told: dict[str, Any] = {
        "likeliest": {**payload.entry(first.tokenizer, likeliest), "probability": float(probabilities[likeliest])},
        "change": None,
        "before": None,
    }
    if first.tokenizer.same_vocabulary(second.tokenizer):
        told["change"] = difference.between(logits, now, lambda id: payload.entry(second.tokenizer, id))
        told["before"] = probabilities[sampling.likeliest(now, n_before)].tolist()
    return told
