"""On paper: bars and tones are printed, nothing is cut, nothing is left to press, and the theme is light."""

from __future__ import annotations

import pytest

from tests.ui.page import Pages

SHEET = 1481
"""Pixels between the margins of an A3 laid across."""
ON_PAPER = """() => {
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
  const page = document.documentElement.clientWidth;
  const cut = shown(".picture canvas, .stage, .candidates li")
    .filter((node) => node.getBoundingClientRect().right > page + 1).map(({ className }) => className);
  const lead = document.querySelector(".exhibit:not([hidden]) .lead").getBoundingClientRect();
  const picture = document.querySelector(".exhibit:not([hidden]) .picture").getBoundingClientRect();
  return {
    cut,
    pressed: shown(
      ".skip, .rail, .tools, .guides, .examples-button, .try, .families, .pinned button, .onward-walk, .leader, .take"
    ).length,
    faint: shown(".bar-fill").filter((bar) => getComputedStyle(bar).printColorAdjust !== "exact").length,
    bars: shown(".bar-fill").length,
    over: lead.bottom > picture.top + 1,
  };
}"""


@pytest.mark.parametrize(
    ("exhibit", "width"), [("machine", 1440), ("machine", 2560), ("attention", 1024), ("trio", 390)]
)
def test_a_sheet_has_all_and_nothing_to_press(open_page: Pages, exhibit: str, width: int):
    page = open_page(width=width, exhibit=exhibit, theme="blueprint", text="The little dog ran")
    page.wait_for_picture_of("The little dog ran")
    page.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.page.evaluate("document.documentElement.dataset.theme") == "paper"
    page.page.emulate_media(media="print")
    page.page.set_viewport_size({"width": SHEET, "height": 1000})
    page.page.wait_for_function(f"() => ({ON_PAPER})().cut.length === 0")  # what hears of the width has been drawn
    seen = page.page.evaluate(ON_PAPER)
    assert (seen["pressed"], seen["faint"], seen["over"]) == (0, 0, False)
    assert seen["bars"] > 0
    page.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.page.evaluate("document.documentElement.dataset.theme") == "blueprint"


def test_the_browser_prints_what_the_page_prepares(open_page: Pages):
    page = open_page(exhibit="machine", text="The little dog ran")
    page.page.evaluate("addEventListener('beforeprint', () => (window.prepared = true))")
    assert page.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert page.page.evaluate("window.prepared")
