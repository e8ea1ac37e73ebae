"""What the Positions exhibit is sent: formulas, tables out of checkpoints, one head's vectors, and long readings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from app.asked.question import Part, Question
from app.engine import Engine
from app.exhibits.positions import frame as positions
from app.exhibits.positions import long_reads, vectors
from app.page.answers import Answers
from app.running.model import Model
from app.wire.fields import Fields, RequestError
from model import config as configs
from model import taps
from model.config import GPTConfig, PositionConfig, RopeScaling
from model.study import position_math
from tests.app.conftest import CONFIG, train_tokenizer
from tests.app.page.test_answers import ask

ASKED = {"exhibit": "positions", "layer": 1, "head": 3, "scheme": "own", "factor": 4, "sees": "own"}


def part(engine: Engine, **fields: Any) -> Part:
    return positions.frame(Question(Fields(ask(**(ASKED | fields))), engine), long_reads.LongReads())


@pytest.fixture
def with_buckets(checkpoints: Path, tmp_path: Path, engine: Engine) -> Engine:
    """The same models, and one with T5's buckets under the name that the page looks for."""
    folder = tmp_path / "gpt-t5bias"
    folder.mkdir()
    config = GPTConfig("gpt-t5bias", 300, 24, 8, 1, 2, 8, positions=PositionConfig("t5"), bos_token_id=0)
    (folder / "config.json").write_text(configs.to_json(config), encoding="utf-8")
    (folder / "tapped.onnx").touch()
    train_tokenizer(folder / "tokenizer.json")
    table = np.random.default_rng(0).normal(size=(32, 2)).astype(np.float16)
    save_file({"positions.weight": table}, folder / "model.safetensors")
    (tmp_path / "tiny").symlink_to(checkpoints / "tiny")
    return Engine(tmp_path)


def test_the_models_own_scheme_is_large_unless_another_is_chosen(engine: Engine):
    told = part(engine).fields["positions"]
    assert (told["own"], told["scheme"]) == ("rope", "rope")
    assert told["rope"]["frequencies"] == pytest.approx(position_math.rope_frequencies(6, 10_000.0))
    assert part(engine, scheme="alibi").fields["positions"]["scheme"] == "alibi"
    assert part(engine, scheme="alibi").arrays == {}


def test_queries_and_keys_are_those_of_the_chosen_head_before_rotation_and_after(engine: Engine):
    shown, trace = part(engine), engine.trace("the little dog", "tiny")
    assert shown.fields["positions"]["scores"] == {
        "layer": 1,
        "head": 3,
        "scale": CONFIG.head_width**-0.5,
        "cap": None,
        "causal": True,
    }
    for name, kind, head in (("q", taps.Q, 3), ("k", taps.K, 1), ("rot_q", taps.ROT_Q, 3), ("rot_k", taps.ROT_K, 1)):
        np.testing.assert_array_equal(shown.arrays[name].values, trace.read(kind, 1)[:, head])


@pytest.mark.parametrize(("asked", "query", "key"), [("", 4, 1), ("2.end", 2, 0), ("end.3", 4, 3), ("99.99", 4, 4)])
def test_of_many_vectors_come_those_of_two_tokens_and_what_the_others_come_to(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, asked: str, query: int, key: int
):
    trace = engine.trace("the little dog", "tiny")
    n_tokens = len(trace.tokens)
    query, key = (min(at, n_tokens - 1) for at in (query, key))
    assert part(engine).fields["positions"]["compared"] is None
    monkeypatch.setattr(vectors, "MOST", 10)
    shown = part(engine, compares=asked)
    assert shown.fields["positions"]["compared"] == {"query": query, "key": key}
    kinds = {"q": (taps.Q, 3, query), "k": (taps.K, 1, key), "rot_q": (taps.ROT_Q, 3, query)}
    for name, (kind, head, at) in (kinds | {"rot_k": (taps.ROT_K, 1, key)}).items():
        np.testing.assert_array_equal(shown.arrays[name].values, trace.read(kind, 1)[at : at + 1, head])
    for at, (q, k) in enumerate(((taps.Q, taps.K), (taps.ROT_Q, taps.ROT_K))):
        dots = trace.read(k, 1)[:, 1].astype(np.float64) @ trace.read(q, 1)[query, 3]
        np.testing.assert_allclose(shown.arrays["dots"].values[at], dots, atol=1e-6)


def test_of_many_trained_vectors_come_two_the_cosines_with_one_and_all_in_small(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vectors, "MOST", 100)
    monkeypatch.setattr(vectors, "SIDE", 4)
    rows = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    block, arrays = vectors.added(rows, 7, 2)
    assert block == 5
    np.testing.assert_array_equal(arrays["learned_rows"], rows[[7, 2]])
    cosines = [float(row @ rows[7] / np.linalg.norm(row) / np.linalg.norm(rows[7])) for row in rows]
    np.testing.assert_allclose(arrays["learned_alike"], cosines, rtol=1e-5)
    for at in np.ndindex(arrays["learned_small"].shape):
        there = rows[tuple(slice(5 * one, 5 * one + 5) for one in at)].ravel()
        assert arrays["learned_small"][at] == there[np.abs(there).argmax()]


@pytest.mark.parametrize("factor", [1, 4, 64])
def test_stretched_frequencies_are_the_formulas_at_the_trained_length(engine: Engine, factor: float):
    told = part(engine, factor=factor).fields["positions"]["stretched"]
    yarn = RopeScaling("yarn", factor, CONFIG.n_ctx)
    assert told["linear"] == pytest.approx([frequency / factor for frequency in told["trained"]])
    assert told["yarn"] == pytest.approx(position_math.rope_frequencies(6, 10_000.0, yarn))
    assert told["attention_factor"] == pytest.approx(1 + 0.1 * np.log(factor))


def test_what_no_checkpoint_has_is_null(engine: Engine):
    told = part(engine).fields["positions"]
    assert told["t5"] is None
    assert told["learned"] is None


def test_biases_are_the_tables_rows_by_bucket(with_buckets: Engine):
    shown = part(with_buckets, scheme="t5")
    told = shown.fields["positions"]["t5"]
    assert (told["source"], told["sees"], told["n_buckets"]) == ("gpt-t5bias", "left", 32)
    table = positions.weight(with_buckets, "gpt-t5bias", "positions.weight")
    reach, buckets = told["reach"], shown.arrays["t5_buckets"].values
    for distance in (0, 1, 15, 16, 40, 127, 128):
        bucket = position_math.t5_bucket(-distance, 32, 128, bidirectional=False)
        assert buckets[reach - 1 - distance] == bucket
        np.testing.assert_array_equal(shown.arrays["t5_bias"].values[:, reach - 1 - distance], table[bucket])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("factor", 0.5, "factor is 0.5; send a number from 1 to 64"),
        ("scheme", "polar", "scheme is 'polar'; send one of own, none"),
        ("sees", "up", "sees is 'up'; send one of own, left, both"),
        ("layer", 3, "layer is 3; send a whole number from 0 to 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(engine: Engine, field: str, value: Any, sentence: str):
    with pytest.raises(RequestError, match=sentence):
        part(engine, **{field: value})


def test_a_reader_that_is_not_here_says_so(answers: Answers):
    told = answers.named("reads")(ask(**ASKED, reader="gpt-nope"))
    assert (told["there"], told["scheme"], told["trained_at"]) == (False, "none", 128)
    with pytest.raises(RequestError, match="reader is 'gpt'; send one of gpt-sinusoidal"):
        answers.named("reads")(ask(**ASKED, reader="gpt"))


def test_losses_are_minus_the_log_of_the_targets_probability():
    logits = np.random.default_rng(0).normal(0, 5, (7, 11)).astype(np.float32)
    targets = np.arange(7)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(
        long_reads.losses_of(logits, targets), -np.log(probabilities[targets, targets]), rtol=1e-5
    )


def test_the_stories_are_read_once_and_nobody_waits_for_another(monkeypatch: pytest.MonkeyPatch, engine: Engine):
    reads, read = long_reads.LongReads(), []

    def slow(asked: Model) -> long_reads.Stretches:
        assert reads.stretches(asked) is None, "while one reads, another is sent away"
        read.append(asked.name)
        return long_reads.Stretches((1.0,), None)

    monkeypatch.setattr(long_reads, "read_stretches", slow)
    first = reads.stretches(engine.model("tiny"))
    assert first is not None
    assert reads.stretches(engine.model("tiny")) is first
    assert read == ["tiny"]
