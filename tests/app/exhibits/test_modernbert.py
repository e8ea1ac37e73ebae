"""A ModernBERT in the exhibits: windows on both sides, norms before parts, a RoPE, and a head that is no sum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from app.asked.question import Question
from app.engine import Engine
from app.exhibits import WALK
from app.exhibits.machine.anatomy import anatomy
from app.page.answers import Answers
from app.page.traits import traits
from app.wire import mask_specification
from app.wire.fields import Fields
from export import from_hub
from model.config import BertConfig
from model.study import lens_bert
from tests.app.page.test_answers import SAMPLING
from tests.export.conftest import write_vocabulary
from tests.model.published import random_peer, saved
from tests.model.published_encoders import ENCODERS

TEXT = "the little dog ran to the park"
WINDOW = 5


@pytest.fixture(scope="module")
def modern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The answers about a small random one, whose windows reach four tokens to each side."""
    folder = tmp_path_factory.mktemp("hub") / "modern"
    saved(random_peer(ENCODERS["modernbert"]), folder)
    write_vocabulary(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUTAWAY_CACHE", str(tmp_path_factory.mktemp("cache")))
        engine = Engine()
        engine.open_with("modern", from_hub.local(folder))
        yield Answers(engine)


def ask(**fields: Any) -> dict[str, Any]:
    """A request for that model."""
    neutral = {"seq": 1, "text": TEXT, "model": "modern", "sampling": SAMPLING, "layer": 1, "head": 0, "kind": "text"}
    return neutral | {"of": "logit", "task": "fill", "scheme": "own", "sees": "own", "factor": 1} | fields


@pytest.mark.parametrize("exhibit", WALK)
def test_every_exhibit_answers(modern: Answers, exhibit: str) -> None:
    frame = modern.frame(ask(exhibit=exhibit))
    assert (frame["absent"] is not None) == (exhibit == "cache")


def test_what_is_said_of_its_norms_is_so(modern: Answers) -> None:
    config = modern.engine.config("modern")
    assert {"norms-before", "reads-normed", "adds-raw"} <= set(traits(config))
    parts = anatomy(config)
    assert parts["first_raw"]
    assert not parts["post_norm"]
    assert parts["feed"] == "GEGLU"
    assert parts["embeddings"] == ["token"]


def test_the_lens_ends_in_what_the_model_says(modern: Answers) -> None:
    question = Question(Fields(ask(exhibit="residual")), modern.engine)
    reader = question.model.lens
    logits = reader.logits(lens_bert.streams(question.trace, 3))
    np.testing.assert_allclose(logits[-1], question.trace.logits[0, 3], atol=1e-4)


def test_a_click_on_a_cell_finds_its_probability_inside_a_window_and_nothing_outside(modern: Answers) -> None:
    question = Question(Fields(ask(exhibit="attention")), modern.engine)
    pattern = question.trace.pattern(1)[0]
    for key, allowed in ((10 + WINDOW - 1, True), (10 - WINDOW + 1, True), (10 + WINDOW, False), (10 - WINDOW, False)):
        told = modern.named("cell")(ask(exhibit="attention", query=10, key=key, sinks="shown"))
        assert told["allowed"] == allowed
        assert told["probability"] == pytest.approx(pattern[10, key], abs=1e-5)
        assert (told["probability"] > 0) == allowed


def test_its_own_mask_is_that_of_the_pass(modern: Answers) -> None:
    question = Question(Fields(ask(exhibit="masks")), modern.engine)
    config, trace = question.model.config, question.trace
    assert isinstance(config, BertConfig)
    assert config.windowed_layers == (1, 2)
    allowed = mask_specification.by_layer(mask_specification.base(len(trace.tokens), config), config)
    for layer in range(config.n_layers):
        assert ((trace.pattern(layer) > 0).any(axis=0) == allowed[layer]).all()
    pairs = [layer["of"] for layer in modern.frame(ask(exhibit="masks"))["masks"]["layers"]]
    assert pairs == [square.sum() for square in allowed]


def test_what_a_neuron_of_the_last_block_says_is_what_is_lost_with_it(modern: Answers) -> None:
    fields = {"exhibit": "memory", "layer": 3, "query": 4}
    strongest = modern.frame(ask(**fields))["memory"]["top"][0]
    off = {"interventions": {"neurons": {f"text.3.{strongest['neuron']}": 0}}}
    with_it, without = (Question(Fields(ask(**fields, **more)), modern.engine).logits for more in ({}, off))
    for entry in (strongest["promotes"][0], strongest["demotes"][0]):
        assert entry["logit"] == pytest.approx(with_it[entry["id"]] - without[entry["id"]], abs=1e-3)
