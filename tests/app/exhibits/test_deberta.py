"""A DeBERTa in the exhibits: scores that add what contents say of distances, and a head that finds replaced tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.asked.question import Question
from app.engine import Engine
from app.exhibits import WALK
from app.exhibits.machine.anatomy import anatomy
from app.exhibits.positions import distances, numbers
from app.page.answers import Answers
from app.page.traits import traits
from app.wire.fields import Fields
from export import from_hub
from model import taps
from model.study import lens_bert
from tests.app.page.test_answers import SAMPLING
from tests.export.conftest import write_vocabulary
from tests.model.published import random_peer, saved
from tests.model.published_encoders import ENCODERS

TEXT = "the little dog ran to the park and the cat saw the little dog run"
CASES = {
    "shared": "deberta-v2",
    "own": "deberta-v2, projections of its own",
    "added": "deberta-v2, position to content, segments, positions added",
    "convolved": "deberta-v2, convolution, narrow embeddings",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The answers about small random ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUTAWAY_CACHE", str(tmp_path_factory.mktemp("cache")))
        engine = Engine()
        for name, case in CASES.items():
            folder: Path = tmp_path_factory.mktemp("hub") / name
            saved(random_peer(ENCODERS[case]), folder)
            write_vocabulary(folder)
            engine.open_with(name, from_hub.local(folder))
        yield Answers(engine)


def ask(**fields: Any) -> dict[str, Any]:
    """A request for one of them."""
    neutral = {"seq": 1, "text": TEXT, "model": "shared", "sampling": SAMPLING, "layer": 1, "head": 2, "kind": "text"}
    return neutral | {"of": "logit", "task": "fill", "scheme": "own", "sees": "own", "factor": 1} | fields


def question(answers: Answers, **fields: Any) -> Question:
    """What an exhibit is asked."""
    return Question(Fields(ask(**fields)), answers.engine)


@pytest.mark.parametrize("exhibit", WALK)
@pytest.mark.parametrize("model", ["shared", "convolved"])
def test_every_exhibit_answers(answers: Answers, model: str, exhibit: str) -> None:
    frame = answers.frame(ask(model=model, exhibit=exhibit))
    assert (frame["absent"] is not None) == (exhibit == "cache")


@pytest.mark.parametrize("model", CASES)
def test_the_terms_of_positions_make_up_what_is_added_to_the_scores(answers: Answers, model: str) -> None:
    asked = question(answers, model=model, exhibit="positions")
    config, trace = asked.model.config, asked.trace
    assert len(trace.tokens) > 12, "no distance of the text is shared with another"
    added = distances.terms(trace, asked.model.weights, 1, 2)
    assert tuple(added) == config.positions.terms
    bias = trace.read(taps.BIAS, 1)[2]
    np.testing.assert_allclose(sum(added.values()), bias, atol=2e-5 * abs(bias).max())
    frame = answers.frame(ask(model=model, exhibit="positions"))["positions"]
    assert frame["own"] == frame["scheme"] == "disentangled"
    terms = list(config.positions.terms)
    assert frame["disentangled"] == {"layer": 1, "head": 2, "terms": terms, "block": None}
    assert frame["scores"]["scale"] == pytest.approx((8 * (1 + len(added))) ** -0.5)
    [table] = numbers.tables(asked)
    np.testing.assert_array_equal(table.values, np.stack(list(added.values())))


def test_they_are_there_in_small_where_another_scheme_is_large(answers: Answers) -> None:
    frame = answers.frame(ask(exhibit="positions", scheme="alibi"))["positions"]
    assert frame["disentangled"] is not None
    assert frame["scores"] is None


@pytest.mark.parametrize("model", CASES)
def test_a_click_on_a_cell_finds_the_probability_of_the_pass(answers: Answers, model: str) -> None:
    asked = question(answers, model=model, exhibit="attention")
    pattern = asked.trace.pattern(1)[2]
    told = answers.named("cell")(ask(model=model, exhibit="attention", query=10, key=3, sinks="shown"))
    scores = np.array(told["row"]["scores"])
    shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    np.testing.assert_allclose(shares, pattern[10], atol=1e-5)
    assert told["probability"] == pytest.approx(pattern[10, 3], abs=1e-5)
    assert told["scaled"] == pytest.approx(told["dot"] / told["divisor"] ** 0.5)
    assert told["divisor"] == 8 * (1 + len(asked.model.config.positions.terms))
    assert told["scaled"] + told["bias"] == pytest.approx(scores[3])


def test_what_is_said_of_its_parts_is_so(answers: Answers) -> None:
    plain, convolved = (answers.engine.config(name) for name in ("shared", "convolved"))
    assert {"norms-in-stream", "scaled-by-own", "unconvolved"} <= set(traits(plain))
    assert "convolved" in traits(convolved)
    assert anatomy(plain)["embeddings"] == ["token"]
    assert anatomy(answers.engine.config("added"))["embeddings"] == ["token", "position", "segment"]


@pytest.mark.parametrize("model", CASES)
def test_the_lens_ends_in_what_the_model_says(answers: Answers, model: str) -> None:
    asked = question(answers, model=model, exhibit="residual")
    logits = asked.model.lens.logits(lens_bert.streams(asked.trace, 3))
    np.testing.assert_allclose(logits[-1], asked.trace.logits[0, 3], atol=1e-4)
