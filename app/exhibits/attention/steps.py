"""The steps of Attention: all heads, one head, one cell of it from the score to its share."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step(
        "Each small picture is one head at work on your text: its rows are who reads, its columns what is read.",
        ".atlas",
    ),
    Step(
        "Here is one head large: the stronger a cell, the more the token of its row reads from that of its column.",
        ".head",
        {"find": "decided", "view": "matrix"},
    ),
    Step(
        "For one cell, the reader's query and the other token's key are multiplied, number by number, and added up.",
        '.cell > h2, .cell .vectors, .cell [data-step="dot"]',
        {"find": "decided", "view": "matrix"},
    ),
    Step(
        "The score is divided by the root of the head's width, so that wide heads decide no harder than narrow ones.",
        '.cell [data-step="scaled"]',
        {"find": "decided", "view": "matrix"},
        families=("gpt", "bert"),
    ),
    Step(
        "The mask takes out whatever comes later: a token that is still to be guessed must not be seen.",
        '.cell [data-step="mask"]',
        {"find": "decided", "view": "matrix"},
        families=("gpt",),
    ),
    Step(
        "Softmax makes shares of the scores of one row, which are a whole together.",
        '.cell [data-step="softmax"], .cell .rows',
        {"find": "decided", "view": "matrix"},
    ),
    Step(
        "As lines the same head shows whom each token reads, and how strongly.",
        ".head",
        {"find": "decided", "view": "lines"},
    ),
    Step(
        "Whatever you suspect of a head, switch it off: the page says at once what becomes of the prediction.",
        ".head .title, .all .effect",
        {"find": "decided", "view": "matrix"},
    ),
)

FOLLOW = {
    2: Step(
        "To know what it means here, {token} reads other pieces: the stronger a cell in its row, the more it takes.",
        ".head",
        {"find": "decided", "view": "matrix"},
    ),
}
