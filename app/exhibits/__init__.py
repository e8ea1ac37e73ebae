"""The exhibits, in the order of the walk: first the order that the data takes through a model, then what is around it.

An exhibit is one room on each side. Here a folder of its name has `plate`, its words and markup, and `frame`, what it
computes of a pass, and beside them what it alone needs; `static/js/exhibits/<name>/` draws it. `app.exhibits.registry`
finds both by the name in `CHAPTERS` and says what they must have. No exhibit imports another's plate or frame.
"""

from __future__ import annotations

CHAPTERS: dict[str, tuple[str, ...]] = {
    "Inside": (
        "machine",
        "tokens",
        "positions",
        "attention",
        "masks",
        "memory",
        "experts",
        "residual",
        "sampling",
        "cache",
    ),
    "Families": ("trio", "relatives"),
    "Making": ("training", "smaller"),
    "Around": (),
}
"""Exhibits by name, as the rail groups them; a chapter without any is not shown."""

WALK = tuple(name for names in CHAPTERS.values() for name in names)
