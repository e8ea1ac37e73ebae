"""The numbers of the tokens: the ids of the model's own."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table, labels


def tables(question: Question) -> list[Table]:
    """Each token's id, and the characters of the text that it covers."""
    tokens = question.trace.tokens
    rows = [[token.id, token.start, token.end] for token in tokens]
    lines = "values = np.array([[token.id, token.start, token.end] for token in trace.tokens])"
    return [Table("tokens", {"token": labels(tokens), "what": ["id", "start", "end"]}, np.array(rows), lines)]
