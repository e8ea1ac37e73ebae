"""A stranger's vocabulary, as the page holds it: a process of its own that is asked, and ended when it takes too much.

Not even the form of its answers is believed: each is read as the numbers and texts that it should hold, or failed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from app.exhibits.tokens.rows import N_NAMES, Row
from app.running.limits import Limits
from app.wire.fields import RequestError
from model.study.ruler import Axis
from model.tokenizers.languages import ARTICLE_1
from model.zoo import in_words

ROOT = Path(__file__).resolve().parents[3]
KEPT = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "SYSTEMROOT")
"""The variables that such a process is given: none that holds a token."""
ONE_THREAD = {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "OPENBLAS_NUM_THREADS": "1"}
MOST_BYTES = 16_000_000
"""Of an answer."""
PATIENCE = 20
"""How many times longer than its share of the processor a step may take on the clock, on a busy machine."""
STARTS_IN_S = 30.0

UNREADABLE = "The tokenizer.json of {name} could not be read by this version of tokenizers."
TOO_LONG = "The tokenizer.json of {name} took more than {seconds:g} s of the processor; that is the limit here."
TOO_LARGE = "The tokenizer.json of {name} took more than {memory} of memory; that is the limit here."


class StrangerError(Exception):
    """A vocabulary failed, and is here no more; the message is a sentence."""


class Stranger:
    """One vocabulary in a process of its own; see `app.exhibits.tokens.rows.Laid`. Threads may share it.

    Args:
        name: of the vocabulary.
        path: its tokenizer.json.
        limits: the bytes and seconds that it may take.

    Raises:
        StrangerError: it could not be opened within them.
    """

    def __init__(self, name: str, path: Path, limits: Limits) -> None:
        self._name, self._limits = name, limits
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair()
        environment = {variable: os.environ[variable] for variable in KEPT if variable in os.environ} | ONE_THREAD
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.exhibits.tokens.stranger", str(theirs.fileno())],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._child = Connection(ours.detach())
        self.close = weakref.finalize(self, _end, self._process, self._child)
        """Ends the process, at the latest with this object."""
        opened = self._ask(
            limits.vocabulary_open_s, STARTS_IN_S, do="open", path=str(path), memory=limits.vocabulary_memory_bytes
        )
        try:
            self.kind = str(opened["kind"])[:40]
            self.told = _card(opened["told"])
            self.n_bytes = int(opened["bytes"])
        except (KeyError, TypeError, ValueError):
            raise self._failure(UNREADABLE) from None

    def row(self, axis: Axis, first: int) -> Row:
        """See `Laid`; raises StrangerError where it fails."""
        told = self._ask(self._limits.vocabulary_cut_s, do="row", text=axis.text, first=first)
        try:
            ids, starts, ends = (np.array(told[column], dtype=np.int64) for column in ("ids", "starts", "ends"))
            fields = _counts(told["fields"])
            if not len(ids) == len(starts) == len(ends) == fields["shown"]:
                raise ValueError
            starts, ends = np.clip(starts, 0, len(axis.data)), np.clip(ends, 0, len(axis.data))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise self._failure(UNREADABLE) from None
        return Row(fields, np.clip(ids, 0, 2**32 - 1), starts, ends)

    def word(self, axis: Axis, at: int) -> dict[str, Any]:
        """See `Laid`; raises StrangerError where it fails."""
        return self._ask(self._limits.vocabulary_open_s, do="word", text=axis.text, at=at)

    def _ask(self, seconds: float, besides_s: float = 0.0, **what: Any) -> dict[str, Any]:
        with self._lock:
            try:
                self._child.send_bytes(json.dumps({**what, "seconds": seconds}).encode())
                if not self._child.poll(PATIENCE * seconds + besides_s):
                    raise self._failure(TOO_LONG, seconds)
                answer = json.loads(self._child.recv_bytes(MOST_BYTES))
            except (EOFError, OSError, ValueError):
                raise self._failure(None, seconds) from None
        if "refused" in answer:
            raise RequestError(str(answer["refused"]))
        told = answer.get("answer")
        if not isinstance(told, dict):
            raise self._failure(UNREADABLE)
        return told

    def _failure(self, sentence: str | None, seconds: float = 0.0) -> StrangerError:
        """Ends the process; where it has ended by itself, how it did tells why."""
        try:
            status = self._process.wait(timeout=1 if sentence is None else 0)
        except subprocess.TimeoutExpired:
            status = 0
        self.close()
        if sentence is None:
            by_alarm = sys.platform != "win32" and status == -signal.SIGPROF
            sentence = TOO_LONG if by_alarm else TOO_LARGE if status else UNREADABLE
        memory = in_words(self._limits.vocabulary_memory_bytes)
        return StrangerError(sentence.format(name=self._name, seconds=seconds, memory=memory))


def _end(process: subprocess.Popen[bytes], child: Connection) -> None:
    process.kill()
    process.wait()
    child.close()


def _card(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a card, each of its kind."""
    costs, lost = ([int(one) for one in told[column]] for column in ("costs", "lost"))
    if not len(costs) == len(lost) == len(ARTICLE_1):
        raise ValueError
    numbers = {name: int(told[name]) for name in ("entries", "specials", "around")}
    return {**numbers, "names": [str(name)[:100] for name in told["names"]][:N_NAMES], "costs": costs, "lost": lost}


def _counts(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a row, each of its kind."""
    numbers = {name: int(told[name]) for name in ("tokens", "lost", "skipped", "shown")}
    spelled = {int(index): bytes.fromhex(written).hex() for index, written in told["spelled"].items()}
    unknown = [int(index) for index in told["unknown"]]
    return {**numbers, "returns": told["returns"] is True, "spelled": spelled, "unknown": unknown}
