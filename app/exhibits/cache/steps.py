"""The steps of Cache: what is kept, what that saves, and what it weighs."""

from __future__ import annotations

from app.wire.step import Step

_GROWS = ("gpt", "t5")

STEPS = (
    Step(
        "Each token leaves a column behind: its key and its value, in each head of each layer.",
        ".kept.own",
        families=_GROWS,
    ),
    Step(
        "What the decoder reads of the text is kept apart: it is computed once, however much is written.",
        ".kept.cross",
        families=("t5",),
    ),
    Step(
        "A new token adds one column and reads the others: nothing that is there is computed again.",
        ".steps-on, .kept.own",
        families=_GROWS,
    ),
    Step(
        "The clock has measured both ways on this server: with the cache, and with the whole text read again.",
        ".stopwatch",
        families=_GROWS,
    ),
    Step(
        "The price is memory, which grows with every token.",
        ".memory",
        families=_GROWS,
    ),
    Step(
        "A rolling window forgets the oldest, and then it grows no more.",
        '.memory [data-field="window"], .memory .canvas-frame',
        {"window": 8},
        families=_GROWS,
    ),
    Step(
        "By the same formula, this is what the caches of published models weigh at a longer context.",
        ".calculator",
        {"context": 131072},
        families=_GROWS,
    ),
)
