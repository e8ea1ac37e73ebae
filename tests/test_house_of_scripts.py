"""The rules of the house for the page's scripts: who may import whom, and what asks nothing of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def scripts(folder: str) -> Iterator[tuple[Path, str]]:
    """Every script below a folder of the page's: where it lies within it, and its code without the comments."""
    for path in sorted((ROOT / "static" / "js" / folder).rglob("*.js")):
        code = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        yield path, code


def imported_scripts(path: Path, code: str) -> Iterator[Path]:
    """The scripts that a script imports."""
    for target in re.findall(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", code):
        yield (path.parent / target).resolve()


def test_no_exhibit_imports_another():
    rooms = ROOT / "static" / "js" / "exhibits"
    across = [
        f"{path.relative_to(ROOT)} imports {target.relative_to(ROOT)}"
        for path, code in scripts("exhibits")
        for target in imported_scripts(path, code)
        if target.is_relative_to(rooms) and target.relative_to(rooms).parts[0] != path.relative_to(rooms).parts[0]
    ]
    assert not across, "what two exhibits use belongs to draw, page or state:\n" + "\n".join(across)


def test_the_drawing_kit_asks_nothing_of_the_page():
    """So that what draws on a canvas of the page draws the same into a figure; what reads the page lives in `page`."""
    kit = ROOT / "static" / "js" / "draw"
    names = "document|window|globalThis|getComputedStyle|matchMedia|devicePixelRatio|performance|requestAnimationFrame"
    asked = re.compile(rf"\b({names})\b")
    asking = [f"{path.name} names {name}" for path, code in scripts("draw") for name in asked.findall(code)]
    outside = [
        f"{path.name} imports {target.relative_to(ROOT)}"
        for path, code in scripts("draw")
        for target in imported_scripts(path, code)
        if not target.is_relative_to(kit)
    ]
    assert not asking + outside, "\n".join(asking + outside)


def test_the_words_of_an_exhibit_stand_apart_from_its_drawing():
    """So that they can be translated: functions that give strings, made of numbers and tokens as text.

    How an exhibit writes its numbers may stand beside its words, in `numbers.js`.
    """
    text = {ROOT / "static" / "js" / name for name in ("format.js", "page/chips.js", "page/words.js")}
    drawing = [
        f"{path.relative_to(ROOT)} imports {target.relative_to(ROOT)}"
        for path, code in scripts("exhibits")
        if path.name == "words.js"
        for target in imported_scripts(path, code)
        if target not in text and target != path.with_name("numbers.js")
    ]
    assert not drawing, "\n".join(drawing)
