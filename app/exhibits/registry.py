"""Where the exhibits' parts are found, by the names in `app.exhibits.WALK`.

A `plate` has

    TITLE      plain text
    LEAD       plain text, one sentence: what to look for
    FORMULA    markup of the formula that the picture draws
    COMPUTED   markup that says how it is computed, with the source
    ATTEMPT    plain text of the thing to try
    SETTING    the state that one click on it sets; keys as in `static/js/state/state.js`
    PICTURE    markup that its script brings to life
    BY_FAMILY  optional: for a family, what it says otherwise, by the names in `app.page.plate.WORDS`

A `frame`, which holds what the exhibit's answer to a keystroke has beside what every frame has, has

    N_TOP            how many of the likeliest entries the exhibit lists
    frame(question)  its part of the answer to a keystroke; `Part.absent` where it does not apply to the model
    CALLS            optional: answers of its own, which the browser asks for by the function's name on a click

and its docstring is the contract with `static/js/exhibits/<name>/index.js`. Such a script's `asks` names the parts of
the page's state that travel with the request beside what always does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from app.asked.question import Question
from app.exhibits import WALK

PLATES: dict[str, ModuleType] = {name: import_module(f"app.exhibits.{name}.plate") for name in WALK}
FRAMES: dict[str, ModuleType] = {name: import_module(f"app.exhibits.{name}.frame") for name in WALK}


def calls() -> Iterator[Callable[[Question], dict[str, Any]]]:
    """Every answer that an exhibit gives on a click."""
    for module in FRAMES.values():
        yield from getattr(module, "CALLS", ())
