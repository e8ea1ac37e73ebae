"""What the Memory exhibit is sent: the neurons of one part, the few that carry most, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.engine import Engine
from app.exhibits.memory.frame import N_NEURONS
from app.page.answers import Answers
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


def test_an_encoder_says_nothing_to_the_vocabulary_and_nobody_looked_into_a_decoder(bundled: Answers) -> None:
    encoder, decoder = (frame(bundled, "t5", layer=1, stack=stack)["memory"] for stack in ("encoder", "decoder"))
    assert (encoder["place"], decoder["place"]) == ("encoder", "decoder")
    assert encoder["top"][0]["promotes"] is None
    assert len(encoder["top"][0]["passages"]) == 3
    assert len(decoder["top"][0]["promotes"]) == 4
    assert decoder["top"][0]["passages"] is None


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
