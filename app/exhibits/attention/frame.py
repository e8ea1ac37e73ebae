"""What the Attention exhibit draws of a pass: every head of one kind of attention, and one cell of it in exact numbers.

A request for the exhibit "attention" also has `kind`: a T5's "encoder", "decoder" or "cross"; of the other families,
which have one kind, it is not read. The arrays of the frame:

    pattern  uint16, in the steps of `app.wire.patterns`, shape [layer, head, query, key]; `half` says that only the
             causal half is in the blob, row q holding keys 0 to q

and its field `change` is that of `app.asked.difference`. A click asks for one *cell*:

    {seq, text, model, interventions, kind, layer, head, query, key}
    -> {..., q, k, dot, scales (whether √d_head divides), scaled, bias (null where the scheme adds none), allowed,
        row: {scores, probabilities}, probability, kv_head, scaling: see `model.study.scaling`}
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked import difference
from app.asked.question import Part, Question
from app.wire.patterns import patterns
from model import taps
from model.config import Place
from model.study import scaling
from model.trace import ForwardTrace

N_TOP = 12


def frame(question: Question) -> Part:
    """All patterns of the kind that is looked at."""
    return Part({"change": difference.from_untouched(question)}, patterns(question.trace, kind(question)))


def kind(question: Question) -> Place:
    """The kind of attention that is looked at."""
    there = tuple(question.model.config.stacks)
    if len(there) == 1:
        return there[0]
    asked = question.fields.choice("kind", there)
    return next(place for place in there if place == asked)


def cell(question: Question) -> dict[str, Any]:
    """One cell in exact numbers, on a click."""
    fields, trace, config, place = question.fields, question.trace, question.model.config, kind(question)
    n_queries, n_keys = trace.pattern(0, place).shape[1:]
    where = {
        "layer": fields.integer("layer", 0, config.stacks[place].layers - 1),
        "head": fields.integer("head", 0, config.n_heads - 1),
        "query": fields.integer("query", 0, n_queries - 1),
        "key": fields.integer("key", 0, n_keys - 1),
    }
    changed = question.reading.interventions.inputs(config, *(len(stream.tokens) for stream in trace.streams.values()))
    mask = changed.get("attention_mask") if place in ("text", "encoder") else None
    return {"text": fields.text("text"), **where, **steps(trace, **where, place=place, mask=mask)}


CALLS = (cell,)


def readable(trace: ForwardTrace, layer: int, place: Place) -> NDArray[np.bool_]:
    """Which key each query may read, by the model's own mask. *Shape:* (query, key)."""
    n_queries, n_keys = trace.pattern(layer, place).shape[1:]
    back = np.arange(n_queries)[:, None] - np.arange(n_keys)
    stack = trace.config.stacks[place]
    if not stack.causal:
        return np.ones_like(back, dtype=np.bool_)
    may: NDArray[np.bool_] = (back >= 0) & (back < (stack.windows[layer] or n_keys))
    return may


def steps(
    trace: ForwardTrace,
    layer: int,
    head: int,
    query: int,
    key: int,
    place: Place = "text",
    mask: NDArray[np.bool_] | None = None,
) -> dict[str, Any]:
    """How one cell of the attention pattern came about, every step recomputed in float64 from the taps.

    scaled = q · k / sqrt(d_head), score = scaled + bias, probability = softmax of the row's scores over the keys that
    the query may attend to (Vaswani et al. 2017, eq. 1); a T5 does not divide. `probability` and `row.probabilities`
    are what the graph itself computed, so that the steps can be held against them. `mask` is what a person laid over
    the model's own. *Shape:* (1, query, key).
    """
    config = trace.config
    q, k, _ = (rows.astype(np.float64) for rows in trace.qkv(layer, head, place))
    dots = q @ k.T
    tap = taps.BIAS.at(place).name(layer)
    bias = trace.taps[tap][0, head].astype(np.float64) if tap in trace.taps else None
    scaled = dots / math.sqrt(config.head_width) if config.scaled_scores else dots
    scores = scaled if bias is None else scaled + bias
    may = readable(trace, layer, place)
    if mask is not None:
        may = may & mask[0]
    probabilities = trace.pattern(layer, place)[head, query]
    row = zip(scores[query].tolist(), may[query].tolist(), strict=True)
    return {
        "q": q[query].tolist(),
        "k": k[key].tolist(),
        "dot": float(dots[query, key]),
        "scales": config.scaled_scores,
        "scaled": float(scaled[query, key]),
        "bias": None if bias is None else float(bias[query, key]),
        "allowed": bool(may[query, key]),
        "row": {
            "scores": [score if allowed else None for score, allowed in row],
            "probabilities": probabilities.tolist(),
        },
        "probability": float(probabilities[key]),
        "kv_head": head // (config.n_heads // config.kv_heads),
        "scaling": scaling.measure(q, k, may, query, scales=config.scaled_scores, bias=bias),
    }
