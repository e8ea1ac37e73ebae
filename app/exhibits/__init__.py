"""The exhibits, in the order of the walk: the order that the data takes through the model.

A module has

    TITLE      plain text
    LEAD       plain text, one sentence: what to look for
    FORMULA    markup of the formula that the picture draws
    COMPUTED   markup that says how it is computed, with the source
    ATTEMPT    plain text of the thing to try
    SETTING    the state that one click on it sets; keys as in `static/js/state.js`
    PICTURE    markup that its script brings to life
    BY_FAMILY  optional: for a family, what it says otherwise, by the names in `app.exhibits.plate.WORDS`

A new exhibit is its name here, and one file of that name beside this one, in `app/frames`, in `static/js/exhibits` and,
for its style sheet, in `static`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

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

EXHIBITS: dict[str, ModuleType] = {name: import_module(f"{__name__}.{name}") for name in WALK}
