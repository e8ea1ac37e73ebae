"""The Cache's charts hold what the clock gave and what the formula and the tensors say."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from app.asked.question import Question
from app.engine import Engine
from app.exhibits.cache import frame as cache
from app.wire.fields import Fields, RequestError
from tests.app.page.test_answers import SAMPLING

TEXT = "The little dog ran to the park because it was a sunny day and"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of the page as it is shipped."""
    return Engine()


def question(engine: Engine, **fields: Any) -> Question:
    asked = {"seq": 1, "text": TEXT, "model": "gpt", "exhibit": "cache", "sampling": SAMPLING, "theme": "blueprint"}
    return Question(Fields(asked | fields), engine)


def traces(answer: dict[str, Any]) -> dict[str, tuple[list[float], list[float]]]:
    """The numbers of a figure, by the name of the series."""
    return {trace["name"]: (trace["x"], trace["y"]) for trace in answer["figure"]["data"]}


def test_the_clocks_chart_holds_its_points_in_the_order_of_their_lengths(engine: Engine):
    points = [
        {"n_tokens": 15, "cached_ms": 2.5, "uncached_ms": 9.25},
        {"n_tokens": 8, "cached_ms": 2.25, "uncached_ms": 5.5},
    ]
    answer = cache.clock_chart(question(engine, points=points))
    assert traces(answer) == {"whole text again": ([8, 15], [5.5, 9.25]), "with the cache": ([8, 15], [2.25, 2.5])}
    table = list(csv.reader(io.StringIO(answer["table"])))
    assert table[0] == ["series", "tokens", "milliseconds for the newest token"]
    assert ["with the cache", "15", "2.5"] in table


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([], "points is empty"),
        ("many", "points is 'many'; send a list of at most 4096 objects"),
        ([{"n_tokens": 0}], "n_tokens is 0; send a whole number from 1"),
        ([{"n_tokens": 3, "cached_ms": float("nan"), "uncached_ms": 1}], "cached_ms is nan; send a number"),
    ],
)
def test_points_that_no_clock_gave_are_refused_in_a_sentence(engine: Engine, points: object, sentence: str):
    with pytest.raises(RequestError, match=sentence):
        cache.clock_chart(question(engine, points=points))


def test_the_memorys_chart_ends_where_formula_and_tensors_agree(engine: Engine):
    told = cache.frame(question(engine)).fields["cache"]
    answer = cache.memory_chart(question(engine, window=4, longest=64))
    lines = traces(answer)
    ((now,), (held,)) = lines["counted now"]
    assert (now, 1024 * held) == (told["n_tokens"], told["n_bytes"])
    own = dict(zip(*lines["GQA"], strict=True))
    assert own[now] == held
    assert own[64] == pytest.approx(held * 64 / now)
    rolling = dict(zip(*lines["rolling window of 4"], strict=True))
    assert rolling[4] == rolling[64] == own[4]


def test_a_chart_is_in_the_theme_that_is_asked_for(engine: Engine):
    grounds = {
        theme: cache.memory_chart(question(engine, longest=64, theme=theme))["figure"]["layout"]["template"]["layout"]
        for theme in ("paper", "blueprint")
    }
    assert {theme: layout["paper_bgcolor"] for theme, layout in grounds.items()} == {
        "paper": "#faf8f4",
        "blueprint": "#0f1420",
    }


def test_bert_has_no_cache_to_draw(engine: Engine):
    with pytest.raises(RequestError, match="BERT has no cache"):
        cache.memory_chart(question(engine, model="bert", longest=64))
