"""The exhibits, in the order of the walk: the order that the data takes through the model.

An exhibit is one room on each side. Here a folder of its name has `plate`, its words and markup, and `frame`, what it
computes of a pass, and beside them what it alone needs; `static/js/exhibits/<name>/` draws it. `app.exhibits.registry`
finds both by the name in `WALK` and says what they must have. No exhibit imports another's plate or frame.
"""

from __future__ import annotations

WALK = (
    "machine",
    "tokens",
    "positions",
    "attention",
    "masks",
    "experts",
    "residual",
    "sampling",
    "cache",
    "trio",
)
