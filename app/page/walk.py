"""The walk through the exhibits: the rail with its stops, the map below it, and the way on at the end of each exhibit.

The map is a plan of the machine without any data: where the part stands that an exhibit enlarges.
"""

from __future__ import annotations

from html import escape

from app.exhibits import WALK
from app.exhibits.registry import PLATES

_STREAM = "M18 46H94M18 52H94M18 58H94"
_PLAN: dict[str, str] = {
    "machine": '<rect x="1" y="1" width="118" height="78" rx="5"/>',
    "residual": f'<path class="broad" d="{_STREAM}"/>',
    "tokens": '<rect x="6" y="43" width="9" height="5" rx="1"/><rect x="6" y="49.5" width="9" height="5" rx="1"/>'
    '<rect x="6" y="56" width="9" height="5" rx="1"/>',
    "positions": '<circle cx="25" cy="52" r="5.5"/><path class="mark" d="M25 52V48.2M25 52L27.6 53.6"/>',
    "attention": '<path d="M38 9V35H64Z"/>',
    "masks": '<path d="M40.5 9H64V32.5Z"/>',
    "cache": '<rect x="72" y="13" width="30" height="8" rx="1"/><rect x="72" y="25" width="30" height="8" rx="1"/>',
    "experts": "".join(f'<rect x="{x}" y="67" width="7" height="7" rx="1"/>' for x in (39, 48, 57, 66)),
    "sampling": "".join(
        f'<rect x="98" y="{y}" width="{width}" height="5" rx="1"/>' for y, width in ((43.5, 17), (49.5, 10), (55.5, 5))
    ),
    "trio": '<path class="broad" d="M6 86H114M6 90.5H114M6 95H114"/>',
}
"""Each exhibit's part of the plan, those that lie below others first."""
_PIPES = '<path class="pipe" d="M44 46V35M58 46V29M53 67V58M64 17H72M64 29H72"/>'


def rail() -> str:
    """The stops, and the map for where there is room; both lead to the same exhibits."""
    stops = "".join(f'<li><a href="#exhibit={name}" data-to="{name}">{name.capitalize()}</a></li>' for name in WALK)
    parts = "".join(
        f'<a href="#exhibit={name}" tabindex="-1"><title>{name.capitalize()}</title>{drawing}</a>'
        for name, drawing in _PLAN.items()
    )
    return f"""<nav class="rail" aria-label="Exhibits"><ol>{stops}</ol>
    <svg class="map" viewBox="0 0 120 97" aria-hidden="true">{_PIPES}{parts}</svg></nav>"""


def onward(name: str) -> str:
    """The links at the end of an exhibit, to the stop before and to the next."""
    at = WALK.index(name)
    before = WALK[at - 1] if at else None
    after = WALK[at + 1] if at + 1 < len(WALK) else None
    back = f'<a href="#exhibit={before}">← {before.capitalize()}</a>' if before else "<span></span>"
    on = f'<a class="on" href="#exhibit={after}"><b>{escape(PLATES[after].TITLE)}</b> →</a>' if after else ""
    return f'<nav class="onward-walk" aria-label="The walk">{back}{on}</nav>'
