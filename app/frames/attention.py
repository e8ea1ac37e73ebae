"""What the Attention exhibit draws of a pass: every head's pattern, and one cell of it in exact numbers.

The arrays of a frame for the exhibit "attention":

    pattern  uint8, round(255 p), shape [layer, head, query, key]; `half` says that only the causal half is in the blob,
             row q holding keys 0 to q

A click asks for one *cell*:

    {seq, text, model, interventions, layer, head, query, key}
    -> {..., q, k, dot, sqrt_d_head, bias, scaled, allowed, row: {scores, probabilities}, probability, kv_head}
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from app.payload import Packed
from app.question import Part, Question
from model import taps
from model.trace import ForwardTrace

N_TOP = 12


def frame(question: Question) -> Part:
    """All patterns."""
    if question.model.config.family != "gpt":
        return Part(absent="This drawing shows decoders so far; choose a GPT.")
    return Part(arrays=patterns(question.trace))


def cell(question: Question) -> dict[str, Any]:
    """One cell in exact numbers, on a click."""
    fields, trace, config = question.fields, question.trace, question.model.config
    last = len(trace.tokens) - 1
    place = {
        "layer": fields.integer("layer", 0, config.n_layers - 1),
        "head": fields.integer("head", 0, config.n_heads - 1),
        "query": fields.integer("query", 0, last),
        "key": fields.integer("key", 0, last),
    }
    return {"text": fields.text("text"), **place, **steps(trace, **place)}


CALLS = (cell,)


def patterns(trace: ForwardTrace) -> dict[str, Packed]:
    """The attention probabilities of all heads in colour depth: round(255 p) as uint8, causal half only."""
    n_tokens, config = len(trace.tokens), trace.config
    rows, columns = np.tril_indices(n_tokens)
    causal = rows * n_tokens + columns
    halves = np.empty((config.n_layers, config.n_heads, len(causal)), dtype=np.uint8)
    for layer in range(config.n_layers):
        flat = trace.pattern(layer).reshape(config.n_heads, n_tokens * n_tokens)
        halves[layer] = np.rint(255 * flat[:, causal])
    return {"pattern": Packed(halves, (config.n_layers, config.n_heads, n_tokens, n_tokens), half=True)}


def steps(trace: ForwardTrace, layer: int, head: int, query: int, key: int) -> dict[str, Any]:
    """How one cell of the attention pattern came about, every step recomputed in float64 from the taps.

    scaled = q · k / sqrt(d_head), score = scaled + bias, probability = softmax of the row's scores over the keys that
    the query may attend to (Vaswani et al. 2017, eq. 1). `probability` and `row.probabilities` are what the graph
    itself computed, so that the steps can be held against them.
    """
    config = trace.config
    q, k, _ = trace.qkv(layer, head)
    q_row, keys = q[query].astype(np.float64), k.astype(np.float64)
    sqrt_d_head = math.sqrt(config.head_width)
    dots = keys @ q_row
    has_bias = taps.BIAS.name(layer) in trace.taps
    bias = trace.read(taps.BIAS, layer)[head, query].astype(np.float64) if has_bias else np.zeros_like(dots)
    scores = dots / sqrt_d_head + bias
    probabilities = trace.pattern(layer)[head, query]
    return {
        "q": q[query].tolist(),
        "k": k[key].tolist(),
        "dot": float(dots[key]),
        "sqrt_d_head": sqrt_d_head,
        "bias": float(bias[key]),
        "scaled": float(dots[key] / sqrt_d_head),
        "allowed": key <= query,
        "row": {
            "scores": [score if index <= query else None for index, score in enumerate(scores.tolist())],
            "probabilities": probabilities.tolist(),
        },
        "probability": float(probabilities[key]),
        "kv_head": head // (config.n_heads // config.kv_heads),
    }
