"""The steps of Masks: what one of them forbids, what it costs and what it saves."""

from __future__ import annotations

from app.wire.step import Step

_WINDOW = {"interventions": {"mask": "window:3"}, "pattern_of": "mean"}

STEPS = (
    Step(
        "Each row is a token, and its cells say what it may read and how much of it it does: so the model was trained.",
        ".taken-away",
        {"interventions": {}, "pattern_of": "mean"},
    ),
    Step(
        "A sliding window leaves each token only the nearest to read: what has turned grey, it would have read.",
        ".presets, .choice, .taken-away",
        _WINDOW,
    ),
    Step(
        "What is lost is measured on your text, and so is the work that is saved.",
        ".sums",
        _WINDOW,
    ),
    Step(
        "This is what the mask does to the prediction, as the model was not trained with it.",
        ".costs .effect",
        _WINDOW,
    ),
    Step(
        "Heads that look nearby lose little, and those that look far lose most.",
        ".by-head",
        _WINDOW,
    ),
    Step(
        "What {token} may not read can still reach it, handed on from layer to layer.",
        ".cone",
        _WINDOW,
    ),
    Step(
        "The longer a text, the more such a mask saves.",
        ".growth",
        _WINDOW,
    ),
)
