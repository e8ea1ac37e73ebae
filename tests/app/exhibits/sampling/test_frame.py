"""What the Sampling exhibit is sent besides the curve: draws that a seed decides, and a beam of the running model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.engine import Engine
from app.page.answers import Answers
from app.wire.fields import RequestError
from model.softmax import log_softmax
from model.study import sampling
from model.study.sampling import Settings
from tests.app.page.test_answers import SAMPLING
from tests.app.wire.test_payload import unpack

TEXT = "The little dog ran to the park because"
WORDS = ("red", "big", "sad", "happy", "old", "little", "brown", "kind", "angry", "tiny", "white", "funny") * 2
TASK = "translate English to German: The house is small."


@pytest.fixture(scope="module")
def answers() -> Answers:
    """The answers of the page as it is shipped."""
    return Answers(Engine())


def arrays_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The arrays of a frame, by name."""
    return {name: unpack(answer, name) for name in answer["arrays"]}


def request(**fields: Any) -> dict[str, Any]:
    neutral = {"seq": 1, "text": TEXT, "model": "gpt", "exhibit": "sampling", "sampling": SAMPLING}
    return neutral | {"width": 3, "depth": 6} | fields


@pytest.mark.parametrize(("model", "text"), [("gpt", TEXT), ("bert", "The dog ran to the [MASK]."), ("t5", TASK)])
def test_the_thousand_draws_are_those_of_the_seed(answers: Answers, model: str, text: str) -> None:
    chosen = SAMPLING | {"seed": 5, "temperature": 1.2, "top_p": 0.9}
    answer = answers.frame(request(model=model, text=text, sampling=chosen))
    logits = answers.engine.trace(text, model).logits[0, answer["position"]]
    chances = sampling.shape(logits, Settings(temperature=1.2, top_p=0.9)).chances
    uniform = [sampling.generator(5, index).random() for index in range(1_000)]
    drawn = np.bincount([sampling.draw(chances, u) for u in uniform], minlength=len(logits))
    told = answer["draws"]
    assert told["counts"] == [drawn[entry["id"]] for entry in answer["next"]["top"]]
    assert sum(told["counts"]) + told["rest"] == told["n"] == 1_000
    assert told["distance"] == pytest.approx(np.abs(drawn / 1_000 - chances).sum() / 2)
    np.testing.assert_array_equal(arrays_of(answer)["draws_u"], np.floor(np.array(uniform) * 65_536))


def paths(tree: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The nodes along every finished continuation, the best first, and along the greedy path."""
    found = []
    for leaf in (*tree["finished"], tree["greedy"][-1]):
        path, at = [], leaf
        while at is not None:
            path.append(tree["nodes"][at])
            at = tree["nodes"][at]["parent"]
        found.append(path[::-1])
    return found


@pytest.mark.parametrize("changes", [{}, {"heads_off": ["text.2.1"], "expert_bias": {"1.0": 2.5}}])
def test_every_edge_of_a_gpts_tree_is_what_the_model_says_without_a_cache(answers: Answers, changes: Any) -> None:
    asked = request(interventions=changes)
    tree = answers.named("beam")(asked)
    reading = answers.engine.read(TEXT, "gpt", _changes(answers, changes))
    for path in paths(tree):
        for length, node in enumerate(path):
            logits = answers.engine.logits_after(reading, [before["id"] for before in path[:length]])
            logs = log_softmax(np.asarray(logits, np.float64))
            assert node["log_probability"] == pytest.approx(logs[node["id"]], abs=2e-3)
        assert path[-1]["score"] == pytest.approx(sum(node["log_probability"] for node in path))


def _changes(answers: Answers, changes: Any) -> Any:
    from app.wire.fields import Fields

    return Fields({"interventions": changes}).interventions("interventions", answers.engine.config("gpt"))


def test_a_t5s_greedy_path_is_what_it_writes(answers: Answers) -> None:
    written = [token.id for token in answers.engine.trace(TASK, "t5").streams["decoder"].tokens][1:]
    *_, greedy = paths(answers.named("beam")(request(model="t5", text=TASK, depth=12)))
    ids = [node["id"] for node in greedy]
    assert ids[: len(written)] == written[: len(ids)]


def test_the_same_question_has_the_same_answer(answers: Answers) -> None:
    first = answers.named("beam")(request(width=5, depth=12))
    assert answers.named("beam")(request(width=5, depth=12)) == first
    assert len(first["finished"]) == 5


def test_a_full_context_gives_its_oldest_tokens_up_for_the_beam(answers: Answers) -> None:
    text, depth = "".join(f"The {word} dog ran to park {n} and saw a cat. " for n, word in enumerate(WORDS)), 12
    reading = answers.engine.read(text, "gpt")
    bos, *ids = (token.id for token in reading.trace.tokens)
    assert 1 + len(ids) == reading.model.config.n_ctx
    kept = [bos, *ids[depth:]]
    tree = answers.named("beam")(request(text=text, width=2, depth=depth))
    assert max(node["depth"] for node in tree["nodes"]) == depth
    for path in paths(tree):
        followed = [node["id"] for node in path]
        logits = reading.model.session.run([*kept, *followed[:-1]]).logits[0, len(kept) - 1 :]
        for node, row in zip(path, logits, strict=True):
            assert node["log_probability"] == pytest.approx(log_softmax(row.astype(np.float64))[node["id"]], abs=1e-4)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"width": 1}, "width is 1; send a whole number from 2 to 5."),
        ({"depth": 13}, "depth is 13; send a whole number from 1 to 12."),
        ({"model": "bert"}, "BERT fills a place of a text"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_a_sentence(answers: Answers, fields: Any, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        answers.named("beam")(request(**fields))
