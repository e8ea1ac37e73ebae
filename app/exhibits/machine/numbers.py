"""The numbers of the machine: how long the stream's vectors are, at each place where they are measured."""

from __future__ import annotations

from app.asked.question import Question
from app.asked.table import Table, stream
from app.exhibits.machine.frame import lengths, stations


def tables(question: Question) -> list[Table]:
    """The lengths of each stack's stream."""
    return [_of(question, place) for place in question.model.config.streams]


def _of(question: Question, place) -> Table:  # type: ignore[no-untyped-def]
    trace, config = question.trace, question.model.config
    measured, _ = stations(config, place)
    inside = [
        f"{layer + 1}:{tap.template.split('.hook_')[-1]}"
        for layer in range(config.stacks[place].layers)
        for tap in measured
    ]
    values, _ = lengths(trace, place)
    names = ["0:resid_pre", *inside, "final"][: len(values)]
    lines = f"from app.exhibits.machine.frame import lengths\n\nvalues, _ = lengths(trace, {place!r})"
    name = "stream_length" if place == config.streams[0] else f"stream_length_{place}"
    return Table(name, {"station": names, "token": stream(trace, place)}, values, lines)
