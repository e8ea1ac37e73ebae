"""The loss curve of a run: its points, as a CSV file and as a drawing."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 64, 136, 28, 52
INK, QUIET, HAIRLINE, PAPER = "#1C1B22", "#6A6673", "#D9D5CC", "#FAF8F4"
COLOURS = {"train": "#5B6475", "held-out": "#6B3FD4"}


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


def write(points: list[Point], folder: Path, figure: str) -> None:
    """Writes `curve.csv` and `curve.svg`; `figure` names the last column."""
    with (folder / "curve.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(field.name for field in dataclasses.fields(Point)[:-1]), figure])
        for point in points:
            writer.writerow(
                f"{value:.6g}" if isinstance(value, float) else value for value in dataclasses.astuple(point)
            )
    (folder / "curve.svg").write_text(draw(points), encoding="utf-8")


def read(folder: Path) -> list[Point]:
    """The points in `curve.csv`."""
    with (folder / "curve.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [Point(int(step), int(tokens), *map(float, others)) for step, tokens, *others in rows]


def ticks(low: float, high: float) -> list[float]:
    """Four to ten round numbers that lie between two others."""
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(factor for factor in (5, 2, 1) if (high - low) / (factor * step) >= 4)
    return [round(i * step, 10) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def draw(points: list[Point], baselines: Mapping[str, float] | None = None) -> str:
    """An SVG of loss in nats a token against tokens seen; `baselines` are losses drawn as level lines, by name."""
    baselines = baselines or {}
    lines = {"train": [point.train for point in points], "held-out": [point.held_out for point in points]}
    losses = [*lines["train"], *lines["held-out"], *baselines.values()]
    low, high = min(losses) - 0.1, max(losses) + 0.1
    end = points[-1].tokens

    def x(tokens: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * tokens / end, 1)

    def y(loss: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - loss) / (high - low), 1)

    def label(at_x: float, at_y: float, text: str, colour: str = QUIET, anchor: str = "start") -> str:
        return f'<text x="{at_x}" y="{at_y}" fill="{colour}" text-anchor="{anchor}">{text}</text>'

    right = WIDTH - RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="13" role="img" '
        'font-family="Inter, system-ui, sans-serif" aria-label="Loss against tokens seen">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        label(LEFT, 16, "loss, nats a token"),
        label((LEFT + right) / 2, HEIGHT - 12, "million tokens seen", anchor="middle"),
    ]
    for loss in ticks(low, high):
        parts.append(f'<path d="M{LEFT} {y(loss)}H{right}" stroke="{HAIRLINE}"/>')
        parts.append(label(LEFT - 8, y(loss) + 4, f"{loss:g}", anchor="end"))
    for millions in ticks(0, end / 1e6):
        parts.append(label(x(millions * 1e6), HEIGHT - BOTTOM + 20, f"{millions:g}", anchor="middle"))
    for name, loss in baselines.items():
        parts.append(f'<path d="M{LEFT} {y(loss)}H{right}" stroke="{INK}" stroke-dasharray="4 4"/>')
        parts.append(label(right + 8, y(loss) + 4, f"{name} {loss:.2f}", INK))
    for name, values in lines.items():
        path = "L".join(f"{x(point.tokens)} {y(loss)}" for point, loss in zip(points, values, strict=True))
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        parts.append(label(right + 8, y(values[-1]) + 4, f"{name} {values[-1]:.2f}", COLOURS[name]))
    return "\n".join([*parts, "</svg>"]) + "\n"
