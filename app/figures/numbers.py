"""The numbers of a figure as files, and the lines of Python that compute them."""

from __future__ import annotations

import csv
import io
import itertools
import pprint
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.asked.question import Question
from app.asked.table import Table
from app.wire.fields import RequestError

MOST_ROWS = 500_000
"""Numbers in one CSV file; more belong into an NPZ."""


def shown(tables: Sequence[Table], part: str) -> list[Table]:
    """Those that a part of the picture shows; all where it shows none of its own."""
    own = [table for table in tables if part in table.parts]
    return own or list(tables)


def as_csv(tables: Sequence[Table], caption: str) -> bytes:
    """A row for each number, behind the labels of its place; the caption in front, as a comment.

    Raises:
        RequestError: there are too many of them.
    """
    n_rows = sum(table.values.size for table in tables)
    if n_rows > MOST_ROWS:
        raise RequestError(f"The numbers are {n_rows:,}, and a CSV holds at most {MOST_ROWS:,}; take the NPZ.")
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    text.write("".join(f"# {line}\n" for line in caption.splitlines()))
    for table in tables:
        if len(tables) > 1:
            text.write(f"# {table.name}\n")
        write.writerow([*table.axes, table.name])
        places = itertools.product(*table.axes.values())
        write.writerows(
            [*place, repr(value)] for place, value in zip(places, table.values.ravel().tolist(), strict=True)
        )
    return text.getvalue().encode()


def as_npz(tables: Sequence[Table], caption: str) -> bytes:
    """An archive for `numpy.load`: each array by its name, its axes as `NAME.axes`, and their labels as `NAME.AXIS`."""
    arrays: dict[str, Any] = {"caption": np.array(caption)}
    for table in tables:
        arrays[table.name] = table.values
        arrays[f"{table.name}.axes"] = np.array(list(table.axes))
        arrays |= {f"{table.name}.{axis}": np.array(labels) for axis, labels in table.axes.items()}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def lines(tables: Sequence[Table], question: Question) -> str:
    """A program that computes the tables, each under its name."""
    text, model = question.fields.text("text"), question.model.name
    sent = question.fields.value("interventions")
    head = ["import numpy as np", "", "from app.engine import Engine"]
    if question.reading.interventions:
        asked = pprint.pformat(
            {"text": text, "model": model, "interventions": _plain(sent)}, width=110, sort_dicts=False
        )
        head = ["import numpy as np", "", "from app.asked.question import Question", *head[2:]]
        head += ["from app.wire.fields import Fields", "", "engine = Engine()", f"asked = {asked}"]
        head += ["trace = Question(Fields(asked), engine).trace"]
    else:
        head += ["", "engine = Engine()", f"trace = engine.trace({text!r}, model={model!r})"]
    body = [f"{table.lines}\n{table.name} = values" if len(tables) > 1 else table.lines for table in tables]
    return "\n".join([*head, *body]) + "\n"


def _plain(value: Any) -> Any:
    """A value of JSON as Python's own."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
