"""Makes the faces that the first picture needs out of the whole ones: `python -m tests.ui.faces` writes
`static/fonts/*-first.woff2`.

A first visit from far away waits for the faces: those of the first picture hold the characters that English text and
the page's own words are made of, in the weights that the style sheets ask for. The whole ones, under `unicode-range`,
bring every other character when it is there to be shown.
"""

from __future__ import annotations

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
CHARACTERS = (
    "0020-007E,00A0,00B0-00B3,00B7,00B9,00BD,00D7,00F7,2002-200D,2013-2014,2016,2018-2019,201C-201D,2026,2039-203A,2212"
)
"""As `unicode-range` names them in static/css/theme.css."""
WEIGHTS = (400, 700)
FACES = (
    "inter-latin-wght-normal",
    "jetbrains-mono-latin-wght-normal",
    "source-serif-4-latin-opsz-normal",
    "source-serif-4-latin-wght-italic",
)
FEATURES = ("calt", "ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum")
"""What a browser applies by itself, and tabular figures."""


def first(face: str) -> Path:
    """Where the small one of a face lies."""
    return FONTS / f"{face}-first.woff2"


def make(face: str, to: Path) -> None:
    """Writes the small one of a face."""
    options = subset.Options(flavor="woff2", layout_features=list(FEATURES))
    with TTFont(FONTS / f"{face}.woff2") as font:
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=subset.parse_unicodes(CHARACTERS))
        chosen.subset(font)
        subset.save_font(instancer.instantiateVariableFont(font, {"wght": WEIGHTS}), str(to), options)


def main() -> None:
    """Writes all of them."""
    for face in FACES:
        make(face, first(face))
        print(f"{first(face).name} {first(face).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
