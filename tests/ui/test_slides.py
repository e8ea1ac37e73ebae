"""The slides of a lecture: they can be read from the last row, hold what they show, and the light cuts nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from app.exhibits import WALK
from app.exhibits.registry import STEPS
from app.page.traits import traits
from app.wire.step import Step
from model import config as configs
from model import zoo
from tests.ui.lecture import Lecture

ASKED = (Path(__file__).parent / "slides.js").read_text(encoding="utf-8")
TEXT = "The little dog ran to the park because"
OTHERS = {
    "bert": "The little dog ran to the [MASK] because he wanted to play",
    "t5": "translate English to German: The little dog ran to the park.",
}
"""A text for each family that has steps of its own."""
LEAST_PX = 22
"""The smallest type on a slide of 1920 x 1080."""

OTHERWISE = {"gpt": WALK, "bert": ("machine",), "t5": ("machine", "trio")}
"""Exhibits of which every slide is looked at; of the others, those whose step is not one of a GPT."""


def stops(family: str) -> list[tuple[str, int]]:
    """The slides of a family that are looked at."""
    feed = "experts" if family == "gpt" else "mlp"
    held = traits(configs.load(zoo.CHECKPOINTS / family))

    def has(step: Step) -> bool:
        return family in step.families and step.feed in (None, feed) and (step.trait is None or step.trait in held)

    return [
        (name, at)
        for name in WALK
        for at, step in enumerate(filter(has, STEPS[name]))
        if name in OTHERWISE[family] or "gpt" not in step.families
    ]


STOPS = stops("gpt")


@dataclass(frozen=True)
class Slide:
    """What is seen of a slide: the sizes of the texts on it, in px of the window, and what there is no place for."""

    name: str
    sizes: list[tuple[float, str]]
    over: float
    cut: list[str]
    unseen: list[str]
    half_lit: list[str]


LOOK = "[window.typeSizes(), ...window.leftOver(), window.unseen(), window.halfLit()]"


def looked_at(browser: Browser, url: str, family: str, text: str, walked: Sequence[tuple[str, int]]) -> list[Slide]:
    """Slides, the first of which comes last: what was drawn of the page before it is not on it."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    context.add_init_script(ASKED)
    states = [{"exhibit": name, "model": family, "step": str(at + 1), "text": text} for name, at in walked]
    if family != "gpt":
        order = {"cutaway": "order", "version": 1, "items": [{"link": urlencode(state)} for state in states]}
        context.add_init_script(f"localStorage.setItem('cutaway-order', {json.dumps(json.dumps(order))})")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{url}?view=lecture#{urlencode(states[0])}")
    talk = Lecture(page)
    seen: list[Slide] = []
    talk.at(*walked[0])
    page.evaluate("window.drawn.clear()")
    for exhibit, step in (*walked[1:], walked[0]):
        talk.press("Home" if (exhibit, step) == walked[0] else "ArrowRight")
        talk.at(exhibit, step)
        sizes, over, cut, unseen, half_lit = page.evaluate(LOOK)
        assert len(sizes) > 5
        seen.append(Slide(f"{family} {exhibit} {step + 1}", sizes, over, cut, unseen, half_lit))
        page.evaluate("window.drawn.clear()")
    context.close()
    return seen


@pytest.fixture(scope="module")
def slides(browser: Browser, url: str) -> list[Slide]:
    """Every slide of a GPT, looked at once, and those of the other families that are unlike them."""
    others = [
        slide for family, text in OTHERS.items() for slide in looked_at(browser, url, family, text, stops(family))
    ]
    return [*looked_at(browser, url, "gpt", TEXT, STOPS), *others]


def test_nothing_on_any_slide_is_written_smaller_than_22_px(slides: list[Slide]):
    small = [
        f"{slide.name}: {text} {size:.1f}" for slide in slides for size, text in slide.sizes if size < LEAST_PX - 0.05
    ]
    assert not small, "\n".join(small)


def test_all_that_a_slide_shows_has_a_place_on_it(slides: list[Slide]):
    """None scrolls, nor does a part of it; nothing reaches past its sides, and no word is cut to be larger."""
    over = [f"{slide.name}: {slide.over:.0f} px below" for slide in slides if slide.over > 2]
    cut = [f"{slide.name}: {text} is cut off" for slide in slides for text in slide.cut]
    unseen = [f"{slide.name}: {text} goes on unseen" for slide in slides for text in slide.unseen]
    assert not over + cut + unseen, "\n".join(over + cut + unseen)


def test_the_light_on_a_slide_cuts_through_no_line_of_text(slides: list[Slide]):
    half = [f"{slide.name}: {text}" for slide in slides for text in slide.half_lit]
    assert not half, "\n".join(half)
