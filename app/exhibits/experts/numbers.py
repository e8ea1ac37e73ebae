"""The numbers of the experts: each token's probability for each of them, before the top k are chosen."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table, counted, labels


def tables(question: Question) -> list[Table]:
    """The routers' probabilities; nothing of a model without experts."""
    trace, config = question.trace, question.model.config
    if config.experts is None:
        return []
    layers = list(config.expert_layers)
    return [
        Table(
            "router",
            {
                "layer": [layer + 1 for layer in layers],
                "token": labels(trace.tokens),
                "expert": counted(config.experts.n_experts),
            },
            np.stack([trace.router(layer) for layer in layers]),
            f"values = np.stack([trace.router(layer) for layer in {layers}])",
        )
    ]
