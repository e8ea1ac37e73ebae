"""The text box never covers what is below it: one row at rest, and the page moves while a text with lines is open."""

from __future__ import annotations

import pytest

from tests.ui.page import CutawayPage, Pages

TEXTS = {
    "a word": "dog",
    "a long line": "the little dog ran to the park " * 9,
    "code": "def area(r):\n\tif r < 0:\n\t\treturn None\n\treturn 3.14159 * r ** 2",
    "an article": "\n\n".join(["The little dog ran to the park because it was happy. " * 4] * 8),
    "line ends only": "\n\n\n",
}
WIDTHS = (1600, 1440, 1024, 800, 390)

OVERLAP = """() => {
  const box = document.querySelector(".bar .sheet .text").getBoundingClientRect();
  const bar = document.querySelector(".bar").getBoundingClientRect();
  const title = document.querySelector(".exhibit:not([hidden]) h1").getBoundingClientRect();
  const [resting, count] = [".resting", ".count"].map((part) => document.querySelector(`.bar ${part}`));
  const past = (lower, upper) => Math.max(0, lower - upper);
  return {
    beyond: past(box.bottom, bar.bottom),
    covered: past(bar.bottom, title.top),
    counted: past(resting.getBoundingClientRect().right, count.getBoundingClientRect().left),
    rows: box.height,
    room: box.width,
  };
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_the_box_covers_nothing(open_page: Pages, width: int):
    page = open_page(width=width, exhibit="experts")
    for name, text in TEXTS.items():
        page.paste(text)
        open_at = assert_clear(page, f"{name}, typed into")
        assert open_at > 60 or len(text) < 200, f"{name}: no line of it is out of sight to the left"
        page.page.evaluate("document.activeElement.blur()")
        page.page.wait_for_timeout(400)
        assert assert_clear(page, f"{name}, at rest") < 50


def assert_clear(page: CutawayPage, when: str) -> float:
    """Checks where the box ends; gives its height."""
    page.page.evaluate("scrollTo(0, 0)")
    at: dict[str, float] = page.page.evaluate(OVERLAP)
    assert at["beyond"] == 0, when
    assert at["covered"] == 0, when
    assert at["room"] > 100, f"{when}: no room for a word"
    assert at["counted"] <= 1, f"{when}: it runs into the number of its tokens"
    return at["rows"]


def test_line_ends_are_marks_at_rest_and_the_carets_line_is_in_sight_while_one_types(open_page: Pages):
    page = open_page(exhibit="experts")
    page.paste(TEXTS["an article"])
    page.page.keyboard.press("ControlOrMeta+End")
    page.page.keyboard.type("!")
    seen, all_of_it = page.box.evaluate("box => [Math.round(box.scrollTop + box.clientHeight), box.scrollHeight]")
    assert seen >= all_of_it - 10
    page.page.evaluate("document.activeElement.blur()")
    page.page.wait_for_timeout(400)
    resting = page.page.locator(".bar .resting")
    assert resting.is_visible()
    assert "↵" in resting.inner_text()
    page.box.click()
    assert resting.is_hidden()


def test_nothing_moves_under_a_pointer_that_is_held_down(open_page: Pages):
    """What takes the focus from an open box may be dragged: the box comes to rest when it is let go."""
    page = open_page(exhibit="attention")
    page.paste(TEXTS["an article"])
    matrix = page.page.get_by_role("grid", name="attention matrix").locator("canvas")
    before = matrix.bounding_box()
    assert before
    page.page.mouse.move(before["x"] + before["width"] - 40, before["y"] + 40)
    page.page.mouse.down()
    page.page.wait_for_timeout(600)
    assert page.page.evaluate("document.activeElement !== document.querySelector('.bar .text')")
    assert matrix.bounding_box() == before
    page.page.mouse.up()
    page.page.wait_for_function("document.querySelector('.bar .text').offsetHeight < 50")
    after = matrix.bounding_box()
    assert after
    assert after["y"] < before["y"]
