"""Short runs of `tests/bench/fuzz.py` and `fuzz_http.py`: hostile requests against the bundled models."""

from __future__ import annotations

from app.engine import Engine
from app.page.answers import Answers
from tests.bench.fuzz import fuzz
from tests.bench.fuzz_http import fuzz_http
from tests.ui.server import serve


def test_whatever_is_sent_to_the_bundled_models_is_answered_without_an_unexpected_exception() -> None:
    found = fuzz(Answers(Engine()), 300)
    assert found.n_requests >= 300
    assert not found.broken
    assert found.refused < found.n_requests, "some are answered"
    assert max(found.dearest.values()) < 20, found.dearest


def test_whatever_bytes_come_over_http_the_server_goes_on_serving() -> None:
    with serve() as url:
        found = fuzz_http(url, 150)
    assert not found.wrong, found.wrong
    assert found.answers[200], "some are answered"
    assert set(found.answers) - {0, 200}, "some are refused"
