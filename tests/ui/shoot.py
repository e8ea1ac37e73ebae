"""Takes the screenshots that the README shows: every exhibit in both themes, 1440 pixels wide.

Usage: python -m tests.ui.shoot. Writes static/screenshots/<exhibit>-<theme>.png from the real server.
"""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

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


def main() -> None:
    """Shoot all of them."""
    FOLDER.mkdir(exist_ok=True)
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for exhibit in WALK:
            state = {"text": TEXT, **STATES.get(exhibit, {})}
            for theme in ("paper", "blueprint"):
                page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
                page.goto(f"{url}#{urlencode({'exhibit': exhibit, 'theme': theme, **state})}")
                page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=state["text"])
                page.evaluate("document.fonts.ready")
                page.wait_for_load_state("networkidle")
                path = FOLDER / f"{exhibit}-{theme}.png"
                page.screenshot(path=path)
                print(path.relative_to(ROOT))
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
