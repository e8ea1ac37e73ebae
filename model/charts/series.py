"""What a chart of measured series holds, the Plotly figure of it, and its table.

A label stands at the end of the line that it names, so there is no legend; where words in the line's colour would be
hard to read, a dot in it stands before words in ink. Names may hold anything: Plotly reads its labels as HTML of a
kind, and so they are escaped.
"""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from model.charts.look import SANS, Theme, colour, template

LABEL = 17
"""Pixels from one label to the next, at least."""
LEGIBLE = ("ink", "quiet", "residual", "attention")
"""Roles whose colours words can be read in on either ground."""
CAPTION = 130
"""Characters in a line of the caption."""


@dataclass(frozen=True)
class Series:
    """One line, or one row of dots."""

    name: str
    role: str
    """Of the colour, as `model.charts.look.COLOURS` has it."""
    x: Sequence[float]
    y: Sequence[float]
    drawn: Literal["line", "dashes", "dots", "rings"] = "line"
    label: str | None = None
    """What stands at its end; nothing unless given."""
    width: float = 2

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y) or not self.x:
            raise ValueError(f"{self.name} has {len(self.x)} places and {len(self.y)} values; give as many, and some")


@dataclass(frozen=True)
class Axis:
    """What an axis counts."""

    name: str
    low: float | None = None
    high: float | None = None
    """Where it begins and ends; as its values do unless given."""
    unit: str = ""
    """What follows a number under the pointer."""
    digits: int = 2
    """Of that number, after the point."""


@dataclass(frozen=True)
class Span:
    """A part of the x axis that is marked, such as the trained length."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Chart:
    """Series on common axes."""

    x: Axis
    y: Axis
    series: tuple[Series, ...]
    title: str = ""
    caption: str = ""
    """What was measured, on what; below the axes."""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Frame:
    """The size of a figure and the room around its axes, in pixels."""

    width: int = 720
    height: int = 400
    left: int = 64
    right: int = 148
    top: int = 24
    bottom: int = 56

    @property
    def inner(self) -> int:
        """The height of what lies between the axes' ends."""
        return self.height - self.top - self.bottom


def figure(chart: Chart, frame: Frame, theme: Theme = "paper") -> Any:
    """The chart as a `plotly.graph_objects.Figure` that says its numbers under the pointer."""
    import plotly.graph_objects as go

    bounds = {"x": _bounds(chart.x, [at for one in chart.series for at in one.x], room=0)}
    bounds["y"] = _bounds(chart.y, [value for one in chart.series for value in one.y], room=0.06)
    drawn = go.Figure([_trace(one, chart.y, theme) for one in chart.series])
    drawn.update_layout(
        template=template(theme),
        title_text=escape(chart.title, quote=False),
        meta=f"{chart.title or chart.y.name}, by {chart.x.name}",
        width=frame.width,
        height=frame.height,
        margin={"l": frame.left, "r": frame.right, "t": frame.top, "b": frame.bottom},
        hovermode="x unified",
        xaxis={
            "title_text": escape(chart.x.name, quote=False),
            "range": bounds["x"],
            "hoverformat": f",.{chart.x.digits}f",
        },
        yaxis={"range": bounds["y"]},
    )
    for span in chart.spans:
        drawn.add_vrect(x0=span.low, x1=span.high, fillcolor=colour("gold-ground", theme), line_width=0, layer="below")
        _write(drawn, span.name, "gold-ink", theme, x=span.low, y=1, yref="paper", yanchor="top", xshift=4, yshift=-2)
    _write(drawn, chart.y.name, "quiet", theme, x=0, xref="paper", y=1, yref="paper", yanchor="bottom", yshift=4)
    low, high = bounds["y"]
    ends = [one for one in chart.series if one.label is not None]
    shifts = apart([frame.inner * (one.y[-1] - low) / (high - low) for one in ends])
    for one, shift in zip(ends, shifts, strict=True):
        place: dict[str, Any] = {"x": 1, "xref": "paper", "y": one.y[-1], "xshift": 8, "yshift": shift}
        legible = one.role in LEGIBLE
        dot = "" if legible else f'<span style="color: {colour(one.role, theme)}">●</span> '
        _write(drawn, one.label or "", one.role if legible else "ink", theme, before=dot, **place)
    if chart.caption:
        place = {"x": 0, "xref": "paper", "y": 0, "yref": "paper", "yanchor": "top", "yshift": -52}
        _write(drawn, textwrap.fill(chart.caption, CAPTION), "quiet", theme, **place)
    return drawn


def table(chart: Chart) -> str:
    """The numbers as CSV, a line for each: the series, the place on the x axis, the value."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["series", chart.x.name, chart.y.name])
    for one in chart.series:
        writer.writerows((one.name, *point) for point in zip(one.x, one.y, strict=True))
    return file.getvalue()


def _trace(one: Series, y: Axis, theme: Theme) -> Any:
    import plotly.graph_objects as go

    tint = colour(one.role, theme)
    marked = one.drawn in ("dots", "rings")
    return go.Scatter(
        x=list(one.x),
        y=list(one.y),
        name=escape(one.name, quote=False),
        mode="markers" if marked else "lines",
        line={
            "color": tint,
            "width": one.width,
            "dash": "4px,4px" if one.drawn == "dashes" else "solid",
            "simplify": False,
        },
        marker={"color": tint, "size": 8, "symbol": "circle-open" if one.drawn == "rings" else "circle"},
        hovertemplate=f"%{{y:,.{y.digits}f}}{escape(y.unit, quote=False)}",
        cliponaxis=False,
    )


def _bounds(axis: Axis, values: Sequence[float], room: float) -> list[float]:
    """Where an axis begins and ends: where it is told to, else a little beyond its values."""
    low, high = min(values), max(values)
    beyond = room * ((high - low) or 1)
    return [low - beyond if axis.low is None else axis.low, high + beyond if axis.high is None else axis.high]


def _write(drawn: Any, text: str, role: str, theme: Theme, before: str = "", **place: Any) -> None:
    """Puts words at a place, beginning there; `before` is markup that comes first."""
    font = {"family": SANS, "size": 13, "color": colour(role, theme)}
    lines = "<br>".join(escape(line, quote=False) for line in text.splitlines())
    drawn.add_annotation(
        text=before + lines, showarrow=False, font=font, **{"xanchor": "left", "align": "left", **place}
    )


def apart(heights: Sequence[float]) -> list[float]:
    """How far labels at some heights, in pixels, must move so that each is `LABEL` pixels or more from the next.

    Those that would touch move as one, about the middle of where they belong.
    """
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    groups: list[list[int]] = []
    for index in order:
        groups.append([index])
        while len(groups) > 1 and _lowest(groups[-1], heights) < _highest(groups[-2], heights) + LABEL:
            groups[-2:] = [groups[-2] + groups[-1]]
    moved = [0.0] * len(heights)
    for group in groups:
        for place, index in enumerate(group):
            moved[index] = round(_lowest(group, heights) + place * LABEL - heights[index], 1)
    return moved


def _lowest(group: Sequence[int], heights: Sequence[float]) -> float:
    middle = sum(heights[index] for index in group) / len(group)
    return middle - LABEL * (len(group) - 1) / 2


def _highest(group: Sequence[int], heights: Sequence[float]) -> float:
    return _lowest(group, heights) + LABEL * (len(group) - 1)
