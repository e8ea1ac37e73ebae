"""The numbers of sampling: what the settings make of every entry of the vocabulary."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table
from model.study import sampling


def tables(question: Question) -> list[Table]:
    """Logit, probability and chance of each entry, the likeliest first; nothing of a model that predicts no token."""
    if not question.predicts:
        return []
    logits, settings, position = question.logits, question.settings, question.position
    shaped = sampling.shape(logits, settings)
    order = sampling.descending(logits)
    values = np.stack([logits[order], shaped.probabilities[order], shaped.chances[order]], axis=-1)
    tokenizer = question.model.tokenizer
    entries = [f"{id}:{tokenizer.text_of(int(id))}" for id in order]
    lines = "\n".join(
        [
            "from model.study import sampling",
            "",
            f"logits = trace.logits[0, {position}]",
            f"shaped = sampling.shape(logits, sampling.{settings!r})",
            "order = sampling.descending(logits)",
            "values = np.stack([logits[order], shaped.probabilities[order], shaped.chances[order]], axis=-1)",
        ]
    )
    return [Table("next_token", {"entry": entries, "what": ["logit", "probability", "chance"]}, values, lines)]
