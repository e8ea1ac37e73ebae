"""The numbers of a smaller model: what each place of the text loses, and the measured curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.asked import table
from app.asked.question import Question
from app.asked.table import Table
from app.exhibits.smaller import setting as settings
from app.exhibits.smaller.divergence import divergence
from export.runtime import shrinking as kept
from model.study.shrinking import Setting

POINT = ("at", "bytes", "kl_bits", "same")
WAYS = {
    "bits_group": ("bits", "group"),
    "bits_row": ("bits", "row"),
    "zeroed": ("zeroed",),
    "heads": ("heads", "points"),
    "layers": ("layers", "points"),
}
"""Where the points of each curve lie in the measured file."""


def tables(question: Question) -> list[Table]:
    """What the text loses at each of its places, and the curves; nothing where the exhibit does not apply."""
    model = question.model
    if settings.limit(model) or not question.predicts:
        return []
    setting = settings.asked(question)
    bits = divergence(settings.before(question), settings.after(question, setting))
    places = table.stream(question.trace, model.config.speaker)
    lines = "\n".join([*_before(question), *_after(question, setting), "values = divergence(before, after)"])
    found = [Table("lost", {"place": places}, bits, lines, ("left",))]
    measured = kept.load(model.folder, kept.FILE)
    for name, path in WAYS.items() if measured else ():
        points: Any = measured
        for part in path:
            points = points[part]
        read = "".join(f"[{part!r}]" for part in path)
        lines = f"values = np.array(shrinking.load(engine.folder({model.name!r}), shrinking.FILE){read})"
        axes = {"setting": [str(point[0]) for point in points], "of": list(POINT)}
        values = np.array(points, np.float64)
        found.append(Table(name, axes, values, f"from export.runtime import shrinking\n{lines}", ("curves",)))
    return found


def _before(question: Question) -> list[str]:
    """What sets `before`, and imports what both need."""
    lines = [
        "from app.exhibits.smaller.divergence import divergence",
        "from app.running.model import logits_of",
        f"model = engine.model({question.model.name!r})",
    ]
    untouched = "logits_of(model.session, trace)" if question.reading.interventions else "trace.logits[0]"
    return [*lines, f"before = {untouched}"]


def _after(question: Question, setting: Setting) -> list[str]:
    """What sets `after`."""
    if not setting:
        return ["after = trace.logits[0]"]
    gone = settings.removed(question.reading.interventions)
    return [
        "from app.wire.interventions import Interventions",
        "from export.runtime.session import Session",
        "from model import stored",
        "from model.study import shrinking",
        f"setting = shrinking.Setting({setting.bits}, {setting.grain!r}, {setting.zeroed})",
        "weights = shrinking.weights(stored.load(model.weights), setting)",
        f"less = Interventions(heads_off={tuple(gone.heads)!r}, mlps_off={tuple(gone.mlps)!r})",
        "after = logits_of(Session(model.folder, weights=weights), trace, less)",
    ]
