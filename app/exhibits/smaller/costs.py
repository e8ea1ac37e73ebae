"""What each head and each layer costs on this text: each removed once from the model as it is, in a pass of its own.

On a click the browser asks for `part_costs`:

    {seq, text, model, begin}
    -> {begin, total, parts: [{kind, layer, head (null: a whole layer), kl_bits}]}

`kl_bits` is KL(before || after) over the whole vocabulary, the mean over all places of the text; of a T5, of what it
writes. First come all heads, then all layers. An answer holds those from `begin` on that were done within `SLICE_S`,
one at least, and the browser asks on until it has `total`: no visitor holds a place at the server for long.
"""

from __future__ import annotations

import time
from typing import Any

from app.asked.question import Question
from app.exhibits.smaller.divergence import divergence
from app.running import model as running
from app.wire.fields import RequestError
from app.wire.interventions import UNTOUCHED, Interventions
from model.study.shrinking import Removed, heads_of, layer_of, layers_of

SLICE_S = 0.2
"""How long one answer may take, in seconds; the pass that is running then is finished."""


def part_costs(question: Question, _: object) -> dict[str, Any]:
    """The answer above; as many parts as there is time for."""
    started = time.perf_counter()
    model = question.model
    if not question.predicts:
        raise RequestError(f"{model.name} predicts no token, so no part of it is worth anything to one.")
    trace = question.engine.read(question.fields.text("text"), model.name, UNTOUCHED).trace
    parts: list[tuple[dict[str, Any], Removed]] = [
        ({"kind": kind, "layer": layer, "head": head}, Removed([(kind, layer, head)]))
        for kind, layer, head in heads_of(model.config)
    ]
    parts += [
        ({"kind": place, "layer": layer, "head": None}, layer_of(model.config, place, layer))
        for place, layer in layers_of(model.config)
    ]
    begin = question.fields.integer("begin", 0, len(parts) - 1)
    told = []
    for named, part in parts[begin:]:
        less = Interventions(heads_off=tuple(sorted(part.heads)), mlps_off=tuple(sorted(part.mlps)))
        after = running.logits_of(model.session, trace, less)
        told.append({**named, "kl_bits": float(divergence(trace.logits[0], after).mean())})
        if time.perf_counter() - started > SLICE_S:
            break
    return {"begin": begin, "total": len(parts), "parts": told}
