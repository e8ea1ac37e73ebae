"""The colours of charts are those of the page, and no eye takes an expert for a role or for another expert."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.charts.look import COLOURS, THEMES, template

SHEET = Path(__file__).resolve().parents[3] / "static" / "css" / "theme.css"


def test_every_colour_is_the_one_of_its_role_in_the_style_sheet():
    roles = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", SHEET.read_text(encoding="utf-8"))
    page = {role: (paper, blueprint) for role, paper, blueprint in roles}
    assert {role: page.get(role) for role in COLOURS} == COLOURS


def test_a_template_has_the_ground_of_its_theme():
    grounds = [template(theme).layout.paper_bgcolor for theme in THEMES]
    assert grounds == list(COLOURS["paper"])


Colours = NDArray[np.float64]
ROLES = ("query", "key", "value", "attention", "residual", "gold")
VISIONS = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
"""How each kind of eye mixes linear red, green and blue (Machado, Oliveira and Fernandes 2009, severity 1)."""
APART = 0.08
"""In OKLab, where 0.02 is about what one can just tell apart. It was 0.005 in the order of Okabe and Ito."""


def oklab(colours: list[str], vision: Colours) -> Colours:
    """What a kind of eye sees of colours, in even steps (Ottosson 2020). *Shape:* (colour, 3)."""
    srgb = np.array([[int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] for colour in colours])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ vision.T, 0, 1)
    cones = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566]]
    cones.append([0.0883024619, 0.2817188376, 0.6299787005])
    axes = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099]]
    axes.append([0.0259040371, 0.7827717662, -0.8086757660])
    lab: Colours = np.cbrt(seen @ np.array(cones).T) @ np.array(axes).T
    return lab


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES)
def test_an_expert_is_told_from_every_role_and_every_other_expert(theme: str, vision: str):
    found = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", SHEET.read_text(encoding="utf-8"))
    page = {role: colours[THEMES.index(theme)] for role, *colours in found}
    experts = oklab([page[f"expert-{number}"] for number in range(1, 9)], VISIONS[vision])
    roles = oklab([page[role] for role in ROLES], VISIONS[vision])
    for others in (roles, experts):
        distances = np.linalg.norm(experts[:, None] - others, axis=-1)
        assert distances[distances > 0].min() >= APART


HALL = SHEET.with_name("lecture.css")
ROLES_APART = 0.14
"""More than three times as far as the nearest two are for some eye in the themes for a screen."""


def hall(theme: str) -> dict[str, str]:
    """The colours of a theme for a hall."""
    rules = HALL.read_text(encoding="utf-8").partition(f':root[data-theme="{theme}"] {{')[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#\w+);", rules))


def luminance(colour: str) -> float:
    """Relative, as the WCAG has it."""
    srgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("vision", VISIONS)
def test_colour_blind_eyes_tell_all_roles_apart_in_their_theme(vision: str):
    page = hall("colour-blind")
    roles = oklab([page[role] for role in ROLES], VISIONS[vision])
    distances = np.linalg.norm(roles[:, None] - roles, axis=-1)
    assert distances[distances > 0].min() >= ROLES_APART


@pytest.mark.parametrize(("theme", "least"), [("projector", 7.0), ("colour-blind", 4.5)])
def test_words_on_a_projector_have_the_contrast_that_is_asked_for(theme: str, least: float):
    page = hall(theme)
    for ink in ("ink", "quiet", "query-ink", "key-ink", "value-ink", "attention-ink", "gold-ink"):
        for ground in ("paper", "card", "gold-ground"):
            light, dark = sorted((luminance(page[ink]), luminance(page[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= least, f"{ink} on {ground}"
