"""The steps of Positions: the ways to say where a token stands, one from near, and how far each carries."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step(
        "Attention alone does not know what stands first: each of these is a way to tell it where a token is.",
        ".schemes",
        {"scheme": "own"},
    ),
    Step(
        "This is RoPE: pairs of numbers in query and key turn like the hands of clocks, by the token's place.",
        ".large",
        {"scheme": "rope"},
    ),
    Step(
        "A pair is one such clock, and what counts in the score is only the angle between query and key.",
        ".scheme-side",
        {"scheme": "rope"},
    ),
    Step(
        "ALiBi is simpler: a score loses the more, the farther apart the tokens stand, in each head at its own rate.",
        ".large",
        {"scheme": "alibi"},
    ),
    Step(
        "The first transformers added to each token a row of waves, slow and fast ones, which no other place has.",
        ".large",
        {"scheme": "sinusoidal"},
    ),
    Step(
        "Past the length that they were trained on the ways part: the lower a line, the better it still reads.",
        ".far",
        {"scheme": "own"},
    ),
)
