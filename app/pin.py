"""The pinned state beside the live one: what a person keeps to see a change in text or model as a difference.

A request carries it as `pin: {text, model, interventions}`, or null; a frame then has

    pinned: null, or {likeliest: {id, text, raw, special, probability}: of the pinned state,
                      change: as in app.change, from the pinned prediction to the live one; null where the two models'
                              vocabularies differ, so that there is no common list of tokens to compare}

The prediction of each is read where its own text has it (`app.question`).
"""

from __future__ import annotations

from typing import Any

from app import change, payload
from app.fields import Fields
from app.question import Question
from model import sampling


def compared(question: Question) -> dict[str, Any] | None:
    """The field `pinned`."""
    pinned = question.fields.optional_object("pin")
    if pinned is None:
        return None
    before = Question(Fields(pinned, "pin"), question.engine)
    probabilities = sampling.softmax(before.logits)
    likeliest = int(before.logits.argmax())
    shared = before.model.tokenizer.same_vocabulary(question.model.tokenizer)
    return {
        "likeliest": {
            **payload.entry(before.model.tokenizer, likeliest),
            "probability": float(probabilities[likeliest]),
        },
        "change": change.between(before.logits, question.logits, question.describe) if shared else None,
    }
