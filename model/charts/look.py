"""How a chart looks: colours by role in two themes, three faces, hairlines, and nothing of a chart library's default.

The colours are those of `static/css/theme.css`, where a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

Theme = Literal["paper", "blueprint"]
THEMES: tuple[Theme, ...] = get_args(Theme)

SERIF = '"Source Serif 4", "Noto Serif", Georgia, serif'
SANS = "Inter, system-ui, sans-serif"
MONO = '"JetBrains Mono", ui-monospace, "DejaVu Sans Mono", monospace'

COLOURS: Mapping[str, tuple[str, str]] = {
    "paper": ("#faf8f4", "#0f1420"),
    "card": ("#ffffff", "#151c2b"),
    "ink": ("#1c1b22", "#e6e9f0"),
    "quiet": ("#625e6b", "#97a0b1"),
    "hairline": ("#d9d5cc", "#2a3447"),
    "attention": ("#6b3fd4", "#a78bfa"),
    "residual": ("#5b6475", "#8893a8"),
    "gold": ("#c98a00", "#f0b429"),
    "gold-ink": ("#7d5600", "#f5c45a"),
    "gold-ground": ("#fbf1d9", "#332b18"),
    "expert-1": ("#6c352e", "#fdc4b0"),
    "expert-2": ("#7586fd", "#b1e1fa"),
    "expert-3": ("#457fb2", "#4f7b76"),
    "expert-4": ("#53a3b9", "#c8fd77"),
    "expert-5": ("#4c5396", "#364dc3"),
    "expert-6": ("#a6423c", "#676604"),
}
"""By role: on paper, on blueprint."""


def colour(role: str, theme: Theme) -> str:
    """The colour of a role."""
    return COLOURS[role][THEMES.index(theme)]


def template(theme: Theme) -> Any:
    """What every figure of a theme begins with, as a `plotly.graph_objects.layout.Template`."""
    import plotly.graph_objects as go

    quiet, hairline = colour("quiet", theme), colour("hairline", theme)
    axis = {
        "gridcolor": hairline,
        "linecolor": hairline,
        "zeroline": False,
        "tickfont": {"family": MONO, "size": 12, "color": quiet},
        "title": {"font": {"family": SANS, "size": 13, "color": quiet}, "standoff": 12},
        "ticklabelstandoff": 5,
    }
    return go.layout.Template(
        layout={
            "paper_bgcolor": colour("paper", theme),
            "plot_bgcolor": colour("paper", theme),
            "font": {"family": SANS, "size": 13, "color": colour("ink", theme)},
            "title": {
                "font": {"family": SERIF, "size": 22, "color": colour("ink", theme)},
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "pad": {"t": 20},
            },
            "xaxis": {**axis, "showgrid": False, "showline": True},
            "yaxis": axis,
            "showlegend": False,
            "hoverlabel": {
                "bgcolor": colour("card", theme),
                "bordercolor": hairline,
                "font": {"family": MONO, "size": 12, "color": colour("ink", theme)},
            },
        }
    )
