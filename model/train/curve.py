"""The loss curve of a run: the losses that its points are held against, and its drawing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from model.charts import picture
from model.charts.series import Axis, Chart, Frame, Series, figure
from model.study import points as measured
from model.study.points import Point

BASELINES, DRAWING = "baselines.json", "curve.svg"


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
    made_of = [path for path in (folder / measured.FILE, folder / BASELINES) if path.is_file()]
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
    figures = [figure(chart(measured.read(folder), read_baselines(folder)), Frame()) for folder in runs]
    for folder, drawn in zip(runs, picture.svg(figures), strict=True):
        (folder / DRAWING).write_text(drawn, encoding="utf-8")
