"""What the Residual exhibit is sent: the lens at one token, and parts that belong to what was asked."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from app.exhibits.residual.frame import predictions
from app.page.answers import Answers
from app.wire.fields import RequestError
from model import taps
from tests.app.conftest import CONFIG
from tests.app.page.test_answers import ask


def residual(answers: Answers, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = answers.frame(ask(exhibit="residual", **({"of": "logit"} | fields)))["residual"]
    return answer


def test_it_speaks_after_the_last_token_of_the_likeliest_one_unless_asked_otherwise(answers: Answers) -> None:
    trace = answers.engine.trace("the little dog", "tiny")
    told = residual(answers)
    assert told["query"] == len(trace.tokens) - 1
    assert told["target"]["id"] == int(trace.logits[0, -1].argmax())
    assert told["against"] is None
    assert residual(answers, query=2, target=7)["target"]["id"] == 7
    assert residual(answers, query=2)["query"] == 2
    assert residual(answers, query=CONFIG.n_ctx - 1)["query"] == len(trace.tokens) - 1, "the text became shorter"


def test_a_difference_is_to_the_runner_up_or_to_what_was_chosen(answers: Answers) -> None:
    logits = answers.engine.trace("the little dog", "tiny").logits[0, -1]
    first, second = np.argsort(-logits)[:2].tolist()
    assert residual(answers, of="difference")["against"]["id"] == second
    assert residual(answers, of="difference", target=second)["against"]["id"] == first
    assert residual(answers, of="difference", target=first, against=9)["against"]["id"] == 9
    told = residual(answers, of="difference", target=3, against=9)
    assert told["logit"] == pytest.approx(float(logits[3]) - float(logits[9]))


def test_a_change_to_the_model_does_not_change_what_is_taken_apart(answers: Answers) -> None:
    before = residual(answers, of="difference")
    assert before["untouched"] is None
    after = residual(answers, of="difference", interventions={"expert_bias": {"0.1": "off"}})
    likeliest = [told["depths"][-1]["top"][0]["id"] for told in (before, after)]
    assert likeliest[0] != likeliest[1], "the changed model says another token"
    assert [after[name]["id"] for name in ("target", "against")] == [
        before[name]["id"] for name in ("target", "against")
    ]
    assert after["untouched"] == pytest.approx(before["logit"])
    assert after["logit"] != pytest.approx(before["logit"])


def test_every_depth_lists_its_likeliest_entries_over_the_whole_vocabulary(answers: Answers) -> None:
    told = residual(answers, target=11)
    model, trace = answers.engine.model("tiny"), answers.engine.trace("the little dog", "tiny")
    streams = [trace.read(taps.RESID_PRE)[-1]]
    for layer in range(CONFIG.n_layers):
        streams += [
            trace.read(taps.RESID_PRE, layer)[-1] + trace.read(taps.ATTN_OUT, layer)[-1],
            trace.read(taps.RESID_POST, layer)[-1],
        ]
    halves = ["embedding", "attention", "experts", "attention", "mlp", "attention", "experts"]
    assert [depth["after"] for depth in told["depths"]] == halves
    assert [depth["layer"] for depth in told["depths"]] == [None, 0, 0, 1, 1, 2, 2]
    for depth, stream in zip(told["depths"], streams, strict=True):
        logits = model.lens.logits(stream).astype(np.float64)
        probabilities = np.exp(logits) / np.exp(logits).sum()
        order = np.argsort(-logits)
        assert [entry["id"] for entry in depth["top"]] == order[:5].tolist()
        assert [entry["probability"] for entry in depth["top"]] == pytest.approx(probabilities[order[:5]], rel=1e-4)
        assert depth["probability"] == pytest.approx(probabilities[11], rel=1e-4)
        assert order[depth["rank"] - 1] == 11


def test_the_sum_is_that_of_the_parts_sent(answers: Answers) -> None:
    told = residual(answers, of="difference")
    parts = told["parts"]
    assert np.shape(parts["heads"]) == (CONFIG.n_layers, CONFIG.n_heads)
    total = parts["embedding"] + parts["norm_bias"]
    total += sum(np.sum(parts[name]) for name in ("heads", "attention_bias", "feed_forward"))
    assert told["sum"] == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"target": CONFIG.d_vocab}, "target is 300; send a whole number from 0 to 299."),
        ({"against": "x"}, "against is 'x'; send a whole number from 0 to 299."),
        ({"query": -1}, "query is -1; send a whole number from 0 to 23."),
        ({"of": "sum"}, "of is 'sum'; send one of logit, difference."),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(answers: Answers, fields: Any, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        residual(answers, **fields)


def test_over_a_large_vocabulary_one_depth_is_looked_at_at_a_time() -> None:
    logits = np.random.default_rng(0).normal(size=(61, 50_000)).astype(np.float32)
    tracemalloc.start()
    try:
        said = predictions(logits, 7, lambda id: {"id": id})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < logits.nbytes / 4
    shares = np.exp(logits.astype(np.float64))
    shares /= shares.sum(axis=1, keepdims=True)
    for depth in (0, 60):
        best = np.argsort(-logits[depth], kind="stable")
        assert [one["id"] for one in said[depth]["top"]] == best[: len(said[depth]["top"])].tolist()
        assert said[depth]["probability"] == pytest.approx(shares[depth, 7], rel=1e-5)
        assert said[depth]["rank"] == 1 + best.tolist().index(7)
