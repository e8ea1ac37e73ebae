"""What the Memory exhibit is sent: the neurons of one part, the few that carry most, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.asked.question import Question
from app.engine import Engine
from app.exhibits.memory.frame import N_NEURONS
from app.page.answers import Answers
from app.wire.fields import Fields
from model import taps
from tests.app.page.test_answers import ask
from tests.app.wire.test_payload import unpack

TEXT = "The little girl was very happy"


@pytest.fixture(scope="module")
def bundled() -> Answers:
    return Answers(Engine())


def frame(answers: Answers, model: str, **fields: Any) -> dict[str, Any]:
    asked = {"exhibit": "memory", "stack": "decoder", "model": model, "text": TEXT, **fields}
    return answers.frame(ask(**asked))


@pytest.mark.parametrize(("model", "layer"), [("gpt", 2), ("gpt", 5), ("bert", 1), ("t5", 3)])
def test_the_strongest_come_first_and_all_shares_make_up_the_whole(bundled: Answers, model: str, layer: int) -> None:
    told = frame(bundled, model, layer=layer)
    memory, share = told["memory"], unpack(told, "share")
    assert [neuron["share"] for neuron in memory["top"]] == pytest.approx(np.sort(share)[::-1][:N_NEURONS], abs=1e-6)
    assert share.sum() + (memory["bias"] or 0) == pytest.approx(1, abs=1e-4)
    sums = np.cumsum(np.sort(share)[::-1])
    assert sums[memory["half"] - 1] >= 0.5 - 1e-6
    assert sums[memory["half"] - 2] < 0.5 or memory["half"] == 1
    trace = bundled.engine.trace(TEXT, model)
    added = trace.read(taps.MLP_OUT, memory["layer"], memory["place"])[memory["position"]]
    assert memory["length"] == pytest.approx(float(np.linalg.norm(added)), rel=1e-4)


def test_what_all_neurons_say_to_a_logit_is_what_the_part_adds_to_it(bundled: Answers) -> None:
    told = frame(bundled, "gpt", layer=2)
    engine, position = bundled.engine, told["memory"]["position"]
    trace, model = engine.trace(TEXT), engine.model("gpt")
    target = told["next"]["top"][0]["id"]
    whole = model.lens.attribute(trace, position, target).feed_forward[2]  # type: ignore[union-attr]
    neurons = model.feed_forward.neurons(trace, "text", 2, position)
    lens = model.lens
    final = trace.read(taps.RESID_POST, 5)[position]
    by_hand = neurons.added @ (lens.norm_weight * lens.unembed[target] / lens.scale(final))  # type: ignore[union-attr]
    assert by_hand.sum() == pytest.approx(whole, rel=1e-3)
    first = told["memory"]["top"][0]
    strongest = first["promotes"][0]
    direction = lens.norm_weight * lens.unembed[strongest["id"]] / lens.scale(final)  # type: ignore[union-attr]
    assert strongest["logit"] == pytest.approx(float(neurons.added[first["at"]] @ direction), rel=1e-4)


def test_an_encoder_says_nothing_to_the_vocabulary_and_both_stacks_have_passages(bundled: Answers) -> None:
    encoder, decoder = (frame(bundled, "t5", layer=1, stack=stack)["memory"] for stack in ("encoder", "decoder"))
    assert (encoder["place"], decoder["place"]) == ("encoder", "decoder")
    assert encoder["top"][0]["promotes"] is None
    assert len(encoder["top"][0]["passages"]) == 3
    assert len(decoder["top"][0]["promotes"]) == 4
    assert len(decoder["top"][0]["passages"]) == 3


def test_a_token_and_a_layer_past_the_last_are_the_last(bundled: Answers) -> None:
    memory = frame(bundled, "gpt", layer=99, query=200)["memory"]
    assert (memory["layer"], memory["position"]) == (5, len(bundled.engine.trace(TEXT).tokens) - 1)


def test_a_block_with_experts_has_the_neurons_of_those_that_the_token_was_sent_to(bundled: Answers) -> None:
    told = frame(bundled, "gpt", layer=3)
    sent = {expert["expert"] for expert in told["memory"]["experts"]}
    assert len(sent) == 2
    assert sum(expert["weight"] for expert in told["memory"]["experts"]) == pytest.approx(1, abs=1e-6)
    assert {neuron["expert"] for neuron in told["memory"]["top"]} <= sent
    assert len(unpack(told, "before")) == 2 * 192


CHANGED = [("gpt", 2, "text"), ("gpt", 5, "text"), ("bert", 1, "text"), ("t5", 1, "decoder"), ("t5", 1, "encoder")]


@pytest.mark.parametrize(("model", "layer", "stack"), CHANGED)
def test_a_neuron_that_is_switched_keeps_its_place_and_counts_as_it_is_told(
    bundled: Answers, model: str, layer: int, stack: str
) -> None:
    """Its own block reads what it read, so that its numbers are those of before, but for the factor."""
    asked = {"layer": layer, "stack": stack} if model == "t5" else {"layer": layer}
    before = frame(bundled, model, **asked)
    first, second, *_ = before["memory"]["top"]
    names = [named(stack, layer, one) for one in (first, second)]
    told = frame(bundled, model, **asked, interventions={"neurons": {names[0]: 0, names[1]: 4}})
    top = told["memory"]["top"]
    if model != "t5":  # what a changed T5 writes may be other words
        assert [one["at"] for one in top] == [one["at"] for one in before["memory"]["top"]]
        assert top[0]["share"] == 0
        assert top[0]["activation"] == 0
        assert top[1]["activation"] == pytest.approx(4 * second["activation"], rel=1e-5)
        assert top[0]["before"] == pytest.approx(first["before"], rel=1e-5)
    share = unpack(told, "share")
    assert share.sum() + (told["memory"]["bias"] or 0) == pytest.approx(1, abs=1e-4)
    assert told["change"]["kl_bits"] > 0


def named(stack: str, layer: int, neuron: dict[str, Any]) -> str:
    expert = "" if neuron["expert"] is None else f"{neuron['expert']}."
    return f"{stack}.{layer}.{expert}{neuron['neuron']}"


@pytest.mark.parametrize(("model", "layer"), [("gpt", 2), ("gpt", 3), ("bert", 1)])
def test_what_the_listed_neurons_add_is_what_the_changed_graph_adds(bundled: Answers, model: str, layer: int) -> None:
    first = frame(bundled, model, layer=layer)["memory"]["top"][0]
    changes = {"neurons": {named("text", layer, first): 2}}
    told = frame(bundled, model, layer=layer, interventions=changes)["memory"]
    fields = Fields(ask(exhibit="memory", stack="decoder", model=model, text=TEXT, interventions=changes))
    added = Question(fields, bundled.engine).trace.read(taps.MLP_OUT, layer)[told["position"]]
    assert told["length"] == pytest.approx(float(np.linalg.norm(added)), rel=1e-4)


def test_what_a_neuron_of_a_bert_would_say_is_what_it_says_once_it_is_on(bundled: Answers) -> None:
    """The head where it counts, less the head where it does not: from either side."""
    on = frame(bundled, "bert", layer=3)["memory"]["top"][0]
    off = frame(bundled, "bert", layer=3, interventions={"neurons": {named("text", 3, on): 0}})["memory"]["top"][0]
    for kind in ("promotes", "demotes"):
        assert [one["id"] for one in off[kind]] == [one["id"] for one in on[kind]]
        assert [one["logit"] for one in off[kind]] == pytest.approx([one["logit"] for one in on[kind]], rel=1e-3)


def test_a_part_that_is_switched_off_is_told_as_what_it_would_add(bundled: Answers) -> None:
    changed = {"mlps_off": ["text.2"]}
    off, on = (frame(bundled, "gpt", layer=layer, interventions=changed)["memory"] for layer in (2, 0))
    assert (off["off"], on["off"]) == (True, False)
    as_it_is = frame(bundled, "gpt", layer=2)["memory"]
    assert not as_it_is["off"]
    assert off["length"] == pytest.approx(as_it_is["length"], rel=1e-4)  # nothing before it has changed
