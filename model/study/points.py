"""The points of a training run's loss curve, as they lie beside a checkpoint in `curve.csv`.

No torch here. `model.train.loop` measures them, `model.train.curve` draws them.
"""

from __future__ import annotations

import csv
import dataclasses
from dataclasses import dataclass, replace
from pathlib import Path

FILE = "curve.csv"


@dataclass(frozen=True)
class Point:
    """One measurement. Losses are in nats a predicted token."""

    step: int
    tokens: int
    hours: float
    train: float
    """Mean since the point before; over all sources, while they are mixed."""
    held_out: float
    figure: float
    """A second held-out figure; the task names it."""
    lr: float | None = None
    """The learning rate of the last step; None in a run from before it was logged."""
    clipped: int | None = None
    """How many steps since the point before had a gradient longer than the limit, and were shortened to it; None in a
    run from before they were counted."""

    def line(self, figure: str) -> str:
        """The point as a line of a log; `figure` names its second held-out figure."""
        logged = "" if self.lr is None else f"  lr {self.lr:.2e}  clipped {self.clipped}"
        return (
            f"step {self.step}  tokens {self.tokens / 1e6:.2f} M  hours {self.hours:.3f}  train {self.train:.4f}  "
            f"held-out {self.held_out:.4f}  {figure} {self.figure:.4f}{logged}"
        )


def write(points: list[Point], folder: Path, second: str) -> None:
    """Writes `curve.csv`; `second` names the column of the second held-out figure. What was not logged stays empty."""
    names = [field.name for field in dataclasses.fields(Point)]
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([second if name == "figure" else name for name in names])
        for point in points:
            writer.writerow(
                f"{value:.6g}" if isinstance(value, float) else "" if value is None else value
                for value in dataclasses.astuple(point)
            )


def read(folder: Path) -> list[Point]:
    """The points in `curve.csv`; the columns that a run from before they were logged lacks are None."""
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [_point(*row) for row in rows]


def _point(step: str, tokens: str, hours: str, train: str, held_out: str, figure: str, *logged: str) -> Point:
    lr, clipped = logged or ("", "")
    point = Point(int(step), int(tokens), float(hours), float(train), float(held_out), float(figure))
    return replace(point, lr=float(lr) if lr else None, clipped=int(clipped) if clipped else None)
