"""The steps of Relatives: two drawings, what changed, where the parameters are, what the text costs, and the table."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step(
        "On the left stands the first transformer, on the right a model of today, each with one of its blocks open.",
        ".drawings",
        {"relative": "qwen3-8b"},
    ),
    Step(
        "What is of another kind is marked, and the table says why it was changed.",
        ".changes",
    ),
    Step(
        "Most parameters of a large model lie in the parts that work on each token alone.",
        ".weights",
    ),
    Step(
        "Where a layer has many experts, a token uses few of them: only the full colour works for it.",
        ".weights",
        {"relative": "deepseek-v3"},
    ),
    Step(
        "Your text costs so many multiplications and additions, and leaves so many bytes behind.",
        ".costs",
        {"relative": "llama-3-405b"},
    ),
    Step(
        "A model without attention leaves as much behind after a word as after a book.",
        ".costs",
        {"relative": "mamba-2.8b"},
    ),
    Step(
        "In the table each derivative says in a line what it changed; click one to take it apart.",
        ".published-models",
        {"relative": "qwen3-8b"},
    ),
)
