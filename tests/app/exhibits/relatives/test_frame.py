"""What the Relatives exhibit is sent: a model taken apart, what the text costs it, and why each part was changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.engine import Engine
from app.exhibits.relatives import compared, listed
from app.exhibits.relatives.frame import CHOSEN, FIRST, SHOWN
from app.page.answers import Answers
from app.wire.fields import RequestError
from model import tokenizers
from model.relatives import cache, flops, parameters, table
from model.relatives.table import Relative
from tests.app.page.test_answers import ask

TEXT = "The little girl was very happy"
MODELS = table.load().models
OPEN = [model for model in MODELS if model.shape is not None]


@pytest.fixture(scope="module")
def bundled() -> Answers:
    return Answers(Engine())


def asked(**fields: Any) -> object:
    return ask(**{"exhibit": "relatives", "model": "gpt", "text": TEXT, **fields})


def frame(answers: Answers, **fields: Any) -> dict[str, Any]:
    told: dict[str, Any] = answers.frame(asked(**fields))["relatives"]
    return told


def test_a_model_of_today_is_shown_unless_another_is_asked_for(bundled: Answers) -> None:
    assert frame(bundled)["id"] == CHOSEN
    assert frame(bundled, relative="mamba-2.8b")["name"] == "Mamba 2.8B"
    with pytest.raises(RequestError, match="relative is 'gpt-9'; send one of transformer"):
        frame(bundled, relative="gpt-9")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_model_can_be_taken_apart_or_says_why_not(bundled: Answers, model: Relative) -> None:
    told = frame(bundled, relative=model.id)
    if model.shape is None:
        assert told["undisclosed"]
        assert told["parts"] is told["rows"] is told["reading"]["flops"] is None
        return
    assert sum(part["n"] for part in told["parts"]) == told["total"] == parameters.total(model.shape)
    assert sum(part["active"] for part in told["parts"]) == told["active"] == parameters.active(model.shape)
    for row in told["rows"]:
        assert row["changed"] is bool(row["why"]), f"{row['part']}: {row['now']['kind']} has no reason"
    assert [stack["n"] for stack in told["drawings"][1]["stacks"]] == [
        n for n in (model.shape.n_layers, model.shape.n_decoder_layers) if n
    ]


def test_the_first_one_is_like_itself(bundled: Answers) -> None:
    told = frame(bundled, relative=FIRST)
    assert not any(row["changed"] for row in told["rows"])
    assert told["drawings"][0] == told["drawings"][1]


def test_a_vocabulary_is_opened_aside_and_then_every_frame_has_its_tokens(bundled: Answers) -> None:
    waiting = frame(bundled, relative="bert-base")["reading"]
    if not waiting["here"]:
        assert waiting["n"] is waiting["flops"] is None
    answer = bundled.named("relative_reading")(asked(relative="bert-base"))
    assert (answer["id"], answer["text"]) == ("bert-base", TEXT)
    reading = frame(bundled, relative="bert-base")["reading"]
    assert reading == answer["reading"]
    assert [token["text"] for token in reading["tokens"]] == ["[CLS]", *TEXT.lower().split(), "[SEP]"]
    shape = table.load().by_id["bert-base"].shape
    assert shape is not None
    assert reading["flops_total"] == flops.total(shape, 8)
    assert reading["cache"] is None


def test_tokens_that_are_put_around_a_text_are_counted(bundled: Answers) -> None:
    reading = bundled.named("relative_reading")(asked(relative="roberta-large"))["reading"]
    vocabulary = next(one for one in tokenizers.FIELD if one.name == "openai-community/gpt2")
    own = tokenizers.load(tokenizers.read(vocabulary)).encode(TEXT).tokens
    assert reading["n"] == len(own) + 2
    assert len(reading["tokens"]) == len(own)


def test_without_its_vocabulary_the_tokens_of_the_page_are_counted_and_that_is_said(bundled: Answers) -> None:
    reading = frame(bundled, relative="llama-3-8b")["reading"]
    n = len(bundled.engine.trace(TEXT).tokens)
    assert (reading["vocabulary"], reading["n"]) == (None, n)
    assert reading["counted_with"]
    shape = table.load().by_id["llama-3-8b"].shape
    assert shape is not None
    assert reading["cache"]["n_bytes"] == cache.n_bytes(shape, n, "fp16")


def test_of_a_long_text_the_end_is_shown_and_all_is_counted(bundled: Answers) -> None:
    reading = bundled.named("relative_reading")(asked(relative="gpt-2-xl", text="dog " * 500))["reading"]
    assert len(reading["tokens"]) == SHOWN
    assert reading["n"] > 500


def test_reasons_come_with_their_sources() -> None:
    for part, reasons in compared.WHY.items():
        unsourced = [said for said in reasons.values() if not re.search(r"\d{4}", said)]
        assert len(unsourced) <= 2, f"{part}: {unsourced}"


def test_the_table_has_every_model_with_its_numbers_and_their_source() -> None:
    markup = listed.markup()
    for model in MODELS:
        rows = re.findall(rf'<tr[^>]* data-id="{re.escape(model.id)}">(.*?)</tr>', markup)
        assert len(rows) == 2
        if model.shape is None:
            assert "not published" in rows[0]
            continue
        assert f"{model.shape.d_vocab:,}" in rows[0]
        assert listed.short(parameters.total(model.shape)) in rows[0]
        assert str(model.published) in rows[0]
        assert str(model.published_in).partition("'")[0].partition("&")[0] in rows[1]


@pytest.mark.parametrize(("count", "said"), [(63_045_632, "63.05 M"), (8_190_735_360, "8.191 B"), (671e9, "671.0 B")])
def test_a_count_is_said_in_four_figures(count: int, said: str) -> None:
    assert listed.short(int(count)).replace("&nbsp;", " ") == said
