"""What the sheet asks the server about a figure: what it is and how it is computed, and its numbers as a file."""

from __future__ import annotations

import base64
import functools
import json
from pathlib import Path
from typing import Any

from app.asked.question import Question
from app.asked.table import Table
from app.exhibits import WALK, registry
from app.figures import numbers
from app.running.version import version
from app.wire.fields import RequestError

FORMATS = {"csv": numbers.as_csv, "npz": numbers.as_npz}
LONGEST_CAPTION = 8_000
DIGITS = 12
"""Of a revision: enough to tell any two apart."""


def figure(question: Question) -> dict[str, Any]:
    """What a figure says of itself: {version, revision, lines (null where it has no numbers)}."""
    tables = _tables(question)
    return {
        "version": version(),
        "revision": revision(question.engine.folder(question.model.name)),
        "lines": numbers.lines(tables, question) if tables else None,
    }


def figure_numbers(question: Question) -> dict[str, Any]:
    """The numbers of a figure: {data, base64}, in `format`, with `caption` inside."""
    tables = _tables(question)
    if not tables:
        raise RequestError("This picture has no numbers beside those that stand in it; take the picture.")
    write = FORMATS[question.fields.choice("format", FORMATS)]
    data = write(tables, question.fields.text("caption")[:LONGEST_CAPTION])
    return {"data": base64.b64encode(data).decode("ascii")}


def _tables(question: Question) -> list[Table]:
    tables = registry.NUMBERS.get(question.fields.choice("exhibit", WALK))
    return numbers.shown(tables(question), question.fields.optional_text("part")) if tables else []


@functools.cache
def revision(folder: Path) -> str | None:
    """Which weights a model has: the commit of a hub's, else the first digits of their SHA-256; None where unknown."""
    sound = folder / "sound.json"
    if sound.is_file():
        digest = json.loads(sound.read_text(encoding="utf-8"))["sha256"]["model.safetensors"]
        return str(digest)[:DIGITS]
    commit, _, layout = folder.name.partition("-")
    return commit[:DIGITS] if layout else None
