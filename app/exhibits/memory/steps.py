"""The steps of Memory: one part, its neurons, the few that count, and what they say."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step(
        "Behind attention each token passes alone through a feed-forward part, and every dot is one of its neurons.",
        ".neurons",
    ),
    Step(
        "The activation function lets through what lies to the right and keeps most neurons near zero.",
        ".curve",
    ),
    Step(
        "Sorted by what they carry, a few neurons do most of the work for this token.",
        ".carried, .neurons .sum",
    ),
    Step(
        "Each of them adds its own row of numbers, and through the unembedding one can read which words that favours.",
        ".strongest",
        families=("gpt", "bert"),
    ),
    Step(
        "Each of them adds its own row of numbers, and in the decoder one can read which words that favours.",
        ".strongest",
        {"stack": "decoder"},
        families=("t5",),
    ),
    Step(
        "Any of them can be switched off or turned up in its row, and the prediction answers at once.",
        ".neuron-table, .memory-plate .effect",
    ),
    Step(
        "These are the places in other stories that wake the same neuron: do they have something in common?",
        ".passages",
        families=("gpt", "bert"),
    ),
    Step(
        "These are the places in other stories that wake the same neuron of the encoder: what have they in common?",
        ".passages",
        {"stack": "encoder"},
        families=("t5",),
    ),
    Step(
        "With all heads off no token hears of another, and only what these parts remember is left.",
        ".alone, .memory-plate .effect",
    ),
)
