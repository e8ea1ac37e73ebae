"""The training run that a checkpoint came of: its recipe and the points of its loss curve, as they lie beside it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from app.wire.payload import Packed
from model.study import points, recipe

N_SCHEDULE = 201
"""At how many places of the run the learning rate is drawn."""


def as_run(folder: Path) -> tuple[dict[str, Any] | None, dict[str, Packed]]:
    """The field `run` of the frame and the array `schedule`; None where nothing of a run lies in the folder.

    {recipe: as in `model.study.recipe`, workers, points: [as in `model.study.points`, with `progress`, and `lr` by the
    recipe where it was not logged], logged: whether rate and clipped steps were}
    """
    found = recipe.read(folder)
    if found is None or not (folder / points.FILE).is_file():
        return None, {}
    how, workers = found
    told = []
    for point in points.read(folder):
        progress = how.progress(point.step, 3600 * point.hours)
        lr = how.lr_at(progress) if point.lr is None else point.lr
        told.append({**dataclasses.asdict(point), "progress": progress, "lr": lr})
    rates = np.array([how.lr_at(at) for at in np.linspace(0, 1, N_SCHEDULE)], np.float32)
    run = {
        "recipe": dataclasses.asdict(how),
        "workers": workers,
        "points": told,
        "logged": all(point["clipped"] is not None for point in told),
    }
    return run, {"schedule": Packed(rates, rates.shape)}
