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
    MAP        optional: SVG of its part in the map below the rail, a plan of the machine 120 wide and 97 high
    MAP_BELOW  optional: True where others' parts lie on it

A `frame`, which holds what the exhibit's answer to a keystroke has beside what every frame has, has

    N_TOP            how many of the likeliest entries the exhibit lists
    frame(question)  its part of the answer to a keystroke; `Part.absent` where it does not apply to the model
    CALLS            optional: answers of its own, which the browser asks for by the function's name on a click
    KEEPS            optional: a class of what the exhibit alone keeps between requests: one is made for a server, and
                     handed to `frame` and to each of `CALLS` behind the question

and its docstring is the contract with `static/js/exhibits/<name>/index.js`. What that script must have says
`static/js/state/registry.js`.

A `steps`, in the order in which they are shown, has

    STEPS   its steps, four to eight for a model that it applies to: `app.wire.step.Step`
    SPEAKS  optional: True where they are about what a model predicts, and so hold for no model that predicts no token
    FOLLOW  optional: its part of the walk that follows one word, by the place in it: {1: Step(...)}; what two exhibits
            put at one place must not hold for one model

and there may be a module `numbers`, with

    tables(question)  the numbers that its picture shows, for whoever takes it away: `app.asked.table.Table`

One exhibit draws, in a notebook, attention arrays that no model of ours made: its module `arrays` has

    MARKUP                    the plate
    packed(patterns, *, own)  the fields of its frame, of (layer, head, query, key); `own`: the keys are the queries

and `static/js/exhibits/<name>/arrays.js` exports `begin()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Protocol, TypeVar, cast

from app.asked.question import Part, Question
from app.asked.table import Table
from app.exhibits import WALK
from app.wire.step import Step

Answer = TypeVar("Answer")


class Plate(Protocol):
    """A module `plate`, by what it must have."""

    TITLE: str
    LEAD: str
    FORMULA: str
    COMPUTED: str
    ATTEMPT: str
    SETTING: Mapping[str, Any]
    PICTURE: str


PLATES: dict[str, Plate] = {name: cast(Plate, import_module(f"app.exhibits.{name}.plate")) for name in WALK}

_STEPS = {name: import_module(f"app.exhibits.{name}.steps") for name in WALK}
STEPS: dict[str, tuple[Step, ...]] = {name: module.STEPS for name, module in _STEPS.items()}
SPEAKING = frozenset(name for name, module in _STEPS.items() if getattr(module, "SPEAKS", False))
"""The exhibits whose steps are about what a model predicts."""
FOLLOW: tuple[tuple[str, Step], ...] = tuple(
    (name, step)
    for _, name, step in sorted(
        (
            (place, name, step)
            for name, module in _STEPS.items()
            for place, step in getattr(module, "FOLLOW", {}).items()
        ),
        key=lambda found: found[0],
    )
)
"""The walk that follows one word: each step with its exhibit."""


NUMBERS: dict[str, Callable[[Question], list[Table]]] = {
    name: import_module(f"app.exhibits.{name}.numbers").tables
    for name in WALK
    if find_spec(f"app.exhibits.{name}.numbers")
}
"""The numbers of those exhibits that give them away."""


@dataclass(frozen=True)
class Exhibit:
    """What an exhibit answers: the functions of its `frame`, with what it keeps in their hands."""

    n_top: int
    frame: Callable[[Question], Part]
    calls: Mapping[str, Callable[[Question], dict[str, Any]]]
    """Its own answers, by the names that the browser asks for them by."""

    @classmethod
    def of(cls, module: ModuleType) -> Exhibit:
        """An exhibit by its module `frame`; what it keeps is made anew."""
        kept = (module.KEEPS(),) if hasattr(module, "KEEPS") else ()

        def at_hand(answer: Callable[..., Answer]) -> Callable[[Question], Answer]:
            return lambda question: answer(question, *kept)

        calls = getattr(module, "CALLS", ())
        return cls(module.N_TOP, at_hand(module.frame), {call.__name__: at_hand(call) for call in calls})


def opened() -> dict[str, Exhibit]:
    """Every exhibit, ready to answer, by its name."""
    return {name: Exhibit.of(import_module(f"app.exhibits.{name}.frame")) for name in WALK}


def _of_arrays() -> tuple[str, ModuleType]:
    name = next(name for name in WALK if find_spec(f"app.exhibits.{name}.arrays"))
    return name, import_module(f"app.exhibits.{name}.arrays")


ARRAYS = _of_arrays()
"""The exhibit that draws arrays, and its module."""
