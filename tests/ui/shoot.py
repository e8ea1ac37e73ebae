"""Takes the screenshots that the README shows: every exhibit in both themes, 1440 pixels wide; and the picture by which
a Space is known where links to it are shared.

Usage: python -m tests.ui.shoot [thumbnail]. Writes static/screenshots/<exhibit>-<theme>.png and thumbnail.png from the
real server; with a word behind it, the latter alone.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from app.exhibits import WALK
from tests.ui import chromium
from tests.ui.server import ROOT, serve

FOLDER = ROOT / "static" / "screenshots"
TEXT = "The little dog ran to the park because"
STATES = {
    "tokens": {"text": "An unbelievable naïve café, déjà vu, שלום and 1,234 tokens"},
    "attention": {"layer": "3", "head": "5"},
    "masks": {"mask": "window:4"},
    "residual": {"text": "Tom and Anna went to the park. Tom gave the ball to"},
    "sampling": {"temperature": "0.8", "top_p": "0.9"},
}
"""What an exhibit is shown with, besides the text above."""


THUMBNAIL = FOLDER / "thumbnail.png"
SHARED_AS: ViewportSize = {"width": 1200, "height": 630}
"""Pixels of the picture that other sites show beside a link: 1.91 to 1."""
COLOURS = 64


def main(names: Collection[str] = ()) -> None:
    """Shoot all of them, or the thumbnail alone."""
    FOLDER.mkdir(exist_ok=True)
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for exhibit in () if names else WALK:
            for theme in ("paper", "blueprint"):
                shoot(browser, url, exhibit, theme, FOLDER / f"{exhibit}-{theme}.png", {"width": 1440, "height": 900})
        shoot(browser, url, WALK[0], "paper", THUMBNAIL, SHARED_AS)
        Image.open(THUMBNAIL).convert("RGB").quantize(COLOURS).save(THUMBNAIL, optimize=True)
        browser.close()


def shoot(browser: Browser, url: str, exhibit: str, theme: str, path: Path, size: ViewportSize) -> None:
    """One picture of the page."""
    state = {"text": TEXT, **STATES.get(exhibit, {})}
    page = browser.new_page(viewport=size, reduced_motion="reduce")
    page.goto(f"{url}#{urlencode({'exhibit': exhibit, 'theme': theme, **state})}")
    page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=state["text"])
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    print(path.relative_to(ROOT))
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
