"""The walk through the exhibits: the rail with its stops, the map below it, and the way on at the end of each exhibit.

The map is a plan of the machine without any data. Each exhibit's plate draws in it the part that the exhibit enlarges.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from app.exhibits import CHAPTERS, WALK
from app.exhibits.registry import PLATES

_PIPES = '<path class="pipe" d="M44 46V35M58 46V29M53 67V58M64 17H72M64 29H72"/>'


def rail() -> str:
    """The stops by chapter, and the map for where there is room; both lead to the same exhibits."""
    chapters = "".join(_chapter(title, names) for title, names in CHAPTERS.items() if names)
    parts = "".join(
        f'<a href="#exhibit={name}" tabindex="-1"><title>{name.capitalize()}</title>{drawing}</a>'
        for name in sorted(WALK, key=_lies_above)
        if (drawing := getattr(PLATES[name], "MAP", None))
    )
    counted = f"--stops: {len(WALK)}; --chapters: {chapters.count('<ol')}"
    return f"""<nav class="rail" aria-label="Exhibits" style="{counted}"><div class="stops">{chapters}</div>
    <svg class="map" viewBox="0 0 120 97" aria-hidden="true">{_PIPES}{parts}</svg></nav>"""


def _chapter(title: str, names: Iterable[str]) -> str:
    stops = "".join(f'<li><a href="#exhibit={name}" data-to="{name}">{name.capitalize()}</a></li>' for name in names)
    label = f"chapter-{title.lower()}"
    return f'<p class="chapter" id="{label}">{title}</p><ol aria-labelledby="{label}">{stops}</ol>'


def _lies_above(name: str) -> bool:
    return not getattr(PLATES[name], "MAP_BELOW", False)


def onward(name: str) -> str:
    """The links at the end of an exhibit, to the stop before and to the next."""
    at = WALK.index(name)
    before = WALK[at - 1] if at else None
    after = WALK[at + 1] if at + 1 < len(WALK) else None
    back = f'<a href="#exhibit={before}">← {before.capitalize()}</a>' if before else "<span></span>"
    on = f'<a class="on" href="#exhibit={after}"><b>{escape(PLATES[after].TITLE)}</b> →</a>' if after else ""
    return f'<nav class="onward-walk" aria-label="The walk">{back}{on}</nav>'
