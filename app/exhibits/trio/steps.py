"""The steps of Trio: one sentence, and who may look where, says what, and wrote what from which word."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step(
        "The same words go through a GPT, a BERT and a T5, and the pictures show which of them may look where.",
        ".trio-columns .sees",
    ),
    Step(
        "A GPT reads to the left only, and so it can go on writing.",
        '[data-family="gpt"]',
    ),
    Step(
        "A BERT reads both sides, and so it can say what stands behind a mask.",
        '[data-family="bert"]',
    ),
    Step(
        "A T5 reads both sides, then writes, and reads back what it has written.",
        '[data-family="t5"]',
    ),
    Step(
        "The ribbons lead from each word that the T5 wrote to those that it read meanwhile.",
        ".score",
        {"depth": "mean"},
    ),
    Step(
        "What a T5 does is said in the text: another task in front of it, and it writes something else.",
        ".trio-asks .tasks, .score",
        {"task": "sentiment"},
    ),
)
