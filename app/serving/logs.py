"""What the server writes to its log: one line of JSON for each event, on the standard error.

No line holds what a visitor sent. A traceback is written as its places and the exception's type, without the message,
which may quote a text; whatever a library says is one line, escaped. The same event again and again is written a few
times a minute and then counted, so that nobody outside can make the log grow.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
from typing import Any, TextIO

A_MINUTE = 60.0
OFTEN = 5
"""How many times a minute one place in the code may write."""
LONGEST = 500
"""Characters of a message."""
PLACES = 12
"""Places of a traceback, the innermost."""


class Lines(logging.Formatter):
    """A record as one line of JSON: when, how grave, who, what; and where, if something was raised."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:LONGEST],
        }
        if before := getattr(record, "unwritten", 0):
            line["unwritten"] = before
        if record.exc_info and record.exc_info[0] is not None:
            line["raised"] = record.exc_info[0].__name__
            line["at"] = places(record)
        return json.dumps(line)


def places(record: logging.LogRecord) -> list[str]:
    """Where an exception came from, the innermost place last: "module.py:12 function"."""
    assert record.exc_info is not None
    frames = traceback.extract_tb(record.exc_info[2])[-PLACES:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


class Seldom(logging.Filter):
    """Lets a place write `OFTEN` times a minute; what it would have written besides is counted in its next line."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._written: dict[tuple[str, str, int], tuple[float, int, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        place, now = (record.name, record.pathname, record.lineno), time.monotonic()
        with self._lock:
            since, times, unwritten = self._written.get(place, (now, 0, 0))
            if now - since > A_MINUTE:
                since, times = now, 0
            if times >= OFTEN:
                self._written[place] = (since, times, unwritten + 1)
                return False
            self._written[place] = (since, times + 1, 0)
        record.unwritten = unwritten
        return True


def to(stream: TextIO = sys.stderr, level: int = logging.WARNING) -> None:
    """Has everything that is logged in this process written to a stream, in this form alone."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    handler.addFilter(Seldom())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("app").setLevel(logging.INFO)
