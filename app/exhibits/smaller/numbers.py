"""The numbers of a smaller model: what each place of the text loses, what is likeliest, and the measured curves."""

from __future__ import annotations

import numpy as np

from app.asked import table
from app.asked.question import Question
from app.asked.table import Table
from app.exhibits.smaller import setting as settings
from app.exhibits.smaller.divergence import divergence
from export.runtime import shrinking as kept

CURVES = ("at", "bytes", "kl_bits", "same")


def tables(question: Question) -> list[Table]:
    """What the text loses at each of its places, and the curve of bits; nothing where the exhibit does not apply."""
    model = question.model
    if settings.limit(model) or not question.trace.logits.shape[-1]:
        return []
    setting = settings.asked(question)
    bits = divergence(question.untouched_logits, settings.after(question, setting))
    places = table.stream(question.trace, model.config.speaker)
    gone = settings.removed(question.reading.interventions)
    lines = "\n".join(
        [
            "from safetensors.numpy import load_file",
            "from app.exhibits.smaller.divergence import divergence",
            "from app.running.model import logits_of",
            "from app.wire.interventions import Interventions",
            "from export.runtime.session import Session",
            "from model.study import shrinking",
            f"model = engine.model({question.model.name!r})",
            f"setting = shrinking.Setting({setting.bits}, {setting.grain!r}, {setting.zeroed})",
            "weights = shrinking.weights(load_file(model.weights), setting)",
            f"less = Interventions(heads_off={tuple(gone.heads)!r}, mlps_off={tuple(gone.mlps)!r})",
            "smaller = logits_of(Session(model.folder, weights=weights), trace, less)",
            "values = divergence(logits_of(model.session, trace, Interventions()), smaller)",
        ]
    )
    found = [Table("lost", {"place": places}, bits, lines, ("left",))]
    if measured := kept.load(model.folder, kept.FILE):
        for grain, points in measured["bits"].items():
            read = f"shrinking.load(engine.folder({model.name!r}), shrinking.FILE)['bits'][{grain!r}]"
            found.append(
                Table(
                    f"bits_{grain}",
                    {"setting": [str(point[0]) for point in points], "of": list(CURVES)},
                    np.array(points, np.float64),
                    f"from export.runtime import shrinking\nvalues = np.array({read})",
                    ("curves",),
                )
            )
    return found
