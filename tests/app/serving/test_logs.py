"""The log: lines of JSON without what visitors sent, and not more of them than an operator reads."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.serving import logs


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written, while logging is ours."""
    root = logging.getLogger()
    handlers, level, app_level = root.handlers[:], root.level, logging.getLogger("app").level
    stream = io.StringIO()
    logs.to(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("app").setLevel(app_level)
    logging.captureWarnings(False)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_event_is_one_line_whatever_stands_in_it(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning('a\nlevel=error\r\n"forged"\x1b[31m')
    (line,) = lines(log)
    assert line["message"] == 'a\nlevel=error\r\n"forged"\x1b[31m'
    assert (line["level"], line["logger"]) == ("warning", "uvicorn.error")
    assert "\x1b" not in log.getvalue()


def test_a_traceback_says_where_and_not_what(log: io.StringIO) -> None:
    try:
        json.loads("my diary")
        raise ValueError("my diary")
    except ValueError:
        logging.getLogger("app.page").exception("no answer to %s", "frame")
    (line,) = lines(log)
    assert line["message"] == "no answer to frame"
    assert line["raised"] == "JSONDecodeError"
    assert any("decoder.py" in place for place in line["at"])
    assert "diary" not in log.getvalue()


def test_the_same_event_over_and_over_is_counted(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for _ in range(1_000):
        logging.getLogger("app.a").warning("again")
    logging.getLogger("app.b").warning("another")
    now += 2 * logs.A_MINUTE
    for _ in range(2):
        logging.getLogger("app.a").warning("again")  # another place in the code
    assert len(lines(log)) == logs.OFTEN + 1 + 2
    for _ in range(1_000):
        now += 1
        logging.getLogger("app.a").warning("still")
    still = [line for line in lines(log) if line["message"] == "still"]
    assert len(still) < 1_000 / logs.A_MINUTE * (logs.OFTEN + 1) + logs.OFTEN
    assert max(line.get("unwritten", 0) for line in still) > 10


def test_a_long_message_is_cut(log: io.StringIO) -> None:
    logging.getLogger("app").error("x" * 10_000)
    assert len(log.getvalue()) < 2 * logs.LONGEST
