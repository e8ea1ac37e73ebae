"""Draws what the keystroke benchmark measured, as the README shows it: a row an exhibit, median and 95th percentile.

Usage: python -m tests.bench.picture tests/bench/results/*.json. Each file holds the last line of a run of
`tests/bench/keystroke.py`. Writes static/screenshots/keystroke-<theme>.svg.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from model.charts import picture
from model.charts.look import MONO, SANS, THEMES, Theme, colour, template
from tests.bench.keystroke import LENGTH_OF_ALL
from tests.ui import chromium

FOLDER = Path(__file__).resolve().parents[2] / "static" / "screenshots"
LIMIT_MS = 30
"""The goal for the median."""
KEY = "milliseconds from a key to the painted picture; dot: median, line: to the 95th percentile"
ROW, TOP, BOTTOM = 26, 40, 56
"""Pixels."""


def label(row: dict[str, Any]) -> str:
    """What a row is of."""
    name: str = row["exhibit"]
    return name if row["tokens"] == LENGTH_OF_ALL else f"{name}, {row['tokens']} tokens"


def figure(rows: Sequence[dict[str, Any]], theme: Theme) -> Any:
    """The rows from top to bottom: a dot at the median, a line to the 95th percentile."""
    names = [label(row) for row in rows]
    medians, p95s = ([float(row[what]) for row in rows] for what in ("median_ms", "p95_ms"))
    gold, quiet, residual = (colour(role, theme) for role in ("gold", "quiet", "residual"))
    tail = {"type": "data", "array": [high - low for low, high in zip(medians, p95s, strict=True)]}
    none_below = {"symmetric": False, "arrayminus": [0.0] * len(rows)}
    bars = {**tail, **none_below, "color": residual, "thickness": 1.5, "width": 5}
    dots = go.Scatter(x=medians, y=names, mode="markers", marker={"color": gold, "size": 10}, error_x=bars)
    drawn = go.Figure(dots)
    drawn.update_layout(
        template=template(theme),
        meta="Milliseconds from a key to the painted picture, by exhibit",
        width=720,
        height=TOP + BOTTOM + ROW * len(rows),
        margin={"l": 156, "r": 64, "t": TOP, "b": BOTTOM},
        xaxis={"title_text": KEY, "range": [0, max(*p95s, LIMIT_MS) + 4]},
        yaxis={"autorange": "reversed", "tickfont": {"family": SANS, "size": 13, "color": colour("ink", theme)}},
    )
    drawn.update_yaxes(showgrid=False)
    drawn.add_vline(x=LIMIT_MS, line={"color": quiet, "width": 1, "dash": "4px,4px"})
    beside = {"xanchor": "left", "showarrow": False}
    above = {"y": 1, "yref": "paper", "yanchor": "bottom", "font": {"family": SANS, "size": 13, "color": quiet}}
    drawn.add_annotation(text=f"goal: {LIMIT_MS} ms", x=LIMIT_MS, **above, **beside)
    for name, median in zip(names, medians, strict=True):
        number = {"family": MONO, "size": 12, "color": colour("gold-ink", theme)}
        drawn.add_annotation(
            text=f"{median:.1f}", x=median, y=name, xshift=-9, xanchor="right", font=number, showarrow=False
        )
    return drawn


def main() -> None:
    """Draws both themes."""
    parser = argparse.ArgumentParser(description="Draw what tests/bench/keystroke.py measured.")
    parser.add_argument("files", type=Path, nargs="+", help="the last lines of its runs")
    measured = [row for file in parser.parse_args().files for row in json.loads(file.read_text("utf-8"))["rows"]]
    rows = list({label(row): row for row in reversed(measured)}.values())[::-1]  # the first of those of one label
    drawn = picture.svg([figure(rows, theme) for theme in THEMES], chromium.find())
    for theme, text in zip(THEMES, drawn, strict=True):
        (FOLDER / f"keystroke-{theme}.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
