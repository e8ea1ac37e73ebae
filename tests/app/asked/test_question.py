"""Where a prediction is read, family by family, in the models that come with the project."""

from __future__ import annotations

from typing import Any

import pytest

from app.asked.question import Question
from app.engine import Engine
from app.wire.fields import Fields

SAMPLING = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0}


@pytest.fixture(scope="module")
def bundled() -> Engine:
    return Engine()


def question(engine: Engine, model: str, text: str, **fields: Any) -> Question:
    return Question(Fields({"model": model, "text": text, "sampling": SAMPLING} | fields), engine)


def test_a_gpt_speaks_after_its_last_token(bundled: Engine) -> None:
    asked = question(bundled, "gpt", "The little dog", query=1)
    assert asked.position == len(asked.trace.tokens) - 1


@pytest.mark.parametrize(
    ("text", "query", "read"),
    [
        ("The girl was very [MASK].", None, "[MASK]"),
        ("A [MASK] and a [MASK]", None, "[MASK]"),
        ("The dog ran home!", None, "home"),
        ("...", None, "."),
        ("The dog ran home!", 2, "dog"),
        ("The dog", 99, "[SEP]"),
    ],
)
def test_a_bert_speaks_where_it_is_asked_else_at_its_first_mask_else_at_its_last_word(
    bundled: Engine, text: str, query: int | None, read: str
) -> None:
    asked = question(bundled, "bert", text, query=query)
    assert asked.trace.tokens[asked.position].text == read
    masks = [index for index, token in enumerate(asked.trace.tokens) if token.text == "[MASK]"]
    if query is None and masks:
        assert asked.position == masks[0]


def test_an_empty_text_has_a_place_too(bundled: Engine) -> None:
    for model in ("gpt", "bert", "t5"):
        asked = question(bundled, model, "")
        assert 0 <= asked.position < len(asked.trace.logits[0])


def test_a_t5_speaks_after_its_start_token_or_the_written_token_that_was_chosen(bundled: Engine) -> None:
    asked = question(bundled, "t5", "fill: The dog <extra_id_0> home.")
    assert asked.position == 0
    last = len(asked.trace.streams["decoder"].tokens) - 1
    assert question(bundled, "t5", "fill: The dog <extra_id_0> home.", written=last).position == last
    assert question(bundled, "t5", "fill: The dog <extra_id_0> home.", written=100).position == last
