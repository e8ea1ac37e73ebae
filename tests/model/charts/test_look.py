"""The colours of charts are those of the page."""

from __future__ import annotations

import re
from pathlib import Path

from model.charts.look import COLOURS, THEMES, template

SHEET = Path(__file__).resolve().parents[3] / "static" / "css" / "theme.css"


def test_every_colour_is_the_one_of_its_role_in_the_style_sheet():
    roles = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", SHEET.read_text(encoding="utf-8"))
    page = {role: (paper, blueprint) for role, paper, blueprint in roles}
    assert {role: page.get(role) for role in COLOURS} == COLOURS


def test_a_template_has_the_ground_of_its_theme():
    grounds = [template(theme).layout.paper_bgcolor for theme in THEMES]
    assert grounds == list(COLOURS["paper"])
