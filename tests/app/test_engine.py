"""The engine: from any text to a ForwardTrace, one run of the graph a text."""

from __future__ import annotations

import dataclasses
import gc
import math
import re
import shutil
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import Engine, UnknownModelError, size_of, tokenized
from app.running import memory
from app.running import model as running
from app.running.limits import Limits
from app.wire.fields import RequestError
from app.wire.interventions import Interventions
from app.wire.text import CHARACTERS
from model import config as configs
from model import taps
from model.config import BertConfig
from tests.app.conftest import CONFIG, NumPySession

LONG = "the little dog ran to the park " * 2000


def test_a_trace_holds_every_tap_of_the_text_behind_the_bos_token(engine: Engine) -> None:
    trace = engine.trace("the little dog", model="tiny")
    assert trace.config == CONFIG
    assert trace.taps.keys() == taps.table(CONFIG).keys()
    assert trace.streams["text"].text == "the little dog"
    assert trace.tokens[0].special
    assert trace.tokens[0].id == CONFIG.bos_token_id
    assert "".join(token.text for token in trace.tokens[1:]) == "the little dog"


def test_no_text_is_the_bos_token_alone(engine: Engine) -> None:
    assert [token.id for token in engine.trace("", model="tiny").tokens] == [CONFIG.bos_token_id]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None), max_size=40))
def test_any_text_is_read_and_its_bytes_are_accounted_for(engine: Engine, text: str) -> None:
    trace = engine.trace(text, model="tiny")
    clipped = trace.streams["text"].clipped
    assert len(trace.tokens) <= CONFIG.n_ctx
    raw = b"".join(token.raw for token in trace.tokens)
    assert trace.streams["text"].text.encode("utf-8").endswith(raw)
    if not clipped:
        assert trace.streams["text"].text.encode("utf-8") == raw


@pytest.mark.parametrize("length", [1_000, CHARACTERS + 1, len(LONG)])
def test_of_a_long_text_the_last_tokens_are_read_and_their_spans_count_from_its_beginning(
    engine: Engine, length: int
) -> None:
    text = LONG[-length:]
    reading = engine.read(text, "tiny")
    trace = reading.trace
    assert len(trace.tokens) == CONFIG.n_ctx
    assert trace.tokens[0].special
    assert trace.tokens[-1].end == length
    assert [text[token.start : token.end] for token in trace.tokens[1:]] == [token.text for token in trace.tokens[1:]]
    clipped = trace.streams["text"].clipped
    assert reading.notices[-1] == f"Showing the last 23 tokens of {23 + clipped:,}."
    assert clipped > min(length, CHARACTERS) / 10
    assert len(reading.notices) == (2 if length > CHARACTERS else 1)


def test_an_entry_that_the_model_has_no_row_for_is_named(engine: Engine) -> None:
    model = engine.model("tiny")
    last = max(engine.trace("the dog", "tiny").tokens, key=lambda token: token.id)
    smaller = dataclasses.replace(model, config=dataclasses.replace(CONFIG, d_vocab=last.id))
    with pytest.raises(
        RequestError, match=rf"“{re.escape(last.text)}” as entry {last.id}, .* {last.id:,} entries only"
    ):
        tokenized("the dog", smaller)


def test_a_text_that_was_just_read_is_not_run_again(engine: Engine, session: NumPySession) -> None:
    first = engine.read("a cat", "tiny")
    second = engine.read("a cat", "tiny")
    assert second.trace is first.trace
    assert session.runs == 1
    assert first.graph_ms > 0
    assert (second.tokenize_ms, second.graph_ms) == (0, 0)
    engine.read("a cat sat", "tiny")
    assert session.runs == 2


def test_a_changed_model_is_another_pass_and_its_draws_are_its_own(engine: Engine, session: NumPySession) -> None:
    as_it_is = engine.read("a cat", "tiny")
    changed = engine.read("a cat", "tiny", Interventions(((2, 1, -math.inf),)))
    assert session.runs == 2
    assert engine.read("a cat", "tiny").trace is as_it_is.trace
    assert engine.read("a cat", "tiny", Interventions(((2, 1, -math.inf),))).trace is changed.trace
    assert session.runs == 2
    assert not changed.trace.router(2)[:, 1].any()
    assert as_it_is.trace.router(2)[:, 1].all()
    after, before = (engine.logits_after(reading, [7]) for reading in (changed, as_it_is))
    assert not np.array_equal(after, before)


def test_what_is_kept_weighs_its_arrays_and_its_text(engine: Engine) -> None:
    trace = engine.trace("a cat", model="tiny")
    arrays = [trace.logits, *trace.taps.values()]
    assert size_of(trace) == sum(array.size * 4 for array in arrays) + 4 * 5


def test_many_threads_may_ask_at_once(engine: Engine) -> None:
    texts = [f"the dog {'ran ' * (i % 7)}" for i in range(80)]
    with ThreadPoolExecutor(8) as pool:
        traces = list(pool.map(lambda text: engine.trace(text, model="tiny"), texts))
    assert [trace.streams["text"].text for trace in traces] == texts
    for text, trace in zip(texts, traces, strict=True):
        np.testing.assert_array_equal(trace.logits, engine.trace(text, model="tiny").logits)


def test_logits_after_more_tokens_are_those_of_the_longer_row(engine: Engine, session: NumPySession) -> None:
    reading = engine.read("a cat", "tiny")
    assert engine.logits_after(reading, []) is not None
    assert session.runs == 1
    np.testing.assert_array_equal(engine.logits_after(reading, []), reading.trace.logits[0, -1])
    ids = [token.id for token in reading.trace.tokens]
    expected = session.run([*ids, 7, 8]).logits[0, -1]
    np.testing.assert_array_equal(engine.logits_after(reading, [7, 8]), expected)


def test_logits_after_a_full_context_push_its_first_tokens_out_but_not_bos(
    engine: Engine, session: NumPySession
) -> None:
    reading = engine.read(LONG, "tiny")
    ids = [token.id for token in reading.trace.tokens]
    expected = session.run([ids[0], *ids[3:], 7, 8]).logits[0, -1]
    np.testing.assert_array_equal(engine.logits_after(reading, [7, 8]), expected)


def test_an_unknown_model_is_refused_with_those_that_are_there(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match="model is 'bert'; there is tiny"):
        engine.trace("a", model="bert")
    with pytest.raises(UnknownModelError, match="there is no model at all"):
        Engine(tmp_path).trace("a")


def test_every_family_is_offered(checkpoints: Path, tmp_path: Path) -> None:
    shutil.copytree(checkpoints / "tiny", tmp_path / "gpt")
    shutil.copytree(checkpoints / "tiny", tmp_path / "bert")
    bert = BertConfig(name="bert", d_vocab=300, n_ctx=24, d_model=24, n_layers=1, n_heads=2, d_mlp=8)
    (tmp_path / "bert" / "config.json").write_text(configs.to_json(bert), encoding="utf-8")
    engine = Engine(tmp_path)
    assert engine.names == ("bert", "gpt")
    assert engine.config("bert") == bert


def test_of_the_hubs_models_those_used_last_stay_loaded_and_the_others_leave_nothing(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "Session", NumPySession)
    size = (checkpoints / "tiny" / "model.safetensors").stat().st_size
    engine = Engine(checkpoints, Limits(models_bytes=2 * size))
    names = [f"someone/model-{index}" for index in range(3)]
    for name in (*names, "bundled"):
        engine.add(name, checkpoints / "tiny")
    tiny, *first = (engine.model(name) for name in ("tiny", *names[:-1]))
    for name in names[:-1]:
        engine.read("the dog", name)
    gone = weakref.ref(engine.model(names[1]))
    assert engine.model(names[0]) is first[0], "used again, so the other is the one used longest ago"
    last = engine.model(names[-1])
    assert engine.model(names[0]) is first[0]
    engine.model("bundled")
    assert (engine.model("tiny"), engine.model(names[-1])) == (tiny, last), "those that come with the project count not"
    del first[1]
    gc.collect()
    assert gone() is None, "what it read once held it"


def test_a_pass_that_would_leave_too_much_reads_fewer_tokens_and_says_so(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "Session", NumPySession)
    room = memory.pass_bytes(CONFIG, 12, 0)
    engine = Engine(checkpoints, Limits(pass_bytes=room))
    reading = engine.read(LONG, "tiny")
    assert len(reading.trace.tokens) == 12
    assert size_of(reading.trace) - 4 * len(LONG) <= room
    assert any(notice.startswith("tiny reads 12 tokens at a time here, of the 24") for notice in reading.notices)
    assert not any("at a time here" in notice for notice in engine.read("the dog", "tiny").notices)


@pytest.mark.parametrize("name", ["gpt", "bert", "t5"])
def test_the_bytes_of_a_pass_are_known_before_it(name: str) -> None:
    engine = Engine()
    trace = engine.trace("The little dog ran to the park because it was very [MASK] there.", name)
    n_written = len(trace.streams["decoder"].tokens) if "decoder" in trace.streams else 0
    held = trace.logits.nbytes + sum(array.nbytes for array in trace.taps.values())
    assert memory.pass_bytes(trace.config, len(trace.tokens), n_written) == held


def test_a_text_of_another_type_is_refused(engine: Engine) -> None:
    with pytest.raises(TypeError, match="text is of type bytes; give a str"):
        engine.trace(b"a", model="tiny")  # type: ignore[arg-type]


def test_parameters_are_counted_from_the_header_of_the_safetensors_file(engine: Engine) -> None:
    assert engine.parameters("tiny") == 300 * 24 + 24 + 3 * 24 * 24


def test_a_special_token_that_was_typed_is_of_the_text_that_is_shown() -> None:
    reading = Engine().read("[MASK] " * 474, "bert")
    n_shown = len(reading.trace.tokens) - 2
    assert reading.notices[-1] == f"Showing the last {n_shown:,} tokens of 474."
