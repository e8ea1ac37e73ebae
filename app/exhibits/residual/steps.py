"""The steps of Residual: an answer that grows, and who made it grow."""

from __future__ import annotations

from app.wire.step import Step

_ONE = {"of": "logit", "target": None, "against": None}
_BOTH = {"of": "difference", "target": None, "against": None}

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
        trait="logits-sum",
    ),
    Step(
        "These parts weigh most; a click on a head shows whom it reads.",
        ".largest",
        _ONE,
        trait="logits-sum",
    ),
    Step(
        "Compared with its rival, only what decides between them is left.",
        ".taken, .moves:not(.encoder)",
        _BOTH,
        trait="logits-sum",
    ),
    Step(
        "Its stream is brought to a new size after every sum, so that no logit of it can be taken apart.",
        ".no-sum",
        _ONE,
        trait="norms-in-stream",
    ),
)
