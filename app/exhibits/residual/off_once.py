"""What each head and each feed-forward part is worth to one prediction: each switched off once, in a pass of its own.

On a click the browser asks for `off_once`, with the fields `query`, `target` and `against` as the frame told them:

    {seq, text, model, interventions, query, target, against, by ("zero" | "mean"), begin}
    -> {begin, total, parts: [{kind, layer, head (null: the MLP or the experts), kl_bits, change}]}

`kl_bits` is KL(before || after) over the whole vocabulary after the token `query`; `change` is what the target's logit,
less that of `against` unless that is null, gains. "Before" is the model with the changes that it has already, over the
same tokens. The parts have one order; an answer holds those from `begin` on that were done within `SLICE_S`, one at
least, and the browser asks on until it has `total`. So no visitor holds a place at the server for long.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from app.asked.question import Question, means_of
from app.exhibits.residual.subject import worth
from app.running import model as running
from app.wire.fields import OFF_BY, RequestError
from app.wire.interventions import Interventions
from model.config import Config, Place
from model.study import sampling

SLICE_S = 0.5
"""How long one answer may take, in seconds; the pass that is running then is finished."""

Part = tuple[Place, int, int | None]


def parts_of(config: Config) -> list[Part]:
    """Every head and every feed-forward part of a model, layer by layer: (kind, layer, head or None)."""
    parts: list[Part] = []
    for kind, stack in config.stacks.items():
        for layer in range(stack.layers):
            parts += [(kind, layer, head) for head in range(config.n_heads)]
            parts += [(kind, layer, None)] if kind != "cross" else []
    return parts


def without(interventions: Interventions, part: Part) -> Interventions:
    """The changes, and one more part off."""
    kind, layer, head = part
    if head is None:
        return dataclasses.replace(interventions, mlps_off=tuple(sorted({*interventions.mlps_off, (kind, layer)})))
    return dataclasses.replace(interventions, heads_off=tuple(sorted({*interventions.heads_off, (kind, layer, head)})))


def off_once(question: Question) -> dict[str, Any]:
    """The answer above; as many parts as there is time for."""
    started = time.perf_counter()
    fields, reading, config = question.fields, question.reading, question.model.config
    if not question.predicts:
        raise RequestError(f"{question.model.name} predicts no token, so no part is worth anything to one.")
    query = fields.integer("query", 0, len(reading.trace.logits[0]) - 1)
    target = fields.integer("target", 0, config.d_vocab - 1)
    against = fields.optional_integer("against", 0, config.d_vocab - 1)
    parts = parts_of(config)
    begin = fields.integer("begin", 0, len(parts) - 1)
    changed = by(question, fields.choice("by", OFF_BY))
    graph = running.tapped(question.model, changed)
    before, told = reading.trace.logits[0, query], []
    for part in parts[begin:]:
        kind, layer, head = part
        less = without(changed, part)
        after = before if less == changed else running.logits_of(graph, reading.trace, less)[query]
        change = worth(after, target, against) - worth(before, target, against)
        told.append(
            {"kind": kind, "layer": layer, "head": head}
            | {"kl_bits": sampling.kl_bits(before, after), "change": change}
        )
        if time.perf_counter() - started > SLICE_S:
            break
    return {"begin": begin, "total": len(parts), "parts": told}


def by(question: Question, how: str) -> Interventions:
    """The changes that the model has already, with what stands in for a part that goes off.

    Raises:
        RequestError: other parts are off already, and something else stands in for them.
    """
    has = question.reading.interventions
    if (has.heads_off or has.mlps_off) and has.by_mean != (how == "mean"):
        raise RequestError(f"by is {how!r}, but parts are off already by another; switch them on, or off alike.")
    return dataclasses.replace(has, by_mean=True, means=means_of(question.model)) if how == "mean" else has
