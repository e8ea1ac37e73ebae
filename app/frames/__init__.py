"""What each exhibit's frame holds beside what every frame has: one module an exhibit, in the order of the walk.

A module has

    N_TOP            how many of the likeliest entries the exhibit lists
    frame(question)  its part of the answer to a keystroke; `Part.absent` where it does not apply to the model
    CALLS            optional: answers of its own, which the browser asks for by the function's name on a click

and its docstring is the contract with `static/js/exhibits/<name>.js`. Such a script's `asks` names the parts of the
page's state that travel with the request beside what always does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from app.exhibits import WALK
from app.question import Question

FRAMES: dict[str, ModuleType] = {name: import_module(f"{__name__}.{name}") for name in WALK}


def calls() -> Iterator[Callable[[Question], dict[str, Any]]]:
    """Every answer that an exhibit gives on a click."""
    for module in FRAMES.values():
        yield from getattr(module, "CALLS", ())
