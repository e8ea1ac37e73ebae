"""The numbers that are taken away: the lines of Python compute the very ones, the files hold them with their labels."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest

from app.asked.question import Question
from app.engine import Engine
from app.exhibits import registry
from app.figures import answers, numbers
from app.wire.fields import Fields, RequestError

NEUTRAL = {"temperature": 0.8, "top_k": 0, "top_p": 0.9, "min_p": 0, "seed": 3}
MODELS = ("gpt", "bert", "t5", "gpt-alibi", "gpt-t5bias", "gpt-learned")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def asked(engine: Engine, exhibit: str, model: str = "gpt", **more: Any) -> Question:
    fields: dict[str, Any] = {"text": "The dog ran.", "model": model, "exhibit": exhibit}
    fields |= {"sampling": NEUTRAL, "interventions": {}}
    fields |= {"layer": 2, "head": 1, "kind": "cross", "stack": "decoder", "task": "fill", "part": "picture"}
    return Question(Fields({**fields, **more}), engine)


def computed(lines: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(lines, names)
    return names


@pytest.mark.parametrize("exhibit", registry.NUMBERS)
def test_the_lines_of_python_compute_the_very_numbers(engine: Engine, exhibit: str) -> None:
    compared = 0
    for model in MODELS:
        question = asked(engine, exhibit, model)
        tables = registry.NUMBERS[exhibit](question)
        names = computed(numbers.lines(tables, question)) if tables else {}
        for table in tables:
            got = names[table.name if len(tables) > 1 else "values"]
            np.testing.assert_array_equal(got, table.values, err_msg=f"{model} {table.name}")
            compared += 1
    assert compared >= 1


def test_the_lines_compute_a_changed_model_too(engine: Engine) -> None:
    question = asked(engine, "attention", interventions={"heads_off": ["text.1.0"], "mask": "window:2"}, part="head")
    [table] = numbers.shown(registry.NUMBERS["attention"](question), "head")
    assert not np.array_equal(table.values, engine.trace("The dog ran.").pattern(2)[1])
    np.testing.assert_array_equal(computed(numbers.lines([table], question))["values"], table.values)


@pytest.mark.parametrize("neurons", [{"text.2.40": 0}, {"text.3.1.5": 4, "text.2.40": 2}])
def test_the_lines_compute_neurons_that_are_switched(engine: Engine, neurons: dict[str, float]) -> None:
    for layer in (2, 3):
        question = asked(engine, "memory", layer=layer, interventions={"neurons": neurons})
        [table] = registry.NUMBERS["memory"](question)
        np.testing.assert_array_equal(computed(numbers.lines([table], question))["values"], table.values)


def test_a_csv_has_a_row_for_each_number_behind_its_labels(engine: Engine) -> None:
    question = asked(engine, "attention", part="head")
    tables = numbers.shown(registry.NUMBERS["attention"](question), "head")
    text = numbers.as_csv(tables, "What it is.").decode()
    caption, *lines = text.splitlines()
    assert caption == "# What it is."
    head, *rows = csv.reader(io.StringIO("\n".join(lines)))
    pattern = engine.trace("The dog ran.").pattern(2)[1]
    assert head == ["query", "key", "head_pattern"]
    assert len(rows) == pattern.size
    assert rows[5][:2] == ["1:The", "0:<|endoftext|>"]
    assert float(rows[5][2]) == pattern[1, 0]
    assert numbers.as_csv(tables, "What it is.").decode() == text


def test_an_npz_has_arrays_with_axes_and_labels(engine: Engine) -> None:
    tables = registry.NUMBERS["experts"](asked(engine, "experts"))
    read = np.load(io.BytesIO(numbers.as_npz(tables, "What it is.")))
    assert str(read["caption"]) == "What it is."
    assert read["router.axes"].tolist() == ["layer", "token", "expert"]
    assert read["router.layer"].tolist() == [2, 4, 6]
    assert read["router"].shape == tuple(len(read[f"router.{axis}"]) for axis in read["router.axes"])
    np.testing.assert_allclose(read["router"].sum(axis=-1), 1, atol=1e-6)


def test_what_holds_no_numbers_is_said(engine: Engine) -> None:
    question = asked(engine, "experts", "bert", format="csv", caption="")
    assert answers.figure(question)["lines"] is None
    with pytest.raises(RequestError, match="take the picture"):
        answers.figure_numbers(question)


def test_a_figure_names_its_models_weights(engine: Engine) -> None:
    told = answers.figure(asked(engine, "tokens"))
    assert len(told["revision"]) == 12
    assert told["revision"] != answers.figure(asked(engine, "tokens", "bert"))["revision"]
