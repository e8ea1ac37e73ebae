"""A run of a graph is ended from another thread, and no other run with it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import numpy as np
import pytest

from export.runtime import ending
from export.runtime.ending import EndedError, Ending
from export.runtime.session import Session
from model import zoo

IDS = np.tile(np.arange(200), (100, 1))
"""So many that a run over them takes seconds."""


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(zoo.CHECKPOINTS / "gpt")


def test_a_run_that_is_under_way_ends_and_another_one_does_not(session: Session) -> None:
    one, other = Ending(), Ending()
    runs = threading.Event()

    def read(by: Ending, ids: object) -> int:
        with ending.holding(by):
            runs.set()
            return len(session.run(ids, taps=()).logits)  # type: ignore[arg-type]

    with ThreadPoolExecutor(2) as threads:
        long = threads.submit(copy_context().run, read, one, IDS)
        assert runs.wait(30)
        while not one.runs:
            assert not long.done()
        short = threads.submit(copy_context().run, read, other, [1, 2, 3])
        one.end()
        with pytest.raises(EndedError):
            long.result(timeout=60)
        assert short.result(timeout=60) == 1
    assert (one.over, other.over) == (True, False)
    assert not one.runs
    assert not other.runs


def test_what_was_ended_before_does_not_begin(session: Session) -> None:
    over = Ending()
    over.end()
    with ending.holding(over), pytest.raises(EndedError):
        session.run([1, 2, 3])
    assert session.run([1, 2, 3]).logits.shape[:2] == (1, 3)


def test_another_fault_of_a_run_is_its_own(session: Session) -> None:
    with ending.holding(Ending()), pytest.raises(Exception, match="(?i)input"):
        ending.run(session.inner, ["logits"], {"input_ids": np.zeros((1, 1, 1), np.int64)})
