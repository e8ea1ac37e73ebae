"""A short run of `tests/bench/fuzz.py`: hostile requests against the bundled models, in process."""

from __future__ import annotations

from app.engine import Engine
from app.page.answers import Answers
from tests.bench.fuzz import fuzz


def test_whatever_is_sent_to_the_bundled_models_is_answered_without_an_unexpected_exception() -> None:
    found = fuzz(Answers(Engine()), 300)
    assert found.n_requests >= 300
    assert not found.broken
    assert found.refused < found.n_requests, "some are answered"
    assert max(found.dearest.values()) < 20, found.dearest
