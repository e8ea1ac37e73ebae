"""All bundled models, one after the other: what is finished is left alone, what was interrupted goes on."""

from __future__ import annotations

from pathlib import Path

import torch

from model.config import PRESETS
from model.study.recipe import Recipe
from model.train import card
from model.train.loop import train
from model.train.plans import PLANS

FILMED = "gpt-rope"
"""The model with a time-lapse: the scheme of most models in use, and small enough to keep eight times more."""
N_SNAPSHOTS = 8


def train_all(data: Path, out: Path) -> None:
    """Trains every preset in a folder of its name below `out`, and writes its card."""
    for name, plan in PLANS.items():
        folder = out / name
        if not is_finished(folder):
            print(f"{name}: training in {folder}")
            train(PRESETS[name], plan.recipe, data, folder, plan.task, N_SNAPSHOTS if name == FILMED else 0)
        written = folder / "CARD.md"
        if not written.exists() or written.stat().st_mtime < (folder / "state.pt").stat().st_mtime:
            print(f"{name}: measuring")
            card.write(name, data, folder)


def is_finished(folder: Path) -> bool:
    """Whether the run in a folder has come to the end that its own command line named, whichever that was."""
    path = folder / "state.pt"
    if not path.exists():
        return False
    state = torch.load(path, map_location="cpu", weights_only=True)
    lasts = Recipe(steps=state["lasts"]["steps"], hours=state["lasts"]["hours"])
    return lasts.progress(state["step"], state["seconds"]) >= 1
