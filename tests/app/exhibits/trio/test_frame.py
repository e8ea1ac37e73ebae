"""What the Trio exhibit is sent: three passes over one sentence, on the characters of the sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.engine import Engine
from app.exhibits.trio.gap import TASKS
from app.page.answers import Answers
from app.wire.fields import RequestError
from app.wire.patterns import WHOLE
from model import taps
from model.config import Place
from model.study import sampling
from model.train.text_to_text import PREFIX
from tests.app.page.test_answers import ask
from tests.app.wire.test_payload import unpack

SENTENCE = "The little dog ran to the park because it was happy."
FAMILIES = ("gpt", "bert", "t5")
Asked = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def bundled() -> Answers:
    """Answers of the models that the project trained."""
    return Answers(Engine())


@pytest.fixture
def asked(bundled: Answers) -> Asked:
    return lambda **fields: bundled.frame(ask(**({"exhibit": "trio", "model": "gpt", "text": SENTENCE} | fields)))


def wrote(frame: dict[str, Any]) -> list[int]:
    """What the T5's decoder read: its start and what it wrote, its end left out."""
    told = frame["trio"]["t5"]
    ids = [entry["id"] for entry in told["written"]]
    return [told["start"]["id"], *(ids[:-1] if told["ended"] else ids)]


def test_the_tasks_are_those_that_the_t5_was_trained_on() -> None:
    assert TASKS == PREFIX


@pytest.mark.parametrize("depth", ["mean", "first", "middle", "last"])
def test_the_attention_at_a_depth_is_the_mean_over_its_layers_and_heads(
    asked: Asked, bundled: Answers, depth: str
) -> None:
    frame = asked(depth=depth)
    texts = {"gpt": SENTENCE, "bert": SENTENCE.replace("happy", "[MASK]")}
    for model, text in texts.items():
        trace = bundled.engine.trace(text, model)
        n = trace.config.n_layers
        layers = {"mean": range(n), "first": [0], "middle": [(n - 1) // 2], "last": [n - 1]}[depth]
        expected = np.mean([trace.pattern(layer) for layer in layers], axis=(0, 1), dtype=np.float64)
        np.testing.assert_allclose(unpack(frame, model)[0, 0] / WHOLE, expected, atol=1.01 / WHOLE)


def test_the_t5_reads_its_task_and_writes_what_its_own_logits_say(asked: Asked, bundled: Answers) -> None:
    frame, model = asked(), bundled.engine.model("t5")
    told = frame["trio"]["t5"]
    ids = [token["id"] for token in told["tokens"]]
    assert ids == [token.id for token in bundled.engine.trace(TASKS["translate"] + SENTENCE, "t5").tokens]
    names = [taps.PATTERN.at("cross").name(layer) for layer in range(model.config.n_layers)]
    run = model.session.run(ids, decoder_ids=wrote(frame), taps=names)
    across = np.mean([run.taps[name][0] for name in names], axis=(0, 1), dtype=np.float64)
    np.testing.assert_allclose(unpack(frame, "cross")[0, 0] / WHOLE, across, atol=1.01 / WHOLE)
    for logits, entry in zip(run.logits[0], told["written"], strict=False):
        odds = np.exp(logits.astype(np.float64) - logits.max())
        assert entry["id"] == int(logits.argmax())
        assert entry["probability"] == pytest.approx(odds.max() / odds.sum(), rel=1e-5)


def test_the_masks_that_are_drawn_are_those_of_the_models(asked: Asked, bundled: Answers) -> None:
    """A triangle, a full square, and a square above a rectangle beside a triangle: exactly there is attention."""
    frame = asked()

    def seen(name: str, text: str, place: Place = "text") -> NDArray[np.bool_]:
        trace = bundled.engine.trace(text, name)
        layers = range(trace.config.stacks[place].layers)
        return np.any([(trace.pattern(layer, place) > 0).any(axis=0) for layer in layers], axis=0)

    for triangle in (seen("gpt", SENTENCE), seen("t5", SENTENCE, "decoder")):
        assert (triangle == np.tri(len(triangle), dtype=bool)).all()
    assert seen("bert", SENTENCE).all()
    assert seen("t5", SENTENCE, "encoder").all()
    assert seen("t5", SENTENCE, "cross").all()
    assert frame["arrays"]["cross"]["shape"][2:] == (len(wrote(frame)), len(frame["trio"]["t5"]["tokens"]))


@pytest.mark.parametrize(
    ("fields", "word", "by"),
    [
        ({}, "happy", "end"),
        ({"query": 3}, "dog", "choice"),
        ({"query": 3, "model": "bert"}, "dog", "choice"),
        ({"text": "Tom saw a [MASK] cat."}, "[MASK]", "text"),
        ({"text": "Tom saw a <extra_id_0> cat."}, "<extra_id_0>", "text"),
        ({"text": "…"}, "…", "end"),
    ],
)
def test_the_word_in_question_is_the_chosen_one_or_a_gap_or_the_last(
    asked: Asked, fields: dict[str, Any], word: str, by: str
) -> None:
    frame = asked(**fields)
    trio = frame["trio"]
    start, end = trio["words"][trio["gap"]["word"]]
    assert (frame["text"][start:end], trio["gap"]["by"]) == (word, by)
    mask = trio["bert"]["tokens"][trio["bert"]["position"]]
    assert (mask["text"], mask["start"], mask["end"]) == ("[MASK]", start, end)


def test_all_speak_of_one_word_the_gpt_from_its_left_the_bert_behind_its_mask(asked: Asked, bundled: Answers) -> None:
    trio = asked(query=3)["trio"]
    gpt = bundled.engine.trace(SENTENCE, "gpt").logits[0, 2]
    bert = bundled.engine.trace(SENTENCE.replace("dog", "[MASK]"), "bert")
    for family, logits, own in (("gpt", gpt, " dog"), ("bert", bert.logits[0, 3], "dog")):
        odds = np.exp(logits.astype(np.float64) - logits.max())
        top = trio[family]["next"]["top"][0]
        assert top["id"] == int(logits.argmax())
        assert top["probability"] == pytest.approx(odds.max() / odds.sum())
        told = trio[family]["own"]
        assert told["text"] == own
        assert told["rank"] == 1 + int((logits > logits[told["id"]]).sum())
        assert told["probability"] == pytest.approx(odds[told["id"]] / odds.sum())


def test_to_fill_the_t5_reads_a_gap_in_place_of_the_word(asked: Asked) -> None:
    told = asked(task="fill", query=3)["trio"]["t5"]
    gap = next(token for token in told["tokens"] if token["text"] == "<extra_id_0>")
    assert SENTENCE[gap["start"] : gap["end"]].strip() == "dog"
    assert not any(token["text"].strip() == "dog" for token in told["tokens"])


def test_a_text_that_begins_with_a_task_says_it_itself(asked: Asked) -> None:
    trio = asked(text="sentiment: a great film", task="fill")["trio"]
    assert (trio["task"], trio["typed"], trio["t5"]["prefix"]) == ("sentiment", True, 0)


@pytest.mark.parametrize("n", [40, 4000])
def test_of_a_long_text_each_reads_the_end_on_the_same_characters_and_the_t5_still_its_task(
    asked: Asked, n: int
) -> None:
    text = "One dog, two cats. " * n
    trio = asked(text=text, task="fill")["trio"]
    for family in FAMILIES:
        tokens = [token for token in trio[family]["tokens"] if token["end"] > token["start"] and not token["special"]]
        assert trio[family]["clipped"] > 0 or n == 40
        for token in tokens:
            assert (
                text[token["start"] : token["end"]].strip().lower().endswith(token["text"].strip().strip("#").lower())
            )
    prefix = trio["t5"]["tokens"][: trio["t5"]["prefix"]]
    assert "".join(token["text"] for token in prefix).replace(" ", "") == "fill:"
    start, end = trio["words"][trio["gap"]["word"]]
    assert text[start:end] == "cats"


def test_without_a_word_the_bert_has_nothing_to_say(asked: Asked) -> None:
    trio = asked(text="")["trio"]
    assert trio["gap"] == {"word": None, "by": None}
    assert trio["bert"]["next"] is None
    assert trio["gpt"]["next"]["top"]


def test_a_family_that_is_not_installed_is_named(answers: Answers) -> None:
    trio = answers.frame(ask(exhibit="trio"))["trio"]
    assert trio["bert"] == {"missing": "There is no BERT here: no checkpoint of that family is installed."}
    assert trio["t5"].keys() == {"missing"}
    assert trio["gpt"]["model"] == "tiny"


def test_a_frame_of_thirty_two_tokens_stays_small(asked: Asked, bundled: Answers) -> None:
    text = "Once upon a time there was a little dog who lived in a big house near the park. Every day he ran home and"
    frame = asked(text=text)
    assert 25 <= len(frame["trio"]["gpt"]["tokens"]) <= 32
    assert len(str(frame)) < 150_000


def test_what_has_changed_since_the_pin_is_told_of_each_of_the_three(bundled: Answers) -> None:
    """The word that was chosen is asked for in both texts; the T5 is given its task in both."""
    pinned = SENTENCE.replace("dog", "cat")
    word = next(at for at, token in enumerate(bundled.engine.trace(SENTENCE).tokens) if token.text.strip() == "park")
    request = {"model": "gpt", "text": SENTENCE, "query": word, "pin": {"text": pinned, "model": "gpt"}}
    told = bundled.named("trio_since")(ask(**request))
    logits: dict[str, list[NDArray[np.float32]]] = {family: [] for family in FAMILIES}
    for text in (pinned, SENTENCE):
        logits["gpt"].append(bundled.engine.trace(text, "gpt").logits[0, word - 1])
        masked = bundled.engine.trace(text.replace("park", "[MASK]"), "bert")
        mask = [token.text for token in masked.tokens].index("[MASK]")
        logits["bert"].append(masked.logits[0, mask])
        logits["t5"].append(bundled.engine.trace(TASKS["translate"] + text, "t5").logits[0, 0])
    for family, (before, after) in logits.items():
        probabilities = sampling.probabilities_of(before)
        assert told[family]["change"]["kl_bits"] == pytest.approx(sampling.kl_bits(before, after), abs=1e-6)
        assert told[family]["likeliest"]["id"] == int(before.argmax())
        assert told[family]["before"] == pytest.approx(probabilities[sampling.descending(after)[:6]], abs=1e-6)


def test_nothing_is_told_of_a_model_that_says_nothing_there(bundled: Answers) -> None:
    told = bundled.named("trio_since")(ask(model="gpt", text="", pin={"text": SENTENCE, "model": "gpt"}))
    assert told["bert"] is None
    assert told["gpt"]["change"]["kl_bits"] > 0


def test_without_a_pin_the_trio_has_nothing_to_tell(bundled: Answers) -> None:
    with pytest.raises(RequestError, match="pin is None"):
        bundled.named("trio_since")(ask(model="gpt", text=SENTENCE, pin=None))
