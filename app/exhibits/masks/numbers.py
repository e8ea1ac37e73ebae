"""The numbers of the masks: what every head attends to under the mask."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table, counted, stream


def tables(question: Question) -> list[Table]:
    """The patterns under the mask."""
    trace, config = question.trace, question.model.config
    tokens = stream(trace, config.reader)
    return [
        Table(
            "pattern",
            {"layer": counted(config.n_layers), "head": counted(config.n_heads), "query": tokens, "key": tokens},
            np.stack([trace.pattern(layer, config.reader) for layer in range(config.n_layers)]),
            f"values = np.stack([trace.pattern(layer, {config.reader!r}) for layer in range({config.n_layers})])",
        )
    ]
