"""A pass that goes on from an earlier one is the pass over the whole text, whatever was typed, cut or pasted before."""

from __future__ import annotations

import dataclasses
import math
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import BYTES_KEPT, Engine, size_of, tokenized
from app.running import model as running
from app.running import prefix
from app.running.budget import Budget, holding
from app.wire.interventions import UNTOUCHED, Interventions, Neuron
from app.wire.mask_specification import Mask, with_self
from export.runtime.ending import EndedError
from model import taps
from model.trace import ForwardTrace, Stretch
from tests.ui.audit import sparse

MODELS = ("gpt", "gpt-rope", "gpt-learned", "gpt-sinusoidal", "gpt-nope", "gpt-alibi", "gpt-t5bias")
OTHERS = ("bert", "t5")
OPENING = "Tom and Anna went to the park. Anna gave the ball to"
PIECES = st.sampled_from(
    ["a", " ", "x", " the", " dog", ".", "\n", "é", "👍", "<|endoftext|>", "\x00", " Tom saw a red fox."]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(st.just(""), PIECES)), min_size=1, max_size=5)
"""Where in the text, how many characters are taken there, and what is put in their place."""
MASKS = ("window:4", "strided:3", "fixed:4:1", "longformer:4:1", "bigbird:2:1:1:7", "document:3:6")
HEADS_OFF = Interventions(heads_off=(("text", 0, 1), ("text", 2, 3)))
CHANGES: tuple[tuple[Interventions, str | None], ...] = (
    (UNTOUCHED, None),
    (HEADS_OFF, None),
    (Interventions(mlps_off=(("text", 1),)), None),
    (Interventions(neurons=(Neuron("text", 0, None, 7, 4.0), Neuron("text", 2, None, 90, 0.0))), None),
    *((UNTOUCHED, mask) for mask in MASKS),
    (HEADS_OFF, "window:3"),
)
"""What is switched off, and the mask."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def changed(engine: Engine, name: str, at: int) -> Interventions:
    """One of the changes, with its mask as this model reads it."""
    off, mask = CHANGES[at]
    return dataclasses.replace(off, mask=None if mask is None else Mask.read(mask, engine.config(name)))


def edited(text: str, edit: tuple[float, int, str]) -> str:
    where, n_taken, put = edit
    at = round(where * len(text))
    return text[:at] + put + text[at + n_taken :]


def assert_whole(engine: Engine, text: str, name: str, interventions: Interventions, trace: ForwardTrace) -> None:
    """A trace is that of a pass over all of the text."""
    model = engine.model(name)
    stream, _ = tokenized(text, model)
    whole = running.run(model, stream, interventions)
    assert trace.streams == whole.streams
    assert trace.taps.keys() == whole.taps.keys()
    for tap, expected in [*whole.taps.items(), ("logits", whole.logits)]:
        there = trace.logits if tap == "logits" else trace.taps[tap]
        scale = max(1.0, float(np.abs(expected[np.isfinite(expected)]).max(initial=0)))
        np.testing.assert_allclose(there / scale, expected / scale, atol=1e-5, err_msg=f"{tap} of {text!r}")
    place = trace.config.reader
    lanes = (trace.stretches(taps.RESID_POST, 1, place), trace.read(taps.RESID_POST, 1, place))
    for stretches, together in (lanes, (trace.logit_stretches(), trace.logits[0])):
        parts = list(stretches)
        assert [part.start for part in parts] == [0, *np.cumsum([len(part.values) for part in parts])[:-1]]
        np.testing.assert_array_equal(np.concatenate([part.values for part in parts]), together)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(MODELS), st.integers(0, len(CHANGES) - 1), EDITS)
def test_whatever_is_edited_a_pass_is_that_over_the_whole_text(
    engine: Engine, name: str, changes: int, edits: list[tuple[float, int, str]]
) -> None:
    interventions = changed(engine, name, changes)
    text = OPENING
    engine.read(text, name, interventions)
    for edit in edits:
        text = edited(text, edit)
        assert_whole(engine, text, name, interventions, engine.read(text, name, interventions).trace)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(MODELS), st.integers(0, len(CHANGES) - 1), EDITS, st.integers(1, 9))
def test_a_text_that_is_read_in_blocks_is_read_as_a_whole(
    name: str, changes: int, edits: list[tuple[float, int, str]], block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prefix, "WHOLE", block)
        patch.setattr(prefix, "BLOCK", block)
        engine = Engine()
        interventions = changed(engine, name, changes)
        text = OPENING
        for edit in edits:
            assert_whole(engine, text, name, interventions, engine.read(text, name, interventions).trace)
            text = edited(text, edit)


def test_what_a_pass_has_read_before_it_is_ended_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix, "WHOLE", 4)
    monkeypatch.setattr(prefix, "BLOCK", 4)
    engine, left = Engine(), Budget(math.inf)
    session = engine.model("gpt").session
    lengths, run = list[int](), session.run

    def counted(ids: list[int], **given: object) -> object:
        lengths.append(len(ids))
        if len(lengths) == 2:
            left.end()
        return run(ids, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "run", counted)
    with holding(left), pytest.raises(EndedError):
        engine.read(OPENING, "gpt")
    assert lengths == [4, 4], "the second block was ended, and no third one was begun"
    text = f"{OPENING} h"
    trace = engine.read(text, "gpt").trace
    assert sum(lengths[2:]) == len(trace.tokens) - 4
    monkeypatch.undo()
    assert_whole(engine, text, "gpt", UNTOUCHED, trace)


def test_a_pass_in_blocks_is_one_step_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix, "WHOLE", 4)
    monkeypatch.setattr(prefix, "BLOCK", 4)
    engine = Engine()
    run = engine.model("gpt").session.run

    def slow(*ids: object, **given: object) -> object:
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        return run(*ids, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.model("gpt").session, "run", slow)
    with holding(Budget(0.02)):
        assert len(engine.read(OPENING, "gpt").trace.tokens) > 8


def test_two_who_type_at_once_each_get_their_own_text(engine: Engine) -> None:
    texts = {"Tom": " saw a red fox and a big cat", "Anna": " ran to the park with her dog"}

    def types(who: str) -> list[tuple[str, ForwardTrace]]:
        seen = [f"{OPENING} {who}{texts[who][:n]}" for n in range(len(texts[who]))]
        return [(text, engine.read(text, "gpt").trace) for text in seen]

    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(types, texts))
    for text, trace in (one for of in both for one in of[::7]):
        assert_whole(engine, text, "gpt", UNTOUCHED, trace)


def test_a_key_computes_only_the_tokens_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    session = engine.model("gpt").session
    lengths, run = list[int](), session.run

    def counted(ids: list[int], **given: object) -> object:
        lengths.append(len(ids))
        return run(ids, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "run", counted)
    for text in (OPENING, f"{OPENING} h", f"{OPENING} hi", OPENING[:-3], f"{OPENING} the red fox"):
        engine.read(text, "gpt")
    n_opening = len(engine.read(OPENING, "gpt").trace.tokens)
    assert lengths[0] == n_opening
    assert lengths[1:] == [1, 1, 3], "a text that is the beginning of another is not computed at all"


def test_of_the_tokens_that_a_key_leaves_nothing_is_measured_again() -> None:
    engine, measured = Engine(), list[int]()

    def measure(stretch: Stretch) -> float:
        measured.append(stretch.values.shape[1])
        return float(stretch.values.sum())

    for keys in (" ", " h", " ha", " hap", " happ"):  # the space is a token of its own until a letter follows
        trace = engine.read(OPENING + keys, "gpt").trace
        summed = sum(stretch.made("sum", measure) for stretch in trace.stretches(taps.PATTERN))
        assert summed == pytest.approx(trace.pattern(0).sum(), rel=1e-5)
    n_opening = len(engine.model("gpt").tokenizer.encode(OPENING).tokens)
    assert measured[:2] == [n_opening + 1, n_opening]
    assert sum(measured[2:]) < n_opening, "what came before the word is measured once"


@pytest.mark.parametrize("name", OTHERS)
def test_a_model_that_looks_ahead_reads_each_text_whole(engine: Engine, name: str) -> None:
    assert not prefix.can_go_on(engine.model(name))
    for text in (OPENING, f"{OPENING} h"):
        assert_whole(engine, text, name, UNTOUCHED, engine.read(text, name).trace)


PAINTED = sparse.paint(np.add.outer(np.arange(6), np.arange(6)) % 3 == 0)


@pytest.mark.parametrize("mask", [*MASKS, "bigbird:4:1:2:9", "longformer:7:3", PAINTED])
def test_a_mask_allows_the_first_tokens_the_same_keys_at_every_length(engine: Engine, mask: str) -> None:
    config = engine.config("gpt")
    longest = with_self(Mask.read(mask, config).allowed(70, config))
    for n in range(1, 70):
        assert (with_self(Mask.read(mask, config).allowed(n, config)) == longest[:, :n, :n]).all(), n


def test_an_expert_that_is_off_is_no_past_for_the_model_as_it_is(engine: Engine) -> None:
    off = Interventions(((1, 0, -math.inf),))
    engine.read(OPENING, "gpt", off)
    text = f"{OPENING} h"
    for interventions in (UNTOUCHED, off):
        assert_whole(engine, text, "gpt", interventions, engine.read(text, "gpt", interventions).trace)


def test_a_long_pass_is_gone_on_from_though_others_were_read_since(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.BYTES_KEPT", 2**16)
    monkeypatch.setattr("app.engine.LONGEST_BYTES", 2**19)
    engine = Engine()
    long = engine.read(f"{OPENING} her", "gpt").trace
    assert size_of(long) > 2**19
    for model, text in (("bert", "Tom"), ("t5", "Tom"), ("gpt-nope", "Tom")):
        assert size_of(engine.read(text, model).trace) <= 2**19
    lengths, run = list[int](), engine.model("gpt").session.run

    def counted(ids: list[int], **given: object) -> object:
        lengths.append(len(ids))
        return run(ids, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.model("gpt").session, "run", counted)
    n_more = len(engine.read(f"{OPENING} her toys", "gpt").trace.tokens) - len(long.tokens)
    assert 1 <= n_more == sum(lengths)


def test_a_long_pass_under_a_mask_and_the_one_without_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.LONGEST_BYTES", 2**10)
    engine = Engine()
    under = Interventions(mask=Mask.read("window:4", engine.config("gpt")))
    size = sum(size_of(engine.read(OPENING, "gpt", changes).trace) for changes in (under, UNTOUCHED))
    engine._longest.limit_bytes = size * 3 // 2  # two fit, and three do not
    lengths, run = list[int](), engine.model("gpt").session.run

    def counted(ids: list[int], **given: object) -> object:
        lengths.append(len(ids))
        return run(ids, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.model("gpt").session, "run", counted)
    for text in (f"{OPENING} her", f"{OPENING} her and", f"{OPENING} her and him"):
        for changes in (under, UNTOUCHED):
            engine.read(text, "gpt", changes)
    assert lengths == [1] * 6
    assert len(engine._longest) == 2


def test_what_is_kept_is_bounded() -> None:
    engine = Engine()
    for at in range(60):
        engine.read(OPENING * 3 + " " + "ab " * at, "gpt")
    held = [size_of(reading.trace) for reading in engine._readings.values(lambda _: True)]
    assert sum(held) <= BYTES_KEPT
