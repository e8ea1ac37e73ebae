"""The Attention frame: patterns of every kind as the trace has them, cells that recompute, heads switched off."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest

from app.asked import heads, parts
from app.engine import Engine
from app.exhibits.attention import frame as attention
from app.page.answers import Answers
from app.wire import payload, thumbnails
from app.wire.fields import RequestError
from app.wire.interventions import Interventions
from app.wire.patterns import WHOLE, in_steps, one
from app.wire.thumbnails import NOTHING, SIGNED_STEPS, STEPS
from model import taps
from model.config import GPTConfig, PositionConfig
from model.study import sampling
from model.trace import ForwardTrace, Stream, Token
from tests.app.asked.test_heads import patterns
from tests.app.conftest import CONFIG
from tests.app.page.test_answers import ask
from tests.app.wire.test_payload import TEXT, unpack

TEXTS = {
    "gpt": "The little dog ran to the park because",
    "bert": "The little girl was very [MASK].",
    "t5": "translate English to French: The little dog ran to the park.",
}
KINDS = [("gpt", "text"), ("bert", "text"), ("t5", "encoder"), ("t5", "decoder"), ("t5", "cross")]


@pytest.fixture
def trace(engine: Engine) -> ForwardTrace:
    return engine.trace(TEXT, model="tiny")


@pytest.fixture(scope="module")
def bundled() -> Answers:
    """Answers of the models that the project trained."""
    return Answers(Engine())


def asked(model: str, **fields: Any) -> dict[str, Any]:
    """A request about a model's own text."""
    return ask(exhibit="attention", model=model, text=TEXTS[model], **fields)


def test_the_head_that_is_looked_at_arrives_in_steps_rounded_down(trace: ForwardTrace) -> None:
    for head in trace.pattern(1):
        packed = payload.pack({"head": one(head, causal=True)})
        assert packed["arrays"]["head"]["shape"] == (1, 1, len(trace.tokens), len(trace.tokens))
        expected = [[floor(WHOLE * Fraction(p)) for p in row] for row in head.tolist()]
        np.testing.assert_array_equal(unpack(packed, "head")[0, 0], expected)


def test_a_frame_of_one_token_has_a_pattern_of_one_cell(answers: Answers) -> None:
    frame = answers.frame(ask(exhibit="attention", text=""))
    np.testing.assert_array_equal(unpack(frame, "pattern"), np.full((3, 4, 1, 1), STEPS))
    np.testing.assert_array_equal(unpack(frame, "pattern_head"), [[[[WHOLE]]]])


@pytest.mark.parametrize(("model", "kind"), KINDS)
def test_every_kind_of_every_family_arrives_whole(bundled: Answers, model: str, kind: Any) -> None:
    trace = bundled.engine.trace(TEXTS[model], model=model)
    for layer, head in ((0, 0), (1, 3), (10**6, 10**6)):
        frame = bundled.frame(asked(model, kind=kind, layer=layer, head=head))
        expected = trace.pattern(frame["layer"], kind)[frame["head"]]
        np.testing.assert_array_equal(unpack(frame, "pattern_head")[0, 0], in_steps(expected))
        assert frame["arrays"]["pattern_head"]["half"] is (model == "gpt" or kind == "decoder")
    small, every = unpack(frame, "pattern"), np.stack(patterns(trace, kind))
    assert frame["thumbnails"] == {"largest": pytest.approx(every.max()), "block": 1}
    np.testing.assert_allclose(small / STEPS, every / every.max(), atol=0.51 / STEPS)
    rows = frame["written"] if kind in ("decoder", "cross") else frame["tokens"]
    columns = frame["written"] if kind == "decoder" else frame["tokens"]
    assert small.shape[2:] == (len(rows), len(columns))


def test_without_the_places_where_attention_rests_each_row_is_whole(bundled: Answers) -> None:
    shown, frame = (bundled.frame(asked("gpt", layer=2, head=3, sinks=sinks)) for sinks in ("shown", "hidden"))
    head = bundled.engine.trace(TEXTS["gpt"]).pattern(2)[3].astype(np.float64)
    np.testing.assert_array_equal(unpack(shown, "pattern_head")[0, 0], in_steps(head))
    head[:, 0] = 0
    rest = head.sum(axis=1, keepdims=True)
    expected = np.where(rest < heads.LEAST_REST, 0, head / np.maximum(rest, heads.LEAST_REST))
    np.testing.assert_array_equal(unpack(frame, "pattern_head")[0, 0], in_steps(expected))
    place = {"layer": 2, "head": 3, "query": 5, "key": 3}
    cell = bundled.named("cell")(asked("gpt", sinks="hidden", **place))
    assert cell["heads"][2][3] == pytest.approx(expected[5, 3])


def test_a_cell_says_what_every_head_has_of_it(bundled: Answers) -> None:
    trace = bundled.engine.trace(TEXTS["bert"], "bert")
    cell = bundled.named("cell")(asked("bert", layer=0, head=0, query=4, key=2))
    np.testing.assert_array_equal(cell["heads"], [trace.pattern(layer)[:, 4, 2] for layer in range(len(cell["heads"]))])


def test_what_has_changed_since_the_pin_comes_with_the_frame(bundled: Answers) -> None:
    before, after = "Tom and Anna went to the park. Anna saw", "Tom and Anna went to the park. Tom saw him"
    pinned = {"text": before, "model": "gpt", "interventions": {}}
    frame = bundled.frame({**asked("gpt", layer=2, head=4, pin=pinned), "text": after})
    then, now = (bundled.engine.trace(text) for text in (before, after))
    np.testing.assert_array_equal(unpack(frame, "pattern_then")[0, 0], in_steps(then.pattern(2)[4]))
    assert frame["former"] == {side: [token.id for token in then.tokens] for side in ("queries", "keys")}
    n_both = min(len(then.tokens), len(now.tokens))
    same = np.zeros(len(now.tokens), bool)
    same[:n_both] = [now.tokens[at].id == then.tokens[at].id for at in range(n_both)]
    assert same.any()
    assert not same[:n_both].all()
    assert len(same) > n_both
    change = np.stack(list(attention.since(now, then, "text")))
    every = [np.stack(patterns(of, "text"))[..., :n_both, :n_both] for of in (now, then)]
    expected = np.where(np.outer(same, same)[:n_both, :n_both], every[0] - every[1], np.nan)
    np.testing.assert_allclose(change[..., :n_both, :n_both], expected, atol=2.1 / WHOLE)
    assert np.isnan(change[..., n_both:, :]).all()
    largest = frame["thumbnails_change"]["largest"]
    assert largest == pytest.approx(np.nanmax(np.abs(change)))
    small = unpack(frame, "pattern_change")
    below = np.tril(np.ones(small.shape[-2:], bool))
    np.testing.assert_array_equal((small == NOTHING)[..., below], np.isnan(change)[..., below])
    kept = ~np.isnan(change) & below
    np.testing.assert_allclose(small[kept] / SIGNED_STEPS, change[kept] / largest, atol=0.51 / SIGNED_STEPS)


def test_a_pin_in_another_model_has_no_heads_to_compare(bundled: Answers) -> None:
    pinned = {"text": TEXTS["gpt"], "model": "gpt-rope", "interventions": {}}
    frame = bundled.frame(asked("gpt", pin=pinned))
    assert {"former", "thumbnails_change"}.isdisjoint(frame)
    assert "pattern_then" not in frame["arrays"]


@pytest.mark.parametrize(("model", "kind"), KINDS)
def test_a_cell_leads_to_the_probability_of_the_graph(bundled: Answers, model: str, kind: Any) -> None:
    trace = bundled.engine.trace(TEXTS[model], model=model)
    n_queries, n_keys = trace.pattern(0, kind).shape[1:]
    for layer, head, query, key in [(0, 0, 0, 0), (1, 2, n_queries - 1, n_keys // 2), (2, 1, 1, n_keys - 1)]:
        place = {"layer": layer, "head": head, "query": query, "key": key}
        cell = bundled.named("cell")(asked(model, kind=kind, **place))
        assert cell["scales"] is (model != "t5")
        divisor = np.sqrt(len(cell["q"])) if cell["scales"] else 1.0
        assert cell["dot"] == pytest.approx(np.dot(cell["q"], cell["k"]))
        assert cell["scaled"] == pytest.approx(cell["dot"] / divisor)
        assert (cell["bias"] is None) is (model != "t5" or kind == "cross")
        scores = [-np.inf if score is None else score for score in cell["row"]["scores"]]
        np.testing.assert_allclose(sampling.probabilities_of(np.array(scores)), cell["row"]["probabilities"], atol=1e-4)
        assert cell["probability"] == float(trace.pattern(layer, kind)[head, query, key])
        causal = model == "gpt" or kind == "decoder"
        assert cell["allowed"] is (not causal or key <= query)
        if cell["allowed"]:
            assert scores[key] == pytest.approx(cell["scaled"] + (cell["bias"] or 0.0))


@pytest.mark.parametrize(("model", "kind"), KINDS)
def test_why_scores_are_divided_is_measured_on_the_head_of_the_cell(bundled: Answers, model: str, kind: Any) -> None:
    cell = bundled.named("cell")(asked(model, kind=kind, layer=1, head=2, query=2, key=0))
    trace = bundled.engine.trace(TEXTS[model], model=model)
    q, k, _ = (rows.astype(np.float64) for rows in trace.qkv(1, 2, kind))
    causal = model == "gpt" or kind == "decoder"
    allowed = np.tri(len(q), dtype=bool) if causal else np.ones((len(q), len(k)), dtype=bool)
    dots = (q @ k.T)[allowed]
    measured = cell["scaling"]
    assert measured["pairs"] == allowed.sum()
    assert measured["variance"] == pytest.approx({"q": q.var(), "k": k.var(), "dot": dots.var()})
    assert measured["divided_variance"] == pytest.approx(dots.var() / q.shape[1])
    assert measured["own"] == ("undivided" if model == "t5" else "divided")
    own = measured["row"][measured["own"]]
    row = np.array(cell["row"]["probabilities"])[allowed[2]]
    np.testing.assert_allclose(own["probabilities"], row, atol=1e-4)
    assert own["entropy_bits"] == pytest.approx(sampling.entropy_bits(row.astype(np.float64)), abs=1e-3)


@pytest.mark.parametrize(("model", "kind"), KINDS)
def test_a_head_that_is_off_changes_the_prediction_by_so_many_bits(bundled: Answers, model: str, kind: Any) -> None:
    off = [f"{kind}.0.1", f"{kind}.2.3"]
    frame = bundled.frame(asked(model, kind=kind, interventions={"heads_off": off}))
    change = frame["change"]
    changed = bundled.engine.read(TEXTS[model], model, Interventions(heads_off=((kind, 0, 1), (kind, 2, 3))))
    ids = [[token.id for token in stream.tokens] for stream in changed.trace.streams.values()]
    session = changed.model.session
    logits = session.run(ids[0], decoder_ids=ids[1]) if model == "t5" else session.run(ids[0])
    before, after = logits.logits[0, frame["position"]], changed.trace.logits[0, frame["position"]]
    assert change["kl_bits"] == pytest.approx(sampling.kl_bits(before, after), abs=1e-4)
    assert change["kl_bits"] > 0
    assert change["before"]["id"] == before.argmax()
    first = change["moved"][0]
    p, q = sampling.probabilities_of(before), sampling.probabilities_of(after)
    assert (first["before"], first["after"]) == pytest.approx((p[first["id"]], q[first["id"]]), abs=1e-5)


def test_a_model_as_it_is_has_no_change(bundled: Answers) -> None:
    assert bundled.frame(asked("gpt"))["change"] is None


def test_a_t5_must_be_asked_for_one_of_its_kinds(bundled: Answers) -> None:
    with pytest.raises(RequestError, match="kind is 'text'; send one of encoder, decoder, cross"):
        bundled.frame(asked("t5", kind="text"))


@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
def test_a_frame_of_thirty_two_tokens_stays_below_150_kB(bundled: Answers, model: str) -> None:
    request = asked(model, kind="encoder")
    frame = bundled.frame(request | {"text": "the dog ran to the park and saw a cat. " * 3})
    assert 28 <= len(frame["tokens"]) <= 40
    assert len(frame["blob"]) < 130_000


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (2, 3, 5, 1), (1, 2, 4, 4), (1, 1, 2, 5)])
def test_a_cell_recomputes_step_by_step_to_the_probability_of_the_pattern(
    trace: ForwardTrace, place: tuple[int, int, int, int]
) -> None:
    layer, head, query, key = place
    cell = attention.steps(trace, layer, head, query, key)
    q, k, _ = trace.qkv(layer, head)
    assert cell["q"] == q[query].tolist()
    assert cell["k"] == k[key].tolist()
    assert cell["kv_head"] == head // 2
    assert cell["dot"] == pytest.approx(sum(a * b for a, b in zip(cell["q"], cell["k"], strict=True)))
    assert cell["scaled"] == pytest.approx(cell["dot"] / np.sqrt(CONFIG.head_width))
    assert cell["bias"] is None
    assert cell["allowed"] is (key <= query)
    scores = cell["row"]["scores"]
    assert [score is None for score in scores] == [i > query for i in range(len(trace.tokens))]
    weights = [0.0 if score is None else np.exp(score) for score in scores]
    np.testing.assert_allclose(np.array(weights) / sum(weights), cell["row"]["probabilities"], atol=1e-6)
    assert cell["probability"] == float(trace.pattern(layer)[head, query, key])


def test_a_cell_adds_the_bias_of_the_position_scheme() -> None:
    config = GPTConfig(
        name="alibi", d_vocab=5, n_ctx=8, d_model=4, n_layers=1, n_heads=2, d_mlp=4, positions=PositionConfig("alibi")
    )
    rng = np.random.default_rng(0)
    values = {
        name: rng.normal(size=[{**taps.sizes(config), "batch": 1}.get(axis, 3) for axis in tap.axes])
        for name, tap in taps.table(config).items()
    }
    trace = ForwardTrace(config, {"text": Stream("abc", (Token(1, "a", 0, 1),) * 3)}, values, np.zeros((1, 3, 5)))
    cell = attention.steps(trace, 0, 1, 2, 0)
    assert cell["bias"] == trace.read(taps.BIAS)[1, 2, 0]
    assert cell["row"]["scores"][0] == pytest.approx(cell["scaled"] + cell["bias"])


def test_what_a_window_or_a_person_forbids_is_not_allowed(trace: ForwardTrace) -> None:
    mask = np.ones((1, len(trace.tokens), len(trace.tokens)), dtype=bool)
    mask[0, 4, 2] = False
    cell = attention.steps(trace, 0, 0, 4, 2, mask=mask)
    assert not cell["allowed"]
    assert cell["row"]["scores"].index(None) == 2
    config = GPTConfig("windowed", 5, 8, 4, 1, 2, 4, window=2)
    pattern = {taps.PATTERN.name(0): np.zeros((1, 2, 3, 3))}
    windowed = ForwardTrace(config, {"text": Stream("abc", (Token(1, "a", 0, 1),) * 3)}, pattern, np.zeros((1, 3, 5)))
    np.testing.assert_array_equal(attention.readable(windowed, 0, "text"), [[1, 0, 0], [1, 1, 0], [0, 1, 1]])


@pytest.mark.parametrize(("model", "kind"), [("gpt", "text"), ("bert", "text"), ("t5", "cross")])
@pytest.mark.parametrize("part", ["", "3.1.0", "end.end.2", "999999.0.999999", "nonsense"])
def test_of_a_long_head_a_part_and_a_row_come_in_full(
    monkeypatch: pytest.MonkeyPatch, bundled: Answers, model: str, kind: Any, part: str
) -> None:
    for module in (parts, thumbnails):
        monkeypatch.setattr(module, "LONG", 5)
    monkeypatch.setattr(parts, "PART", 4)
    monkeypatch.setattr(parts, "OVERVIEW", 6)
    frame = bundled.frame(asked(model, kind=kind, layer=1, head=2, part=part))
    pattern = in_steps(bundled.engine.trace(TEXTS[model], model).pattern(1, kind)[2])
    row, top, left, block = (frame["part"][name] for name in ("row", "top", "left", "block"))
    np.testing.assert_array_equal(unpack(frame, "pattern_head_row")[0, 0, 0], pattern[row])
    np.testing.assert_array_equal(unpack(frame, "pattern_head_part")[0, 0], pattern[top : top + 4, left : left + 4])
    small = unpack(frame, "pattern_head")[0, 0]
    assert max(small.shape) <= 6
    for at in np.ndindex(small.shape):
        of = tuple(slice(index * block, (index + 1) * block) for index in at)
        assert small[at] == pattern[of].max()
    n_queries, n_keys = pattern.shape
    ends = {"row": n_queries - 1, "top": max(0, n_queries - 4), "left": max(0, n_keys - 4)}
    said = dict(zip(("row", "top", "left"), part.split("."), strict=False)) if part.count(".") == 2 else {}
    for name, end in ends.items():
        expected = said.get(name, "end")
        assert frame["part"][name] == (end if expected == "end" else min(int(expected), end))


def test_a_head_that_is_not_long_comes_whole(bundled: Answers) -> None:
    frame = bundled.frame(asked("gpt", part="1.1.1"))
    assert "part" not in frame
    assert "pattern_head_part" not in frame["arrays"]
