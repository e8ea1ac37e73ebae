"""The steps of Residual: an answer that grows, and who made it grow."""

from __future__ import annotations

from app.wire.step import Step

_ONE = {"of": "logit", "target": None, "against": None}
_BOTH = {"of": "difference", "target": None, "against": None}
_SUMS = ("gpt", "t5")

SPEAKS = True
STEPS = (
    Step(
        "Read downwards: each row is what the model would say if it stopped there.",
        ".lens",
        _ONE,
    ),
    Step(
        "The line follows one token through the depths: where it turns, something has changed the model's mind.",
        ".course, .lens .depth-head",
        _ONE,
    ),
    Step(
        "This is the token that is followed, and any other can be chosen from the lists.",
        ".taken",
        _ONE,
    ),
    Step(
        "Its logit is a sum, so it can be taken apart: each cell is what one head or MLP adds to it or takes away.",
        ".moves:not(.encoder)",
        _ONE,
        families=_SUMS,
    ),
    Step(
        "These parts weigh most; a click on a head shows whom it reads.",
        ".largest",
        _ONE,
        families=_SUMS,
    ),
    Step(
        "Compared with its rival, only what decides between them is left.",
        ".taken, .moves:not(.encoder)",
        _BOTH,
        families=_SUMS,
    ),
    Step(
        "A BERT brings its stream to a new size after every sum, so that no logit of it can be taken apart.",
        ".no-sum",
        _ONE,
        families=("bert",),
    ),
)
