"""The page at the widths it is made for, in both themes: nothing cut off, covered, too small, too faint or too wide.

`layout.js` looks at every visible piece of text; canvases are looked at in the tests of their exhibits.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.exhibits import WALK
from tests.ui.page import Pages, Walk

FAULTS = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")
SHORT = "The little dog ran to the park because"
LONG = (
    "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to the door "
    "and waited for his friend Tom. Unbelievable extraordinary circumstances, 你好 and a 👨‍👩‍👧 family. שלום עולם. "
)


@pytest.mark.parametrize("theme", ["paper", "blueprint"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize("exhibit", WALK)
def test_nothing_is_cut_off_covered_small_faint_or_wide(walk: Walk, exhibit: str, width: int, theme: str):
    page = walk(exhibit, SHORT, width, theme=theme)
    for text in (SHORT, LONG, "", "a" * 120) if theme == "paper" else (LONG,):  # the themes differ in colours alone
        page.paste(text)
        faults = page.page.evaluate(FAULTS)
        assert not faults, f"{len(text)} characters:\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ('<p style="font-size: 9px">tiny</p>', '"tiny" is 9 px small'),
        ('<p style="color: #aaa">faint</p>', '"faint" has a contrast of'),
        ('<p style="opacity: 0.4">veiled</p>', '"veiled" has a contrast of'),
        (
            '<p style="width: 3em; overflow: hidden; white-space: nowrap">much too long</p>',
            '"much too long" is cut off',
        ),
        ('<p>one</p><p style="margin-top: -30px">two</p>', '"one" and "two" overlap'),
        ('<p style="width: 2000px">wide</p>', "wider than its window"),
    ],
)
def test_the_eye_that_looks_for_faults_sees_them(browser: Browser, markup: str, fault: str):
    page = browser.new_page()
    page.set_content(f'<body style="background: white; color: black; font-size: 14px">{markup}</body>')
    faults = page.evaluate(FAULTS)
    page.close()
    assert len(faults) == 1, faults
    assert fault in faults[0]


def test_a_word_of_120_letters_that_is_cut_open_is_no_wider_than_a_phone(open_page: Pages):
    page = open_page(width=390, exhibit="tokens", text="a" * 120)
    page.rest()
    assert page.page.evaluate(FAULTS) == []


@pytest.mark.parametrize("exhibit", WALK)
def test_nothing_jumps_while_one_types(walk: Walk, exhibit: str):
    """Headings, the exhibit's parts and the bar stay where they are when a token is added."""
    page = walk(exhibit, SHORT)
    places = """() => [...document.querySelectorAll("h1, h2, .bar, .ribbon, .next, .picture > *")]
        .filter((node) => node.checkVisibility())
        .map((node) => [node.className || node.id || node.tagName, Math.round(node.getBoundingClientRect().top)])"""
    settled = "document.querySelector('.cell.stale') === null || document.querySelector('.cell').offsetParent === null"
    page.rest()
    page.page.wait_for_function(settled)
    before = page.page.evaluate(places)
    page.type(SHORT + " he")
    page.rest()
    page.page.wait_for_function(settled)
    assert page.page.evaluate(places) == before


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_the_column_of_what_comes_next_keeps_its_places_whatever_the_model_says(walk: Walk, width: int):
    """Long or short output, a space at some token's front or at none's, one line of a sentence or two."""
    places = """() => [...document.querySelectorAll(".next > *")].filter((node) => node.checkVisibility())
        .map((node, _, [title]) => [node.classList[0] ?? node.tagName, Math.round(node.offsetTop - title.offsetTop)])"""
    told = []
    for text in ("q", SHORT, "translate English to French: The dog is big and it runs to the park.", "zzz"):
        page = walk("machine", text, width, model="t5")
        told.append(page.page.evaluate(places))
    assert len(told[0]) > 6
    assert told == [told[0]] * 4


@pytest.mark.parametrize("exhibit", ["attention", "experts", "masks"])
def test_a_change_in_prediction_has_no_room_before_there_is_one_and_keeps_it_while_one_types(
    open_page: Pages, exhibit: str
):
    page = open_page(width=1024, exhibit=exhibit, text=SHORT)
    effect = page.exhibit(exhibit).locator("section.effect")
    height = "node => Math.round(node.getBoundingClientRect().height)"
    assert effect.evaluate(height) < 100
    changed = open_page(width=1024, exhibit=exhibit, text=SHORT, heads="text.3.4", off="2.3", mask="window:3")
    effect = changed.exhibit(exhibit).locator("section.effect")
    effect.get_by_text("KL(before").wait_for()
    before = effect.evaluate(height)
    changed.type(SHORT + " he")
    assert effect.evaluate(height) == before


def test_a_narrow_rail_brings_the_open_exhibit_into_sight(open_page: Pages):
    page = open_page(width=390, height=844, exhibit="sampling")
    box = page.page.locator(".rail ol [aria-current]").bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= 390 - box["width"]
