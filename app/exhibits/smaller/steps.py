"""The steps of Smaller: what a weight's bits are, what they weigh, what is lost, and what else can go."""

from __future__ import annotations

from app.wire.step import Step

SPEAKS = True
STEPS = (
    Step(
        "With few bits a weight can only stand on one of a few levels, and each moves to the nearest.",
        ".matrices",
        {"bits": 4, "grain": "row", "zeroed": 0},
    ),
    Step(
        "The model weighs a fraction of what it did, and still says much the same.",
        ".left",
        {"bits": 4, "grain": "group", "zeroed": 0},
    ),
    Step(
        "The fewest bits leave hardly any levels, and that is too few: compare the lists.",
        ".left .lists",
        {"bits": 2, "grain": "group", "zeroed": 0},
    ),
    Step(
        "Instead, the smallest weights of every matrix can be set to zero: how soon is it noticed?",
        ".matrices",
        {"bits": 16, "zeroed": 30},
    ),
    Step(
        "Held-out text says which way of shrinking is cheap: the lower a line runs, the less is lost.",
        ".curves",
        {"bits": 16, "zeroed": 0},
    ),
    Step(
        "Fewer bytes are not yet less time: that takes kernels that compute with bytes, and here they run.",
        ".race",
    ),
)
