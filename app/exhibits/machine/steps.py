"""The steps of Machine: from the text to what comes next, along one lane."""

from __future__ import annotations

from app.wire.step import Step

_READS_ALONE, _WRITES = ("gpt", "bert"), ("t5",)

STEPS = (
    Step(
        "Your text is cut into tokens, and each of them gets a lane, from left to right.",
        ".chips.read .chip, .lanes.read",
        families=_READS_ALONE,
    ),
    Step(
        "Your text is cut into tokens, and each of them gets a lane in the upper river, the encoder.",
        ".chips.read .chip, .lanes.read",
        families=_WRITES,
    ),
    Step(
        "The model is a stack of blocks, all built alike; one stands open, and any other opens when you choose it.",
        ".blocks button",
    ),
    Step(
        "Attention lets {token} read other lanes: each small square is a head, which looks in a way of its own.",
        ".atlases button, .matrices button",
        {"find": "decided"},
        families=_READS_ALONE,
    ),
    Step(
        "The decoder writes in the lower river, and through cross-attention each of its lanes reads the text above.",
        '.matrices [data-kind="cross"], .chips.written .chip, .lanes.written',
        {"kind": "cross"},
        families=_WRITES,
        trait="speaks",
    ),
    Step(
        "The decoder reads it again in the lower river, and through cross-attention each of its lanes reads the upper.",
        '.matrices [data-kind="cross"], .chips.written .chip, .lanes.written',
        {"kind": "cross"},
        families=_WRITES,
        trait="silent",
    ),
    Step(
        "Then a router sends each lane through a few of many small networks, the experts, and adds what they answer.",
        ".to-experts",
        {"layer": 1},
        feed="experts",
    ),
    Step(
        "Then a small network, the MLP, works on each lane alone and adds what it answers.",
        ".feeds",
        feed="mlp",
    ),
    Step(
        "At the end the last lane becomes a score for all that could come next, and {likeliest} has the highest.",
        ".next .candidates, .to-sampling",
        families=("gpt",),
    ),
    Step(
        "At the end a lane becomes a score for all that could stand in its place, and {likeliest} has the highest.",
        ".next .candidates",
        families=("bert",),
    ),
    Step(
        "At the end a lane of the decoder becomes a score for all it could write, and {likeliest} has the highest.",
        ".next .candidates",
        families=_WRITES,
    ),
)

FOLLOW = {
    3: Step(
        "Then {token} passes alone through a small network, the MLP, which makes something of what was read.",
        ".feeds",
        feed="mlp",
    ),
}
