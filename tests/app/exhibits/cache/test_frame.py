"""What the Cache exhibit is sent: real keys and values, bytes that the formula gives, and two ways of one step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.asked.question import Question
from app.engine import Engine
from app.exhibits.cache import clock
from app.exhibits.cache import frame as cache_frame
from app.page.answers import Answers
from app.wire.fields import Fields, RequestError
from tests.app.page.test_answers import SAMPLING
from tests.app.wire.test_payload import unpack

TEXT = "The little dog ran to the park because it was a sunny day and"
TASK = "translate English to German: The house is small and the man is here."


@pytest.fixture(scope="module")
def answers() -> Answers:
    """The answers of the page as it is shipped."""
    return Answers(Engine())


def arrays_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The arrays of a frame, by name."""
    return {name: unpack(answer, name) for name in answer["arrays"]}


def request(**fields: Any) -> dict[str, Any]:
    neutral = {"seq": 1, "text": TEXT, "model": "gpt", "exhibit": "cache", "sampling": SAMPLING, "of": "logit"}
    return neutral | fields


def question(answers: Answers, **fields: Any) -> Question:
    return Question(Fields(request(**fields)), answers.engine)


def test_the_ribbon_holds_the_keys_and_values_of_the_chosen_heads_kv_head(answers: Answers) -> None:
    answer = answers.frame(request(layer=3, head=4))
    trace, arrays, cache = answers.engine.trace(TEXT), arrays_of(answer), answer["cache"]
    assert (cache["kv_head"], cache["shared"]) == (1, [3, 4, 5])
    keys, values = trace.cache(3)
    np.testing.assert_array_equal(arrays["cache_keys"], keys[:, 1])
    np.testing.assert_array_equal(arrays["cache_values"], values[:, 1])
    weights = arrays["cache_keys"] @ arrays["cache_q"] / np.sqrt(cache["d_head"])
    weights = np.exp(weights - weights.max()) / np.exp(weights - weights.max()).sum()
    np.testing.assert_allclose(arrays["cache_weights"], weights, atol=1e-5)
    np.testing.assert_allclose(arrays["cache_z"], weights @ arrays["cache_values"], atol=1e-4)


def test_of_a_long_text_the_last_columns_are_sent(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = arrays_of(answers.frame(request(layer=3, head=4)))
    monkeypatch.setattr(cache_frame, "RIBBON_BYTES", 4 * 2 * 4 * 32)
    cut = arrays_of(answers.frame(request(layer=3, head=4)))
    for name in ("cache_keys", "cache_values"):
        np.testing.assert_array_equal(cut[name], whole[name][-4:])
    np.testing.assert_array_equal(cut["cache_weights"], whole["cache_weights"])


def test_the_columns_are_those_that_the_generating_graph_keeps(answers: Answers) -> None:
    """The page shows the tapped graph's tensors; decoding step by step must have left the very same."""
    kept = clock.newest(question(answers).reading, 0).cached().cache
    arrays = arrays_of(answers.frame(request(layer=2, head=0)))
    assert kept is not None
    np.testing.assert_allclose(kept[2][0][0, 0], arrays["cache_keys"], atol=1e-4)
    np.testing.assert_allclose(kept[2][1][0, 0], arrays["cache_values"], atol=1e-4)


def test_the_bytes_of_the_real_tensors_are_those_of_the_formula(answers: Answers) -> None:
    cache = answers.frame(request())["cache"]
    n_tokens = len(answers.engine.trace(TEXT).tokens)
    assert cache["n_bytes"] == 2 * 6 * 2 * 32 * n_tokens * 4
    by_name = {variant["name"]: variant for variant in cache["variants"]}
    assert [name for name, variant in by_name.items() if variant["own"]] == ["GQA"]
    assert by_name["GQA"]["n_bytes"] == cache["n_bytes"]
    assert by_name["MHA"]["n_bytes"] == 3 * cache["n_bytes"]
    short = answers.frame(request(window=4))["cache"]["variants"][3]
    assert short["n_bytes"] * n_tokens == cache["n_bytes"] * 4


def test_a_t5s_self_cache_grows_and_its_cross_cache_does_not(answers: Answers) -> None:
    engine = answers.engine
    written = engine.trace(TASK, "t5").streams["decoder"].tokens
    n_read = len(engine.trace(TASK, "t5").tokens)
    sizes = []
    for position in range(min(3, len(written))):
        answer = answers.frame(request(model="t5", text=TASK, written=position, layer=1, head=2))
        arrays, cache = arrays_of(answer), answer["cache"]
        assert arrays["cache_keys"].shape == (position + 1, 32)
        assert arrays["cross_keys"].shape == (n_read, 32)
        assert arrays["cross_weights"].sum() == pytest.approx(1, abs=1e-5)
        sizes.append((cache["n_bytes"], cache["n_cross_bytes"]))
    grown, crossed = zip(*sizes, strict=True)
    assert list(grown) == [grown[0] * (count + 1) for count in range(len(grown))]
    assert set(crossed) == {2 * 4 * 5 * 32 * n_read * 4}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": ""},
        {"interventions": {"heads_off": ["text.1.2"], "expert_bias": {"1.3": "off"}}},
        {"model": "t5", "text": TASK, "written": 0},
        {"model": "t5", "text": TASK, "written": 2},
    ],
)
def test_the_clock_times_two_ways_to_the_same_logits(answers: Answers, fields: dict[str, Any]) -> None:
    told = answers.named("clock")(request(**fields))
    shown = answers.frame(request(**fields))["cache"]
    assert told["n_tokens"] == shown["n_tokens"]
    assert told["n_bytes"] == shown["n_bytes"]
    assert told["n_cross_bytes"] == shown["n_cross_bytes"]
    assert told["difference"] < 1e-3
    assert 3 <= told["runs"] <= 5
    assert told["cached_ms"] > 0
    assert told["uncached_ms"] > 0
    position = question(answers, **fields).position
    cached = clock.newest(question(answers, **fields).reading, position).cached()
    np.testing.assert_allclose(cached.logits[0, -1], question(answers, **fields).logits, atol=1e-3)


def test_published_models_hold_what_the_formula_gives(answers: Answers) -> None:
    published = answers.frame(request(context=131_072, batch=4, precision="int8"))["cache"]["published"]
    by_name = {model["name"]: model for model in published}
    assert by_name["Llama 3 70B"]["n_bytes"] == 4 * 2 * 80 * 8 * 128 * 131_072
    assert by_name["Mistral 7B"]["kept"] == 4_096
    assert by_name["DeepSeek-V3"]["n_bytes"] == 4 * 61 * 576 * 131_072
    assert by_name["DeepSeek-V3"]["mha_bytes"] == 4 * 61 * 128 * 320 * 131_072
    assert by_name["GPT-2 XL"]["mha_bytes"] == by_name["GPT-2 XL"]["n_bytes"]


def test_what_the_heads_save_and_what_the_window_saves_are_told_apart(answers: Answers) -> None:
    published = answers.frame(request(context=32_768, batch=1, precision="fp16"))["cache"]["published"]
    (mistral,) = (model for model in published if model["name"] == "Mistral 7B")
    token = 2 * 32 * 8 * 128 * 2
    assert mistral["n_bytes"] == 4_096 * token
    assert mistral["mha_bytes"] == 4 * mistral["n_bytes"]  # 32 heads in place of 8, in the same window
    assert mistral["all_bytes"] == 8 * mistral["n_bytes"]  # the same heads, without it


def test_every_figure_says_where_it_is_stated(answers: Answers) -> None:
    published = answers.frame(request())["cache"]["published"]
    for model in published:
        assert model["source"], "every figure says where it is stated"


def test_bert_says_why_it_has_none(answers: Answers) -> None:
    assert "BERT has no cache" in answers.frame(request(model="bert"))["absent"]
    with pytest.raises(RequestError, match="BERT has no cache"):
        answers.named("clock")(request(model="bert"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"window": 0}, "window is 0; send a whole number from 1 to 1024."),
        ({"context": 2**21}, "context is 2097152; send a whole number from 1 to 1048576."),
        ({"batch": 257}, "batch is 257"),
        ({"precision": "fp8"}, "precision is 'fp8'; send one of fp32, fp16, int8, int4."),
    ],
)
def test_what_cannot_be_held_is_refused_with_a_sentence(answers: Answers, fields: Any, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        answers.frame(request(**fields))


def test_a_changed_t5_has_no_clock_and_says_so(answers: Answers) -> None:
    with pytest.raises(RequestError, match="undo them to start the clock"):
        answers.named("clock")(request(model="t5", text=TASK, interventions={"heads_off": ["cross.0.1"]}))
