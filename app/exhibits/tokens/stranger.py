"""The process in which one stranger's tokenizer.json is opened and asked: `python -m app.exhibits.tokens.stranger FD`.

The library that reads such a file runs what stands in it: normalizers in a chain can make gigabytes of a text, a
regular expression can run for ever, and a panic aborts the process. So it happens here, where the memory is limited,
each step has an alarm of the processor's time that nothing can put off, and no file can be written. The parent is
`app.exhibits.tokens.strangers`; messages are JSON over the socket FD, an answer a question, till the parent is gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

from app.exhibits.tokens.rows import Ruled
from app.wire.fields import RequestError
from model import tokenizers
from model.study import replay
from model.study.ruler import Axis, Rule

if sys.platform != "win32":
    import resource

MOST_TOKENS = 100_000
"""Tokens of a text that are told: a vocabulary may make any number of them of one character."""


def bound_memory(n_bytes: int) -> None:
    """Lets this process have so many bytes, and write no file."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bound_time(seconds: float) -> None:
    """Ends this process once so many more seconds of the processor are over; 0: never."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)


def held_bytes() -> int:
    """What this process holds now; of macOS, the most that it has held."""
    if sys.platform == "win32":
        return 0
    if sys.platform == "linux":  # what the parent held when it forked counts as the most that the child has
        with open("/proc/self/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Stranger:
    """The vocabulary, once it is open."""

    def __init__(self) -> None:
        self._ruled: Ruled | None = None

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What one message asks."""
        if asked["do"] == "open":
            bound_memory(asked["memory"])
            with open(asked["path"], encoding="utf-8") as file:
                written = file.read()
            self._ruled = Ruled(Rule(tokenizers.load(written)), lambda: replay.method(written))
            return {"kind": self._ruled.kind, "told": dict(self._ruled.told), "bytes": held_bytes()}
        assert self._ruled is not None
        axis = Axis(asked["text"])
        if asked["do"] == "word":
            return self._ruled.word(axis, asked["at"])
        row = self._ruled.row(axis, asked["first"])
        if len(row.ids) > MOST_TOKENS:
            raise ValueError(f"{len(row.ids):,} tokens")
        columns = {"ids": row.ids, "starts": row.starts, "ends": row.ends}
        return {"fields": dict(row.fields), **{name: column.tolist() for name, column in columns.items()}}


def serve(parent: Connection) -> None:
    """Answers until the parent is gone."""
    stranger = Stranger()
    while True:
        try:
            asked = json.loads(parent.recv_bytes())
        except EOFError:
            return
        bound_time(asked["seconds"])
        try:
            answer: dict[str, Any] = {"answer": stranger.answer(asked)}
        except RequestError as error:
            answer = {"refused": str(error)}
        except MemoryError:
            os._exit(1)
        except Exception as error:
            answer = {"failed": repr(error)[:200]}
        bound_time(0)
        parent.send_bytes(json.dumps(answer).encode())


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
