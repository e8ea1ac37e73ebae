"""What a pass over a long text keeps, in bytes, and that what it let go comes out the same again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.engine import Engine
from app.running import model as running
from app.running import piece, pieces, prefix
from app.running.pieces import REQUESTS, Pieces
from app.wire.interventions import UNTOUCHED
from model import taps
from model.trace import ForwardTrace
from tests.app.running.test_prefix import MODELS, OPENING, assert_whole

LONG = f"{OPENING} her friend. Then they all went home and had a big cake"


@pytest.fixture
def long_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the shortest texts are read, and what is made of them kept, as one of a thousand tokens is."""
    for module, name, n in (
        (prefix, "WHOLE", 4),
        (prefix, "BLOCK", 8),
        (pieces, "WHOLE", 4),
        (pieces, "SMALL", 4),
        (pieces, "WORTH", 1),
        (pieces, "SPARE_BYTES", 0),
    ):
        monkeypatch.setattr(module, name, n)


def counted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each run of the bundled GPT's graph reads from now on."""
    lengths, run = list[int](), engine.model("gpt").session.run

    def once(ids: list[int], **given: object) -> object:
        lengths.append(len(ids))
        return run(ids, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.model("gpt").session, "run", once)
    return lengths


def lanes(trace: ForwardTrace) -> float:
    """Reads the residual stream behind every block."""
    layers = range(trace.config.stacks[trace.config.reader].layers)
    return sum(float(part.values.sum()) for layer in layers for part in trace.stretches(taps.RESID_POST, layer))


def whole(trace: ForwardTrace) -> float:
    """Puts together attention of all blocks."""
    return sum(float(trace.pattern(layer).sum()) for layer in range(trace.config.stacks["text"].layers))


def held(trace: ForwardTrace) -> int:
    """The bytes of a pass, with what was put together of it."""
    assert isinstance(trace.taps, Pieces)
    return trace.nbytes + sum(array.nbytes for array in trace.taps._whole.values())


@pytest.mark.parametrize("read", [lanes, whole])
@pytest.mark.usefixtures("long_texts")
def test_of_a_long_text_what_nobody_reads_any_more_is_let_go(read: Callable[[ForwardTrace], float]) -> None:
    engine = Engine()
    trace = engine.read(LONG, "gpt").trace
    first = held(trace)
    found = read(trace)
    assert held(trace) > 1.1 * first
    for _ in range(REQUESTS + 1):
        trace = engine.read(LONG, "gpt").trace
    assert held(trace) <= first
    assert read(trace) == pytest.approx(found, rel=1e-5)


@pytest.mark.usefixtures("long_texts")
def test_a_key_lets_go_as_well_of_what_the_keys_before_it_did_not_read() -> None:
    sizes = {}
    for reads in (False, True):
        engine = Engine()
        trace = engine.read(LONG, "gpt").trace
        if reads:
            lanes(trace)
        for n in range(1, REQUESTS + 2):
            trace = engine.read(f"{LONG} {'and ' * n}", "gpt").trace
        assert isinstance(trace.taps, Pieces)
        sizes[reads] = sum(
            array.nbytes for one, _ in trace.taps._pieces if one.start < 8 for array in one.there.values()
        )
    assert sizes[True] <= sizes[False]


@pytest.mark.usefixtures("long_texts")
def test_what_each_request_reads_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    lengths = counted(engine, monkeypatch)
    for _ in range(2):
        lanes(engine.read(LONG, "gpt").trace)
    n_runs = len(lengths)
    for _ in range(2 * REQUESTS):
        lanes(engine.read(LONG, "gpt").trace)
    assert len(lengths) == n_runs


@pytest.mark.usefixtures("long_texts")
def test_logits_that_are_measured_at_once_are_not_kept() -> None:
    trace = Engine().read(LONG, "gpt").trace
    before = trace.nbytes
    measured = np.concatenate([part.values for part in trace.logit_stretches()])
    assert trace.nbytes == before
    np.testing.assert_array_equal(trace.logits_at(3), measured[3])
    assert trace.nbytes > before, "those of a token that one looks at are"


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.usefixtures("long_texts")
def test_what_was_let_go_comes_out_the_same(name: str) -> None:
    engine = Engine()
    for text in (LONG, f"{LONG} and", LONG[:-9], f"{LONG} and a dog", LONG):
        for _ in range(REQUESTS + 1):
            trace = engine.read(text, name).trace
        assert_whole(engine, text, name, UNTOUCHED, trace)


@pytest.mark.usefixtures("long_texts")
def test_one_lets_go_while_another_reads() -> None:
    engine = Engine()
    found = lanes(engine.read(LONG, "gpt").trace)

    def looks(_: int) -> float:
        return lanes(engine.read(LONG, "gpt").trace)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(looks, range(40))) == pytest.approx([found] * 40, rel=1e-5)


@pytest.mark.usefixtures("long_texts")
def test_two_passes_that_go_on_from_each_other_hold_one_past_and_its_keys_once() -> None:
    engine = Engine()
    before = engine.read(LONG, "gpt").trace
    engine.read(f"{LONG} and", "gpt")
    after = engine.read(f"{LONG} and then", "gpt").trace
    assert isinstance(before.taps, Pieces)
    assert isinstance(after.taps, Pieces)
    assert before.taps._past is None
    (keys, _), *_ = after.taps.past()
    one, _ = after.taps._pieces[0]
    assert np.shares_memory(one.there[taps.ROT_K.name(0)], keys)
    model = engine.model("gpt")
    expected = running.run(model, after.streams["text"], UNTOUCHED).read(taps.ROT_K)
    np.testing.assert_allclose(keys[0].transpose(1, 0, 2), expected[: keys.shape[2]], atol=1e-5)


def test_what_was_read_longest_ago_goes_first_and_no_more_than_must() -> None:
    there = {name: np.zeros(100, np.float16) for name in ("kept", "old", "older", "new")}
    read_at = {"old": 2, "older": 1, "new": 9}
    assert piece.forget([(there, read_at, {"kept"})], since=9, limit_bytes=400) == 200
    assert list(there) == ["kept", "old", "new"]
    assert piece.forget([(there, read_at, {"kept"})], since=9, limit_bytes=0) == 200
    assert list(there) == ["kept", "new"], "what was read since stays"
