"""Takes the screenshots that the README shows: every exhibit in both themes, 1440 pixels wide; and the picture by which
a Space is known where links to it are shared. They are taken as `cutaway shoot` takes a figure, of the whole page.

Usage: python -m tests.ui.shoot [thumbnail]. Writes static/screenshots/<exhibit>-<theme>.png and thumbnail.png from the
real server; with a word behind it, the latter alone.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize

from app.exhibits import WALK
from app.shooting.child import ROOT
from app.shooting.studio import DESK, Studio, studio

FOLDER = ROOT / "static" / "screenshots"
TEXT = "The little dog ran to the park because"
STATES = {
    "tokens": {"text": "An unbelievable naïve café, déjà vu, שלום and 1,234 tokens"},
    "attention": {"layer": "3", "head": "5"},
    "masks": {"mask": "window:4"},
    "memory": {"text": "The little girl had no idea what to do. She did not", "layer": "6"},
    "residual": {"text": "Tom and Anna went to the park. Tom gave the ball to"},
    "smaller": {"text": "Once upon a time there was a little girl named Lily. She", "bits": "4", "grain": "row"},
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
    with studio() as room:
        for exhibit in () if names else WALK:
            for theme in ("paper", "blueprint"):
                shoot(room, exhibit, theme, FOLDER / f"{exhibit}-{theme}.png", DESK)
        shoot(room, WALK[0], "paper", THUMBNAIL, SHARED_AS)
        Image.open(THUMBNAIL).convert("RGB").quantize(COLOURS).save(THUMBNAIL, optimize=True)


def shoot(room: Studio, exhibit: str, theme: str, path: Path, size: ViewportSize) -> None:
    """One picture of the page."""
    state = {"exhibit": exhibit, "theme": theme, "text": TEXT, **STATES.get(exhibit, {})}
    with room.shown(state, size) as shown:
        shown.page.screenshot(path=path)
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
