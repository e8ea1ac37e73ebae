"""The steps of Cache: what is kept, what that saves, and what it weighs."""

from __future__ import annotations

from app.wire.step import Step


def _growing(says: str, focus: str, **state: object) -> tuple[Step, Step]:
    """A step of what grows: a GPT's has the text behind it, a T5's must have written some tokens first."""
    return (
        Step(says, focus, state, families=("gpt",)),
        Step(says, focus, {**state, "written": 6}, families=("t5",)),
    )


STEPS = (
    *_growing("Each token leaves a column behind: its key and its value, in each head of each layer.", ".kept.own"),
    Step(
        "What the decoder reads of the text is kept apart: it is computed once, however much is written.",
        ".kept.cross",
        families=("t5",),
    ),
    *_growing(
        "A new token adds one column and reads the others: nothing that is there is computed again.",
        ".steps-on, .kept.own",
    ),
    *_growing(
        "The clock has measured both ways on this server: with the cache, and with the whole text read again.",
        ".stopwatch",
    ),
    *_growing(
        "The price is memory, which grows with every token.",
        ".memory",
    ),
    *_growing(
        "A rolling window forgets the oldest, and then it grows no more.",
        '.memory [data-field="window"], .memory .canvas-frame',
        window=8,
    ),
    *_growing(
        "By the same formula, this is what the caches of published models weigh at a longer context.",
        ".calculator",
        context=131_072,
    ),
)
