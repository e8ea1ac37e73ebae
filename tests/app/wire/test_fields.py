"""Reading what a browser sent: whatever is wrong becomes one sentence that names field, value and limit."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.fields import SAFE_INTEGER, Fields, RequestError, sequence_number
from model.study.sampling import MAX_SEED, Settings
from tests.app.conftest import CONFIG

SAMPLING = {"temperature": 1, "top_k": 0, "top_p": 1.0, "min_p": 0, "seed": 3}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


def test_fields_of_the_right_kind_are_read_as_they_are() -> None:
    fields = Fields({"text": "a\ud800", "model": "gpt", "layer": 5, "share": 0.5, "sampling": SAMPLING, "other": None})
    assert fields.text("text") == "a\ud800"
    assert fields.choice("model", ("gpt", "bert")) == "gpt"
    assert fields.integer("layer", 0, 5) == 5
    assert fields.number("share") == 0.5
    assert fields.settings("sampling") == (Settings(), 3)


@pytest.mark.parametrize("value", [None, 3, "x", ["a"]])
def test_a_request_that_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(RequestError, match=f"the request is {re.escape(repr(value))}; send an object"):
        Fields(value)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda fields: fields.text("x"), "send a text."),
        (lambda fields: fields.choice("x", ("a", "b")), "send one of a, b."),
        (lambda fields: fields.integer("x", 0, 5), "send a whole number from 0 to 5."),
        (lambda fields: fields.number("x"), "send a number."),
        (lambda fields: fields.settings("x"), "send an object with"),
    ],
)
def test_a_missing_field_and_one_of_another_type_are_refused_by_name(read: Any, expected: str) -> None:
    with pytest.raises(RequestError, match=f"x is missing; {re.escape(expected)}"):
        read(Fields({}))
    with pytest.raises(RequestError, match=r"x is (\[\]|None); send"):
        read(Fields({"x": []}))


@pytest.mark.parametrize("value", [-1, 6, 10**400, True, 2.0, "3", None, math.nan])
def test_an_integer_out_of_range_or_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(RequestError, match=r"layer is .+; send a whole number from 0 to 5\."):
        Fields({"layer": value}).integer("layer", 0, 5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, True, "1", None])
def test_a_number_that_is_not_finite_or_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(RequestError, match=r"share is .+; send a number\."):
        Fields({"share": value}).number("share")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"temperature": -1}, "temperature is -1.0; choose between 0 (greedy) and 10."),
        ({"temperature": math.nan}, "temperature is nan; send a number."),
        ({"top_k": 2.5}, f"top_k is 2.5; send a whole number from 0 to {SAFE_INTEGER}."),
        ({"top_p": 0}, "top_p is 0.0; choose above 0 and at most 1 (off)."),
        ({"min_p": 2}, "min_p is 2.0; choose between 0 (off) and 1."),
        ({"seed": 2**32}, f"seed is 4294967296; send a whole number from 0 to {MAX_SEED}."),
    ],
)
def test_sampling_settings_out_of_range_are_refused_with_the_range(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError, match=f"^{re.escape(sentence)}$"):
        Fields({"sampling": SAMPLING | change}).settings("sampling")


def test_interventions_are_read_in_order_and_what_changes_nothing_is_left_out() -> None:
    biases = {"2.3": -1.5, "0.1": "off", "2.0": 0, "0.0": 4}
    read = Fields({"interventions": {"expert_bias": biases}}).interventions("interventions", CONFIG)
    assert read.expert_bias == ((0, 0, 4.0), (0, 1, -math.inf), (2, 3, -1.5))
    bias = read.inputs(CONFIG, 3)["expert_bias"]
    assert bias is not None
    assert bias.shape == (3, 4)
    assert bias[0].tolist() == [4, -math.inf, 0, 0]
    assert not Fields({}).interventions("interventions", CONFIG)
    assert Fields({"interventions": {"expert_bias": {}}}).interventions("interventions", CONFIG).inputs(CONFIG, 3) == {}


@pytest.mark.parametrize(
    ("biases", "sentence"),
    [
        (None, "expert_bias is None; send an object of biases by layer.expert."),
        ({"1.0": "off"}, "expert_bias names '1.0'; send an expert of tiny, as layer.expert counted from 0."),
        ({"0.4": 1}, "expert_bias names '0.4'; send an expert of tiny, as layer.expert counted from 0."),
        ({"0": 1}, "expert_bias names '0'; send an expert of tiny, as layer.expert counted from 0."),
        ({"0.1": 4.5}, "expert_bias of 0.1 is 4.5; send a number from -4 to 4, or off."),
        ({"0.1": math.nan}, "expert_bias of 0.1 is nan; send a number from -4 to 4, or off."),
        ({"0.1": True}, "expert_bias of 0.1 is True; send a number from -4 to 4, or off."),
        ({f"2.{e}": "off" for e in range(4)}, "All 4 experts of layer 3 are off; leave at least one on."),
    ],
)
def test_interventions_that_the_model_cannot_have_are_refused(biases: Any, sentence: str) -> None:
    with pytest.raises(RequestError, match=f"^{re.escape(sentence)}$"):
        Fields({"interventions": {"expert_bias": biases}}).interventions("interventions", CONFIG)


def test_neurons_are_read_in_order_and_those_that_count_once_are_left_out() -> None:
    sent = {"text.2.3.7": 0, "text.1.31": 2, "text.0.1.0": 4, "text.1.4": 1, "text.0.0.7": 0.5, "text.1.5": 0}
    read = Fields({"interventions": {"neurons": sent}}).interventions("interventions", CONFIG)
    assert read.neurons == (
        ("text", 0, 0, 7, 0.5),
        ("text", 0, 1, 0, 4.0),
        ("text", 1, None, 5, 0.0),
        ("text", 1, None, 31, 2.0),
        ("text", 2, 3, 7, 0.0),
    )
    assert read.factors("text", 1) == {(None, 5): 0, (None, 31): 2}
    assert read.factors("text", 2) == {(3, 7): 0}
    dense = Fields({"interventions": {"neurons": {"text.1.31": 2}}}).interventions("interventions", CONFIG)
    gate = dense.inputs(CONFIG, 3)["neuron_gate"]
    assert gate.shape == (3, 32)
    assert gate[1, 31] == 2
    assert (gate == 1).sum() == gate.size - 1


@pytest.mark.parametrize(
    ("neurons", "sentence"),
    [
        (["text.1.4"], "neurons is ['text.1.4']; send an object of factors by kind.layer.neuron, 12 at most."),
        ({"text.1.4": "off"}, "neurons of text.1.4 is 'off'; send a number from 0 to 4."),
        ({"text.1.4": -1}, "neurons of text.1.4 is -1; send a number from 0 to 4."),
        ({"text.1.4": 4.5}, "neurons of text.1.4 is 4.5; send a number from 0 to 4."),
        ({"text.1.4": math.nan}, "neurons of text.1.4 is nan; send a number from 0 to 4."),
        ({"text.1.4": True}, "neurons of text.1.4 is True; send a number from 0 to 4."),
        *(
            (
                {place: 0},
                f"neurons names {place!r}; send a neuron of tiny, as kind.layer.neuron, of an expert"
                " kind.layer.expert.neuron, counted from 0.",
            )
            for place in ("text.1.32", "text.3.0", "text.0.4", "text.1.0.4", "text.0.4.0", "text.0.0.8", "cross.1.0")
        ),
        ({"text.1.04": 0}, "neurons names 'text.1.04'; send a neuron of tiny, as kind.layer.neuron, of an expert"),
    ],
)
def test_neurons_that_the_model_has_not_are_refused(neurons: Any, sentence: str) -> None:
    with pytest.raises(RequestError, match=f"^{re.escape(sentence)}"):
        Fields({"interventions": {"neurons": neurons}}).interventions("interventions", CONFIG)


def test_more_neurons_than_may_be_changed_at_once_are_refused() -> None:
    many = {f"text.1.{neuron}": 0 for neuron in range(13)}
    with pytest.raises(RequestError, match=r"12 at most\.$"):
        Fields({"interventions": {"neurons": many}}).interventions("interventions", CONFIG)


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Holds every refusal to its form."""
    try:
        yield
    except RequestError as error:
        if len(str(error)) > 300 or not str(error).endswith("."):
            pytest.fail(f"not a short sentence: {error}")
        raise


@given(json_values)
def test_no_value_whatsoever_raises_anything_but_a_short_sentence(value: object) -> None:
    reads = (
        lambda fields: fields.text("x"),
        lambda fields: fields.choice("x", ("a",)),
        lambda fields: fields.integer("x", 0, 5),
        lambda fields: fields.number("x"),
        lambda fields: fields.settings("x"),
        lambda fields: fields.interventions("x", CONFIG),
    )
    for read in reads:
        with contextlib.suppress(RequestError), sentences():
            read(Fields({"x": value}))


@pytest.mark.parametrize(
    ("request_", "seq"),
    [
        ({"seq": 7}, 7),
        ({}, None),
        (None, None),
        ([1], None),
        *(({"seq": seq}, None) for seq in ("7", True, 10**400, math.nan)),
    ],
)
def test_the_number_of_a_request_is_read_wherever_there_is_one(request_: object, seq: int | None) -> None:
    assert sequence_number(request_) == seq
