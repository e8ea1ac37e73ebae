"""The race as pictures for the README, in both themes, by Plotly in the project's colours.

Above 1, or further right, is slower than ours; ours is gold, and a peer has one colour in all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from model.charts import picture
from model.charts.look import MONO, SANS, THEMES, Theme, colour, template
from tests.bench.picture import FOLDER
from tests.bench.race import field, growth, models
from tests.bench.race.results import in_words
from tests.bench.race.smaller import ENTRIES as SMALLER
from tests.ui import chromium

Rows = Sequence[dict[str, Any]]

ROLES: Mapping[str, str] = {
    "ours": "gold",
    "unfused": "expert-4",
    "by-hand": "residual",
    "transformers": "attention",
    "transformer-lens": "expert-6",
    "nnsight": "expert-2",
    "bertviz": "expert-1",
    "generate": "attention",
    "compiled": "residual",
    "genai": "expert-4",
    "llama": "expert-6",
    "ours-int8": "gold",
    "ours-int4": "gold",
    "genai-int4": "expert-4",
    "llama-int4": "expert-6",
}
TICKS = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)
COLUMNS = 4
WIDTH = 960
ROW = 24
"""Pixels of a row of dots."""


def drawn(told: Mapping[str, Any]) -> dict[str, str]:
    """The pictures by their files' names, of the sections that were raced."""
    makers = {"passes": passes, "decoding": dots, "smaller": dots, "typing": dots, "growth": growing}
    wanted = [(section, theme) for section in makers if told.get(section, {}).get("rows") for theme in THEMES]
    figures = [makers[section](told[section]["rows"], theme) for section, theme in wanted]
    texts = picture.svg(figures, chromium.find()) if figures else []
    return {f"race-{section}-{theme}.svg": text for (section, theme), text in zip(wanted, texts, strict=True)}


def write(told: Mapping[str, Any]) -> None:
    """Writes them."""
    for name, text in drawn(told).items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def passes(rows: Rows, theme: Theme) -> Any:
    """A panel a model: how many times as long as ours, by the tokens, both axes logarithmic."""
    names = [name for name in models.MODELS if any(row["model"] == name for row in rows)]
    n_rows = -(-len(names) // COLUMNS)
    titles = [models.MODELS[name].label for name in names]
    figure = make_subplots(n_rows, COLUMNS, subplot_titles=titles, shared_yaxes=True, vertical_spacing=0.36 / n_rows)
    entries = [entry for entry in field.PASSES if entry.same or entry.name in ROLES]
    seen = [1.0]
    for index, name in enumerate(names):
        at = {"row": index // COLUMNS + 1, "col": index % COLUMNS + 1}
        own = sorted((row for row in rows if row["model"] == name), key=lambda row: row["n_tokens"])
        for entry in entries:
            points = [(row["n_tokens"], row["contestants"].get(entry.name, {}).get("ratio")) for row in own]
            points = [(x, ratio) for x, ratio in points if ratio]
            seen += [ratio[0] for _, ratio in points]
            figure.add_trace(_line(entry.name, points, theme), **at)
        lengths = [row["n_tokens"] for row in own]
        named = [n for n in lengths if 2 * n not in lengths]  # names of neighbours would touch
        figure.update_xaxes(type="log", tickvals=named, ticktext=[f"{n:,}" for n in named], **at)
    figure.update_xaxes(tickangle=0, tickfont_size=11)
    ticks = [tick for tick in TICKS if min(seen) / 2 < tick < max(seen) * 2]
    figure.update_yaxes(type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    _finish(figure, theme, "Times as long as Cutaway, by tokens, for each model", 96 + 230 * n_rows, top=84)
    _legend(figure, entries, theme)
    return figure


def dots(rows: Rows, theme: Theme) -> Any:
    """A panel a row: a dot at each median, a line over the quartiles; what the memory would allow is dashed."""
    labels = {entry.name: entry.label for entry in (*SMALLER, *field.PASSES, *field.DECODING)} | {
        "plain": "Gradio and Plotly"
    }
    present = [[name for name, one in row["contestants"].items() if "ms" in one] for row in rows]
    heights = [len(names) + 0.6 for names in present]
    figure = make_subplots(
        len(rows),
        1,
        row_heights=heights,
        subplot_titles=[title(row) for row in rows],
        vertical_spacing=0.45 / len(rows),
    )
    for index, (row, names) in enumerate(zip(rows, present, strict=True), start=1):
        told = [row["contestants"][name] for name in names]
        medians = [one["ms"] for one in told]
        low, high = zip(*(one["quartiles_ms"] for one in told), strict=True)
        figure.add_trace(
            go.Scatter(
                x=medians,
                y=[labels[name] for name in names],
                mode="markers",
                marker={"size": 10, "color": [colour(ROLES.get(name, "attention"), theme) for name in names]},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [top - middle for top, middle in zip(high, medians, strict=True)],
                    "arrayminus": [middle - bottom for bottom, middle in zip(low, medians, strict=True)],
                    "color": colour("residual", theme),
                    "thickness": 1.5,
                    "width": 5,
                },
            ),
            row=index,
            col=1,
        )
        for name, one in zip(names, told, strict=True):
            number = {"family": MONO, "size": 12, "color": colour("ink", theme)}
            place = {"x": one["quartiles_ms"][1], "y": labels[name], "xshift": 10, "xanchor": "left"}
            figure.add_annotation(text=in_words(one["ms"]), font=number, showarrow=False, **place, row=index, col=1)
        bound = row.get("bound_ms")
        if bound:
            line = {"color": colour("quiet", theme), "width": 1, "dash": "4px,4px"}
            figure.add_vline(x=bound, line=line, row=index, col=1)
        figure.update_xaxes(range=[0, 1.12 * max(high)], row=index, col=1)
    ink = {"family": SANS, "size": 13, "color": colour("ink", theme)}
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont=ink)
    figure.update_xaxes(title_text="milliseconds", row=len(rows), col=1)
    height = int(96 + sum(ROW * one + 60 for one in heights))
    _finish(figure, theme, "Milliseconds by contestant: median and quartiles", height, top=48, left=190)
    return figure


def title(row: Mapping[str, Any]) -> str:
    """What a row is of."""
    label = models.MODELS[row["model"]].label
    return f"{label}, past {row['n_past']}" if row.get("n_past") else f"{label}, {row['n_tokens']} tokens"


def growing(rows: Rows, theme: Theme) -> Any:
    """A panel for each thing that grows: milliseconds and the fitted power, both axes logarithmic."""
    kinds = [kind for kind in (*growth.SIZES, "visitors") if any(row["grows"] == kind for row in rows)]
    figure = make_subplots(1, len(kinds), subplot_titles=kinds)
    found = growth.fits(rows)
    for index, kind in enumerate(kinds, start=1):
        own = sorted((row for row in rows if row["grows"] == kind), key=lambda row: row["size"])
        sizes = [row["size"] for row in own]
        ends: list[float] = []
        for name in ("ours",) if kind == "visitors" else growth.RACING:
            told = [row if kind == "visitors" else row["contestants"][name] for row in own]
            points = [(size, [one["ms"]]) for size, one in zip(sizes, told, strict=True) if "ms" in one]
            figure.add_trace(_line(name, points, theme), row=1, col=index)
            if (kind, name) in found and points:
                ends.append(points[-1][1][0])
                fit = found[kind, name]
                figure.add_annotation(
                    text=f"n<sup>{fit.exponent:.2f}</sup>",
                    name=kind,
                    x=math.log10(points[-1][0]),
                    y=math.log10(ends[-1]),
                    font={"family": MONO, "size": 12, "color": colour("ink", theme)},
                    showarrow=False,
                    row=1,
                    col=index,
                )
        for end in ends:  # the upper line's power stands above its end, the others' below theirs
            above = {"yshift": 14, "xanchor": "right"} if end == max(ends) else {"yshift": -13, "xshift": 14}
            figure.update_annotations(selector={"name": kind, "y": math.log10(end)}, **above)
        figure.update_xaxes(type="log", tickvals=sizes, ticktext=[f"{n:,}" for n in sizes], row=1, col=index)
    figure.update_yaxes(type="log", dtick="D2")
    figure.update_xaxes(tickangle=0)
    _finish(figure, theme, "Milliseconds by what grows, with fitted exponents", 320, top=84)
    _legend(figure, [entry for entry in field.PASSES if entry.name in growth.RACING], theme)
    return figure


def _line(name: str, points: Sequence[tuple[float, Sequence[float]]], theme: Theme) -> Any:
    tint = colour(ROLES[name], theme)
    return go.Scatter(
        x=[x for x, _ in points],
        y=[ratio[0] for _, ratio in points],
        mode="lines+markers",
        line={"color": tint, "width": 2.5 if name == "ours" else 1.5},
        marker={"color": tint, "size": 6},
        cliponaxis=False,
    )


def _finish(figure: Any, theme: Theme, label: str, height: int, top: int, left: int = 56) -> None:
    figure.update_layout(
        template=template(theme),
        meta=label,
        width=WIDTH,
        height=height,
        margin={"l": left, "r": 32, "t": top, "b": 56},
    )
    font = {"family": SANS, "size": 13, "color": colour("quiet", theme)}
    figure.update_annotations(selector=lambda note: note.font.family is None, font=font)


def _legend(figure: Any, entries: Sequence[field.Entry], theme: Theme) -> None:
    """Names behind dots in their colours, in a row above everything."""
    named = [entry for entry in entries if entry.name in ROLES]
    words = "&#160;&#160;&#160;".join(
        f'<span style="color: {colour(ROLES[entry.name], theme)}">●</span>&#160;{entry.label}' for entry in named
    )
    font = {"family": SANS, "size": 13, "color": colour("ink", theme)}
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 44}
    figure.add_annotation(text=words, font=font, showarrow=False, **place)
