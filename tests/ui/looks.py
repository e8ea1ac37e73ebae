"""How an exhibit looks, kept small: pictures to hold later ones against, and what differs between two.

A reference is a quarter of the page's size, so that how letters are smoothed does not matter, and pictures are compared
square by square, so that a digit more or less does not matter either, while a chart that is gone does.

Usage: python -m tests.ui.looks. Takes all references anew; look at them before you commit them.
"""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from app.exhibits import WALK
from tests.ui import chromium
from tests.ui.server import serve

REFERENCES = Path(__file__).parent / "looks"
TEXT = "The little dog ran to the park because"
WIDTHS = {1440: 900, 390: 844}
"""Widths and heights of the window, in pixels."""
THEMES = ("paper", "blueprint")
SMALLER = 4
SQUARE = 8
"""Pixels of a reference on a side of the squares that are compared: 32 of the page's."""
LOOKS_ALIKE = 12.0
"""The largest difference of two squares, as the mean over their pixels and colours from 0 to 255."""
TRIES = 20


def open_at(browser: Browser, url: str, exhibit: str, width: int, theme: str) -> Page:
    """A page with the exhibit open and its picture there, nothing in motion."""
    page = browser.new_page(viewport={"width": width, "height": WIDTHS[width]}, reduced_motion="reduce")
    page.goto(f"{url}#{urlencode({'exhibit': exhibit, 'theme': theme, 'text': TEXT})}")
    page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=TEXT)
    page.add_style_tag(content=".stopwatch { visibility: hidden }")  # what a clock measures is never twice the same
    return page


def look(page: Page) -> Image.Image:
    """The window, once it looks the same twice and no more answers are on the way; a quarter of its size."""
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    before = page.screenshot(caret="hide")
    for _ in range(TRIES):
        page.wait_for_timeout(150)
        now = page.screenshot(caret="hide")
        if now == before:
            return Image.open(io.BytesIO(now)).convert("RGB").reduce(SMALLER)
        before = now
    raise RuntimeError(f"the page did not come to rest within {TRIES} looks")


def reference(exhibit: str, width: int, theme: str) -> Path:
    """Where the picture of an exhibit is kept."""
    return REFERENCES / f"{exhibit}-{width}-{theme}.png"


def differences(one: Image.Image, other: Image.Image) -> NDArray[np.float64]:
    """The mean difference of colours in each square of two pictures of one size. *Shape:* (row, column)."""
    if one.size != other.size:
        raise ValueError(f"the pictures have {one.size} and {other.size} pixels; take them at one size")
    apart = np.abs(np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)).mean(axis=-1)
    height, width = (size // SQUARE * SQUARE for size in apart.shape)
    squares = apart[:height, :width].reshape(height // SQUARE, SQUARE, width // SQUARE, SQUARE)
    means: NDArray[np.float64] = squares.mean(axis=(1, 3))
    return means


def main() -> None:
    """Takes all references."""
    REFERENCES.mkdir(exist_ok=True)
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for exhibit in WALK:
            for width in WIDTHS:
                for theme in THEMES:
                    page = open_at(browser, url, exhibit, width, theme)
                    look(page).save(reference(exhibit, width, theme), optimize=True)
                    page.close()
        browser.close()


if __name__ == "__main__":
    main()
