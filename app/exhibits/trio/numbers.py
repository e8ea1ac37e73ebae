"""The numbers of the trio: how each of the three reads the same words, as the mean over its heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.asked.question import Question
from app.asked.table import Table, counted, labels
from app.exhibits.trio.frame import chosen
from app.exhibits.trio.gap import Gap
from app.wire.interventions import UNTOUCHED


def tables(question: Question) -> list[Table]:
    """Each layer's mean pattern of the GPT, and of the BERT, which reads its mask in the gap's place."""
    gap, made = Gap.read(question), []
    for family in ("gpt", "bert"):
        found = chosen(question, family)
        if found is None or found[1] != UNTOUCHED:
            continue
        model, text = found[0], gap.text
        if family == "bert" and model.tokenizer.mask_id is not None:
            text = gap.filled(model.tokenizer.text_of(model.tokenizer.mask_id)).text
        trace = question.engine.trace(text, model.name)
        values = np.stack([trace.pattern(layer).mean(axis=0) for layer in range(model.config.n_layers)])
        tokens = labels(trace.tokens)
        lines = (
            f"trace = engine.trace({text!r}, model={model.name!r})\n"
            f"values = np.stack([trace.pattern(layer).mean(axis=0) for layer in range({model.config.n_layers})])"
        )
        axes: dict[str, Sequence[Any]] = {"layer": counted(model.config.n_layers), "query": tokens, "key": tokens}
        made.append(Table(f"mean_pattern_{family}", axes, values, lines))
    return made
