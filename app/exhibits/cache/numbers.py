"""The numbers of the cache: the keys and the values that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.asked.question import Question
from app.asked.table import Table, counted, stream
from model.config import Place


def tables(question: Question) -> list[Table]:
    """What is kept of the stack that writes; nothing of a model that keeps nothing."""
    trace, config = question.trace, question.model.config
    place: Place = config.speaker
    stack = config.stacks[place]
    if not stack.causal:
        return []
    made = []
    for at, name in enumerate(("keys", "values")):
        held = np.stack([trace.cache(layer, place)[at] for layer in range(stack.layers)])
        axes: dict[str, Sequence[Any]] = {
            "layer": counted(stack.layers),
            "token": stream(trace, place),
            "kv_head": counted(held.shape[2]),
            "dimension": list(range(held.shape[3])),
        }
        lines = f"values = np.stack([trace.cache(layer, {place!r})[{at}] for layer in range({stack.layers})])"
        made.append(Table(f"cache_{name}", axes, held, lines))
    return made
