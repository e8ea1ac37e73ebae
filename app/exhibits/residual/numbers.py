"""The numbers of the residual stream: what the model would say after each layer, of its final favourites."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table
from app.exhibits.residual.frame import N_TOP, places
from model.study import lens, lens_bert, sampling
from model.study.lens_bert import BertLens


def tables(question: Question) -> list[Table]:
    """Logits at each depth, of the likeliest entries at the end; nothing of a model that predicts no token."""
    config, fields = question.model.config, question.fields
    if not config.predicts:
        return []
    query = question.position
    if config.stacks[config.reader].causal:
        last = len(question.trace.logits[0]) - 1
        chosen = fields.optional_integer("query", 0, config.n_ctx - 1)
        query = last if chosen is None else min(chosen, last)
    reader = question.model.lens
    module = lens_bert if isinstance(reader, BertLens) else lens
    ids = [int(id) for id in sampling.likeliest(question.trace.logits[0, query], N_TOP)]
    values = reader.logits(module.streams(question.trace, query))[:, ids]
    name = module.__name__.rpartition(".")[2]
    lines = "\n".join(
        [
            f"from model.study import {name}",
            "",
            f"reader = engine.model({question.model.name!r}).lens",
            f"values = reader.logits({name}.streams(trace, {query}))[:, {ids}]",
        ]
    )
    depths = [":".join(str(part) for part in place.values() if part is not None) for place in places(reader.config)]
    entries = [f"{id}:{question.model.tokenizer.text_of(id)}" for id in ids]
    return [Table("lens_logits", {"depth": depths, "entry": entries}, np.asarray(values), lines)]
