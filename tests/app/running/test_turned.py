"""Neurons of experts that are switched off or turned up: what PyTorch computes whose weights are multiplied."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from app.asked.question import Question
from app.engine import Engine
from app.running import turned
from app.running.model import tapped
from app.wire.fields import Fields, RequestError
from app.wire.interventions import Interventions, Neuron
from model import pretrained
from model.trace import Array

TEXT = "Tom and Anna went to the park. Anna gave the ball to"
SENT = {"text.1.3.17": 0, "text.1.3.18": 4, "text.5.0.191": 2, "text.2.40": 0, "text.0.7": 4}
"""Of two blocks with experts, and of two with an MLP."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def question(engine: Engine, neurons: dict[str, Any], text: str = TEXT) -> Question:
    return Question(Fields({"model": "gpt", "text": text, "interventions": {"neurons": neurons}}), engine)


def in_pytorch(ids: tuple[int, ...], neurons: dict[str, Any]) -> Array:
    """The logits in float64, the columns of the way out multiplied."""
    module = pretrained.load("gpt").module.double()
    weights = module.state_dict()
    for place, factor in neurons.items():
        _, layer, *own = place.split(".")
        at = tuple(map(int, own))
        if len(at) == 2:
            weights[f"blocks.{layer}.mlp.w_out"][at[0], :, at[1]] *= factor
        else:
            weights[f"blocks.{layer}.mlp.down.weight"][:, at[0]] *= factor
    module.load_state_dict(weights)
    with torch.no_grad():
        logits: Array = module(torch.tensor([ids])).logits[0].numpy()
    return logits


def test_a_pass_is_that_of_pytorch_with_the_weights_multiplied(engine: Engine) -> None:
    asked = question(engine, SENT)
    plain = engine.read(TEXT, "gpt").trace
    expected = in_pytorch(plain.streams["text"].ids, SENT)
    np.testing.assert_allclose(asked.trace.logits[0], expected, atol=2e-4)
    assert np.abs(expected - plain.logits[0]).max() > 0.1
    np.testing.assert_array_equal(asked.untouched_logits, plain.logits[0])


def test_a_pass_that_goes_on_from_an_earlier_one_runs_over_the_same_weights(engine: Engine) -> None:
    question(engine, SENT, "Tom and Anna went to the park. Anna gave").trace  # noqa: B018 (it is kept)
    trace = question(engine, SENT, "Tom and Anna went to the park. Anna gave the dog to").trace
    expected = in_pytorch(trace.streams["text"].ids, SENT)
    np.testing.assert_allclose(trace.logits[0], expected, atol=2e-4)


def test_one_graph_is_opened_for_the_neurons_of_experts_and_none_for_those_of_mlps() -> None:
    engine = Engine()
    dense = {"text.2.40": 0}
    question(engine, dense).trace  # noqa: B018
    assert len(engine.other_weights) == 0
    both = question(engine, {"text.1.3.17": 0} | dense).reading.interventions
    again = question(engine, {"text.1.3.17": 0}, "The cat").reading.interventions
    model = engine.model("gpt")
    assert tapped(model, both) is tapped(model, again)
    assert len(engine.other_weights) == 1
    assert tapped(model, question(engine, dense).reading.interventions) is model.session


def test_neurons_of_a_large_models_experts_are_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    model = engine.model("gpt")
    monkeypatch.setattr(type(model), "is_large", True)
    changes = Interventions(neurons=(Neuron("text", 1, 3, 17, 0.0),))
    with pytest.raises(RequestError, match=r"Neurons of gpt's experts are not switched here: it is too large .* off"):
        turned.with_graph(changes, model, engine.other_weights)
    dense = Interventions(neurons=(Neuron("text", 0, None, 17, 0.0),))
    assert turned.with_graph(dense, model, engine.other_weights) is dense
