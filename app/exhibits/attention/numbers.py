"""The numbers of attention: every head of a kind, the head that is open, and the row that is open in it."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table, counted, stream


def tables(question: Question) -> list[Table]:
    """The patterns of all heads; of one head, its pattern, its queries and its keys."""
    trace, config, fields = question.trace, question.model.config, question.fields
    place = next((name for name in config.stacks if name == fields.value("kind")), config.reader)
    stack = config.stacks[place]
    layer = min(fields.integer("layer", 0, 10**6), stack.layers - 1)
    head = fields.integer("head", 0, config.n_heads - 1)
    queries, keys = stream(trace, stack.asks), stream(trace, stack.reads)
    q, k, _ = trace.qkv(layer, head, place)
    return [
        Table(
            "pattern",
            {"layer": counted(stack.layers), "head": counted(config.n_heads), "query": queries, "key": keys},
            np.stack([trace.pattern(layer, place) for layer in range(stack.layers)]),
            f"values = np.stack([trace.pattern(layer, {place!r}) for layer in range({stack.layers})])",
            ("picture", "atlas"),
        ),
        Table(
            "head_pattern",
            {"query": queries, "key": keys},
            trace.pattern(layer, place)[head],
            f"values = trace.pattern({layer}, {place!r})[{head}]  # layer {layer + 1}, head {head + 1}",
            ("head", "readers"),
        ),
        Table(
            "q",
            {"query": queries, "dimension": list(range(q.shape[-1]))},
            q,
            f"values = trace.qkv({layer}, {head}, {place!r})[0]  # layer {layer + 1}, head {head + 1}",
            ("cell", "why-scale"),
        ),
        Table(
            "k",
            {"key": keys, "dimension": list(range(k.shape[-1]))},
            k,
            f"values = trace.qkv({layer}, {head}, {place!r})[1]",
            ("cell", "why-scale"),
        ),
    ]
