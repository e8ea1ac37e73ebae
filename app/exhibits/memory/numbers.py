"""The numbers of the neurons: what each is given, what it gives, and its part of what is added."""

from __future__ import annotations

import numpy as np

from app.asked.question import Question
from app.asked.table import Table
from app.exhibits.memory.frame import looked_at, seen


def tables(question: Question) -> list[Table]:
    """The neurons of the token and the block that are looked at; nothing where they are not taken apart."""
    place, layer, position = looked_at(question)
    try:
        neurons = seen(question, place, layer, position)
    except NotImplementedError:
        return []
    values = np.stack([neurons.before, neurons.activation * neurons.factor * neurons.weight, neurons.shares()])
    factors = dict(question.reading.interventions.factors(place, layer))
    lines = "\n".join(
        [
            f"feed_forward = engine.model({question.model.name!r}).feed_forward",
            f"neurons = feed_forward.neurons(trace, {place!r}, {layer}, {position}{f', {factors}' if factors else ''})",
            "activation = neurons.activation * neurons.factor * neurons.weight",
            "values = np.stack([neurons.before, activation, neurons.shares()])",
        ]
    )
    experts = [""] * len(neurons.index) if neurons.expert is None else [f"E{at + 1}:" for at in neurons.expert]
    names = [f"{expert}{index + 1}" for expert, index in zip(experts, neurons.index, strict=True)]
    return [Table("neurons", {"of": ["before", "activation", "share"], "neuron": names}, values, lines)]
