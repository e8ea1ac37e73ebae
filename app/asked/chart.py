"""A chart that was asked for large: its Plotly figure in the theme of the page, and its numbers as a table."""

from __future__ import annotations

import json
from typing import Any

from app.asked.question import Question
from model.charts.look import THEMES, Theme
from model.charts.series import Chart, Frame, figure, table

LARGE = Frame(width=1040, height=600, left=72, right=150, top=104, bottom=104)
"""The room around the axes; the page gives the figure all that a window has."""


def large(question: Question, chart: Chart) -> dict[str, Any]:
    """What `static/js/page/chart.js` shows: {figure, as Plotly reads it, and table, its numbers as CSV}."""
    theme: Theme = next(theme for theme in THEMES if theme == question.fields.choice("theme", THEMES))
    return {"figure": json.loads(figure(chart, LARGE, theme).to_json()), "table": table(chart)}
