"""The numbers of a published model: how many parameters each of its parts has."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table
from app.exhibits.relatives.frame import chosen
from model.relatives import parameters


def tables(question: Question) -> list[Table]:
    """The parts of the model that is looked at; nothing where they are not published."""
    model = chosen(question)
    if model.shape is None:
        return []
    parts = parameters.parts(model.shape)
    lines = "\n".join(
        [
            "from model.relatives import parameters, table",
            f"shape = table.load().by_id[{model.id!r}].shape",
            "values = np.array([part.n for part in parameters.parts(shape)])",
        ]
    )
    values = np.array([part.n for part in parts])
    return [Table("parameters", {"part": [part.name for part in parts]}, values, lines)]
