"""What the Tokens exhibit draws of a pass: the tokens themselves, which every frame brings."""

from __future__ import annotations

from app.question import Part, Question

N_TOP = 12


def frame(question: Question) -> Part:
    """Nothing beside what every frame has."""
    return Part()
