"""What programs are told: the numbers of the page, in lists, and a sentence where there are none."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from app.api import answers as api
from app.api.answers import Programs
from app.page.answers import Answers
from app.wire.fields import RequestError
from tests.app.conftest import CONFIG
from tests.app.page.test_answers import SAMPLING

TEXT = "the little dog ran"


@pytest.fixture
def programs(answers: Answers) -> Programs:
    return Programs(answers)


def ask(**fields: Any) -> dict[str, Any]:
    return {"text": TEXT, "model": "tiny", "sampling": SAMPLING, "taps": [], "kind": ""} | fields


def test_tokens_are_those_that_the_model_reads(programs: Programs) -> None:
    told = programs.tokenize(ask())
    assert [token["id"] for token in told["tokens"]] == [
        token.id for token in programs.engine.trace(TEXT, "tiny").tokens
    ]
    long = programs.tokenize(ask(text=TEXT * 40))
    assert len(long["tokens"]) == CONFIG.n_ctx
    assert long["clipped"] > 0
    assert "Showing the last" in str(long["notice"])


def test_a_reply_can_be_written_whatever_the_text_is(programs: Programs) -> None:
    """Half a surrogate pair is no character, and no encoding has bytes for it."""
    request = ask(text="a\ud800b", n=1, layer=0, head=0)
    for answer in (programs.tokenize, programs.trace, programs.attention, programs.sample):
        json.dumps(answer(request), ensure_ascii=False).encode()
    assert programs.tokenize(request)["text"] == "a\ufffdb"
    assert programs.sample(request)["text"].startswith("a\ufffdb")


def test_taps_come_as_the_numbers_that_the_model_left_behind(programs: Programs) -> None:
    trace = programs.engine.trace(TEXT, "tiny")
    told = programs.trace(ask(taps=["blocks.1.hook_resid_post", "logits"]))
    for name, array in (("blocks.1.hook_resid_post", trace.taps["blocks.1.hook_resid_post"]), ("logits", trace.logits)):
        tap = told["taps"][name]
        assert tap["shape"] == list(array.shape)
        assert len(tap["axes"]) == array.ndim
        np.testing.assert_allclose(tap["values"], array, atol=10**-api.DECIMALS)
    assert set(told["names"]) == {"logits", *trace.taps}
    assert told["next"] is not None
    assert told["next"]["top"][0]["id"] == int(trace.logits[0, -1].argmax())
    json.dumps(told, allow_nan=False)


def test_a_head_is_the_pattern_of_the_trace(programs: Programs) -> None:
    told = programs.attention(ask(layer=2, head=3))
    np.testing.assert_allclose(told["pattern"], programs.engine.trace(TEXT, "tiny").pattern(2)[3], atol=1e-6)
    assert len(told["queries"]) == len(told["keys"]) == len(told["pattern"])
    np.testing.assert_allclose(np.sum(told["pattern"], axis=-1), 1, atol=1e-5)


def test_a_seed_draws_the_same_text_and_what_the_page_draws(programs: Programs) -> None:
    told = programs.sample(ask(n=5))
    assert told == programs.sample(ask(n=5))
    assert told["text"].startswith(TEXT)
    one = programs.answers.draw(ask(draw=0))
    assert told["drawn"][: len(one["drawn"])] == one["drawn"]
    assert told["drawn"] != programs.sample(ask(n=5, sampling=SAMPLING | {"seed": 1}))["drawn"]


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("tokenize", {"model": "other"}, "model is 'other'; send one of tiny"),
        ("tokenize", {"text": 3}, "text is 3"),
        ("trace", {"taps": "logits"}, "taps is 'logits'; send a list of at most 16 names"),
        ("trace", {"taps": ["logits"] * 17}, "send a list of at most 16 names"),
        ("trace", {"taps": [{}]}, r"taps names \{\}"),
        ("trace", {"taps": ["x" * 1_000]}, "taps names 'xxx"),
        ("attention", {"layer": 3, "head": 0}, "layer is 3; send a whole number from 0 to 2"),
        ("attention", {"layer": 0, "head": 0, "kind": "cross"}, "kind is 'cross'; send one of text"),
        ("sample", {"n": 65}, "n is 65; send a whole number from 1 to 64"),
        ("sample", {"n": 1, "sampling": SAMPLING | {"temperature": "hot"}}, "temperature is 'hot'"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_short_sentence(
    programs: Programs, name: str, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RequestError, match=sentence) as caught:
        getattr(programs, name)(ask(**fields))
    assert len(str(caught.value)) < 300


def test_a_reply_holds_so_many_numbers_and_no_more(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_NUMBERS", 24 * 4)
    assert programs.trace(ask(text="", taps=["hook_embed"]))["taps"]
    with pytest.raises(RequestError, match="96 are the most that one reply holds"):
        programs.trace(ask(taps=["hook_embed"]))
    monkeypatch.setattr(api, "MOST_NUMBERS", 1)
    with pytest.raises(RequestError, match="the most that one reply holds"):
        programs.attention(ask(layer=0, head=0))
