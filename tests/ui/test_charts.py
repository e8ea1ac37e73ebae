"""A chart opens large, on request only: its numbers in Plotly's figure, with the keyboard, in either theme."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from tests.ui.page import CutawayPage, Pages

SENTENCE = "The little dog ran to the park because"


def open_large(open_page: Pages, theme: str = "paper") -> tuple[CutawayPage, Locator]:
    """The memory of the cache, opened with the keyboard."""
    page = open_page(exhibit="cache", text=SENTENCE, theme=theme)
    page.wait_for_picture_of(SENTENCE)
    assert page.page.evaluate("typeof window.Plotly") == "undefined"
    page.exhibit("cache").locator(".memory .open-large").focus()
    page.page.keyboard.press("Enter")
    dialog = page.page.get_by_role("dialog")
    expect(dialog.locator(".main-svg").first).to_be_visible(timeout=30_000)
    expect(dialog.locator(".chart-status")).to_have_text("")
    return page, dialog


def ranges(page: CutawayPage) -> Any:
    """Where the axes of the large chart begin and end."""
    return page.page.evaluate(
        "(({ layout }) => [layout.xaxis.range, layout.yaxis.range])(document.querySelector('.chart-large .plot'))"
    )


def test_the_figure_holds_the_frames_numbers_and_escape_leads_back(open_page: Pages) -> None:
    page, dialog = open_large(open_page)
    cache = page.frame()["cache"]
    x, y = page.page.evaluate("(({ data }) => [data.at(-1).x, data.at(-1).y])(document.querySelector('.plot'))")
    assert (x, [1024 * value for value in y]) == ([cache["n_tokens"]], [cache["n_bytes"]])
    whole = ranges(page)
    dialog.get_by_role("button", name="Zoom in").click()
    (low, high), _ = ranges(page)
    assert high - low == pytest.approx(0.6 * (whole[0][1] - whole[0][0]))
    dialog.get_by_role("button", name="Show all").click()
    assert ranges(page) == whole
    page.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.exhibit("cache").locator(".memory .open-large")).to_be_focused()


def test_the_numbers_and_the_picture_can_be_saved(open_page: Pages) -> None:
    page, dialog = open_large(open_page)
    with page.page.expect_download() as saved:
        dialog.get_by_role("button", name="Save the numbers as CSV").click()
    rows = list(csv.reader(Path(saved.value.path()).read_text(encoding="utf-8").splitlines()))
    assert saved.value.suggested_filename == "cutaway-memory.csv"
    assert rows[0][:2] == ["series", "tokens"]
    assert rows[-1][:2] == ["counted now", str(page.frame()["cache"]["n_tokens"])]
    with page.page.expect_download() as saved:
        dialog.get_by_role("button", name="Save as SVG").click()
    assert "What the cache holds as the text grows" in Path(saved.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["paper", "blueprint"])
def test_the_dialog_is_of_the_theme_and_has_no_grave_fault(open_page: Pages, theme: str) -> None:
    page, dialog = open_large(open_page, theme=theme)
    expect(dialog).to_have_attribute("aria-label", "What the cache holds as the text grows, by tokens")
    ground = {"paper": "rgb(250, 248, 244)", "blueprint": "rgb(15, 20, 32)"}[theme]
    expect(dialog.locator(".main-svg").first).to_have_css("background-color", ground)
    found = Axe().run(page.page).response["violations"]
    assert not [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]


def test_the_clock_and_the_losses_open_with_what_was_measured(open_page: Pages) -> None:
    page = open_page(exhibit="cache", text=SENTENCE)
    page.exhibit("cache").locator(".stopwatch .open-large").click(timeout=60_000)
    dialog = page.page.get_by_role("dialog")
    expect(dialog.locator(".main-svg").first).to_be_visible(timeout=30_000)
    shown = page.page.evaluate("document.querySelector('.plot').data[1].y")
    said = page.exhibit("cache").locator(".with dd").inner_text()
    assert said in [f"{value:.1f} ms" for value in shown]
    dialog.get_by_role("button", name="Close").click()
    page.open("positions").locator(".far .open-large").click(timeout=60_000)
    expect(dialog.locator(".main-svg").first).to_be_visible(timeout=30_000)
    assert "sinusoids" in page.page.evaluate("document.querySelector('.plot').data.map((trace) => trace.name)")
