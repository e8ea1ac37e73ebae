"""On large screens all grows, nothing leaves a hole, and the pointer finds what it is on."""

from __future__ import annotations

import pytest

from tests.ui.page import Pages

TEXT = "The little dog ran to the park because"
SIZES = {1600: 900, 1920: 1080, 2560: 1440}
GROWN = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const title = document.querySelector(".exhibit:not([hidden]) h1");
  const plate = box(".exhibit:not([hidden]) .picture > :last-child");
  const next = document.querySelector(".next");
  const edge = next.checkVisibility() ? next.getBoundingClientRect().left : innerWidth;
  return {
    type: title.currentCSSZoom * parseFloat(getComputedStyle(title).fontSize),
    used: (plate.right - box(".exhibit:not([hidden])").left) / (edge - box(".exhibit:not([hidden])").left),
    wide: document.documentElement.scrollWidth - innerWidth,
    rail: box(".rail").bottom - innerHeight,
  };
}"""


@pytest.mark.parametrize("width", SIZES)
def test_type_and_pictures_grow_and_use_the_width(open_page: Pages, width: int):
    page = open_page(width=width, height=SIZES[width], exhibit="attention", text=TEXT)
    for exhibit in ("attention", "trio"):
        page.open(exhibit)
        seen = page.page.evaluate(GROWN)
        assert seen["type"] > 25 * width / 1700
        assert seen["used"] > 0.88
        assert seen["wide"] <= 0
        assert seen["rail"] <= 1


def test_the_pointer_finds_its_cell_on_an_enlarged_page(open_page: Pages):
    page = open_page(width=2560, height=1440, exhibit="attention", text=TEXT)
    canvas = page.exhibit("attention").get_by_role("grid", name="attention matrix").locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    hover = "window.cutaway.store.state.hover"
    seen = []
    for part in (0.35, 0.9):  # along the lower rows of the matrix, from one column to a later one
        page.page.mouse.move(box["x"] + part * box["width"], box["y"] + 0.72 * box["height"])
        page.page.wait_for_function(f"{hover}?.query != null")
        seen.append(page.page.evaluate(hover))
    assert seen[0]["query"] == seen[1]["query"] == 7
    assert seen[0]["key"] == 1
    assert seen[1]["key"] >= 7
