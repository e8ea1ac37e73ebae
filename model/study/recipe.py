"""How long, how fast and on what a model is trained: numbers only, kept beside the checkpoint in `recipe.json`."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FILE = "recipe.json"


@dataclass(frozen=True)
class Recipe:
    """How to train.

    The learning rate follows progress, which is step / steps or elapsed / hours, whichever is further: it rises
    linearly to `lr` in the first `warmup` of the run, then falls by a cosine to `lr * final_lr` at its end. So a run
    that is given `hours` ends annealed on a machine of any speed. Only a run without `hours` repeats bit by bit.
    """

    steps: int
    hours: float | None = None
    """Hours of training, interruptions not counted."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """What moves the weights, as `model.train.optimizers` has it."""
    lr: float = 3e-3
    final_lr: float = 0.01
    warmup: float = 0.02
    weight_decay: float = 0.1
    """On matrices only, not on gains and biases."""
    betas: tuple[float, float] = (0.9, 0.95)
    clip: float = 1.0
    """Largest norm of the whole gradient."""
    batch_tokens: int = 3072
    """Inputs in one batch of one process, padding included."""
    mixed_until: float = 2 / 3
    """The part of the run in which all sources are mixed; then TinyStories alone."""
    label_smoothing: float = 0.0
    balance: float = 0.01
    """Weight of the experts' load-balancing loss (Fedus et al. 2022, section 2.2)."""
    seed: int = 0
    n_held_out: int = 500
    """Stories that are held out."""
    eval_every: int = 500
    """Steps between two measurements of the held-out loss."""

    def progress(self, step: int, seconds: float) -> float:
        """How far a run is, from 0 to 1, after that many steps and seconds."""
        by_time = 0.0 if self.hours is None else seconds / (3600 * self.hours)
        return min(1.0, max(step / self.steps, by_time))

    def lr_at(self, progress: float) -> float:
        """The learning rate at a progress from 0 to 1."""
        if progress < self.warmup:
            return self.lr * progress / self.warmup
        cosine = (1 + math.cos(math.pi * min(1.0, (progress - self.warmup) / (1 - self.warmup)))) / 2
        return self.lr * (self.final_lr + (1 - self.final_lr) * cosine)

    def fixed(self) -> dict[str, Any]:
        """What may not change when a run is resumed: all but how long it lasts and how often it is measured."""
        return {k: v for k, v in dataclasses.asdict(self).items() if k not in {"steps", "hours", "eval_every"}}


def write(recipe: Recipe, workers: int, folder: Path) -> None:
    """Writes `recipe.json`; `workers`: the processes that each took a batch in every step."""
    told = {**dataclasses.asdict(recipe), "workers": workers}
    (folder / FILE).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def read(folder: Path) -> tuple[Recipe, int] | None:
    """The recipe of the checkpoint in a folder, and its processes; None where none lies beside it."""
    path = folder / FILE
    if not path.is_file():
        return None
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    workers = int(told.pop("workers"))
    return Recipe(**{**told, "betas": tuple(told["betas"])}), workers
