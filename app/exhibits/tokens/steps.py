"""The steps of Tokens: one text in many rows, then one piece of it."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step(
        "Your text stands in every row, and each row cuts it into the pieces of another vocabulary.",
        ".rulers",
        {"tokenizer": ""},
    ),
    Step(
        "At the end of a row stands how many tokens it takes: the fewer, the more text a model can read at once.",
        ".ruler-counts",
    ),
    Step(
        "These are the pieces that the model on this page reads: to it, each is nothing but its number.",
        ".pieces-side",
        {"tokenizer": ""},
    ),
    Step(
        "Here is {token}, with its place, its number, and the bytes that spell it.",
        ".piece-facts",
        {"tokenizer": ""},
    ),
    Step(
        "How its word was cut can be replayed, step by step, as the vocabulary's own rule does it.",
        ".cutting",
        {"tokenizer": ""},
    ),
    Step(
        "The same paragraph costs more in some languages than in others: a vocabulary is made from what was read most.",
        ".languages",
    ),
)

FOLLOW = {
    1: Step(
        "Follow {token}: it is one of the pieces that your text was cut into, and to the model it is only a number.",
        ".pieces-side, .piece-facts",
        {"tokenizer": ""},
    ),
}
