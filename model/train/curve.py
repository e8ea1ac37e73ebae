"""The loss curve of a run: its points as a CSV file, the losses that they are held against, and their drawing."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from model.charts import picture
from model.charts.series import Axis, Chart, Frame, Series, figure

POINTS, BASELINES, DRAWING = "curve.csv", "baselines.json", "curve.svg"


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

    def line(self, figure: str) -> str:
        """The point as a line of a log; `figure` names its last number."""
        return (
            f"step {self.step}  tokens {self.tokens / 1e6:.2f} M  hours {self.hours:.3f}  train {self.train:.4f}  "
            f"held-out {self.held_out:.4f}  {figure} {self.figure:.4f}"
        )


def write(points: list[Point], folder: Path, second: str) -> None:
    """Writes `curve.csv`; `second` names the last column."""
    with (folder / POINTS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(field.name for field in dataclasses.fields(Point)[:-1]), second])
        for point in points:
            writer.writerow(
                f"{value:.6g}" if isinstance(value, float) else value for value in dataclasses.astuple(point)
            )


def read(folder: Path) -> list[Point]:
    """The points in `curve.csv`."""
    with (folder / POINTS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [Point(int(step), int(tokens), *map(float, others)) for step, tokens, *others in rows]


def write_baselines(baselines: Mapping[str, float], folder: Path) -> None:
    """Writes `baselines.json`: losses in nats a token that the curve is held against, by name."""
    rounded = {name: float(f"{loss:.6g}") for name, loss in baselines.items()}
    (folder / BASELINES).write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")


def read_baselines(folder: Path) -> dict[str, float]:
    """The losses in `baselines.json`; none where the run was not measured, or is held against none."""
    path = folder / BASELINES
    baselines: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return baselines


def chart(points: list[Point], baselines: Mapping[str, float]) -> Chart:
    """Loss in nats a token against tokens seen, with the baselines as level lines."""
    seen = [point.tokens / 1e6 for point in points]
    losses = {"train": [point.train for point in points], "held-out": [point.held_out for point in points]}
    roles = {"train": "residual", "held-out": "attention"}
    level = [
        Series(name, "ink", [0, seen[-1]], [loss, loss], "dashes", f"{name} {loss:.2f}", width=1.25)
        for name, loss in baselines.items()
    ]
    lines = [
        Series(name, roles[name], seen, values, label=f"{name} {values[-1]:.2f}") for name, values in losses.items()
    ]
    return Chart(Axis("million tokens seen", low=0), Axis("loss, nats a token", digits=3), (*level, *lines))


def is_drawn(folder: Path) -> bool:
    """Whether `curve.svg` is there and no older than what it is drawn from."""
    made_of = [path for path in (folder / POINTS, folder / BASELINES) if path.is_file()]
    drawing = folder / DRAWING
    return drawing.is_file() and all(path.stat().st_mtime_ns <= drawing.stat().st_mtime_ns for path in made_of)


def draw(folders: Iterable[Path]) -> None:
    """Draws `curve.svg` in each folder of a run, from its points and the losses that they are held against.

    Raises:
        model.charts.picture.NoBrowserError: nothing here can draw.
    """
    runs = list(folders)
    if not runs:
        return
    figures = [figure(chart(read(folder), read_baselines(folder)), Frame()) for folder in runs]
    for folder, drawn in zip(runs, picture.svg(figures), strict=True):
        (folder / DRAWING).write_text(drawn, encoding="utf-8")
