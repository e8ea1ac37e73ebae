"""A model that predicts no token: every exhibit shows what is true of it, and says in a sentence what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import transformers as hf

from app.api.answers import Programs
from app.engine import Engine
from app.exhibits import WALK, registry
from app.page.answers import Answers
from app.wire.fields import Fields, RequestError
from export import from_hub
from export.predictions import passes
from tests.app.page.test_answers import SAMPLING
from tests.export.conftest import write_vocabulary
from tests.model.published import ALIBI_SIZES, SIZES, T5_SIZES, Case, random_peer, saved

GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "pad_token_id": 1, **ALIBI_SIZES}
FINE_TUNED = {
    "sorting-bert": Case(
        hf.BertForSequenceClassification,
        lambda: hf.BertConfig(**SIZES | {"num_hidden_layers": 2}, id2label={0: "NEGATIVE", 1: "POSITIVE"}),
    ),
    "sorting-gpt": Case(hf.GPT2ForSequenceClassification, lambda: hf.GPT2Config(**GPT2)),
    "encoding-t5": Case(hf.T5ForTokenClassification, lambda: hf.T5Config(**T5_SIZES)),
    "sorting-t5": Case(hf.T5ForSequenceClassification, lambda: hf.T5Config(**T5_SIZES)),
}
ABSENT = {"residual", "sampling", "training", "smaller"}
"""The exhibits that are about what a model predicts."""
LEFT_ASIDE = "predicts no token: it was published with a head that sorts "


@pytest.fixture(scope="module", params=FINE_TUNED)
def silent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The answers about a fine-tuned model, under its name."""
    folder = tmp_path_factory.mktemp("hub") / request.param
    saved(random_peer(FINE_TUNED[request.param]), folder)
    write_vocabulary(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUTAWAY_CACHE", str(tmp_path_factory.mktemp("cache")))
        engine = Engine()
        engine.open_with(request.param, from_hub.local(folder))
        yield Answers(engine)


def ask(silent: Answers, **fields: Any) -> dict[str, Any]:
    """A request for that model."""
    neutral = {"seq": 1, "text": "the little dog", "model": silent.engine.first, "sampling": SAMPLING}
    neutral |= {"of": "logit", "task": "fill", "scheme": "own", "sees": "own", "factor": 1}
    if "cross" in silent.engine.config(silent.engine.first or "").stacks:
        neutral |= {"kind": "cross", "stack": "decoder"}
    return neutral | {"layer": 0, "head": 0, "sinks": "shown"} | fields


@pytest.mark.parametrize("exhibit", WALK)
@pytest.mark.parametrize("changed", [False, True])
def test_every_exhibit_shows_what_is_true(silent: Answers, exhibit: str, changed: bool) -> None:
    place = silent.engine.config(silent.engine.first or "").reader
    changes: dict[str, Any] = {"interventions": {"heads_off": [f"{place}.0.1"]}} if changed else {}
    frame = silent.frame(ask(silent, exhibit=exhibit, **changes))
    assert frame["next"] is None
    assert frame["mask"] is None
    assert LEFT_ASIDE in frame["unsaid"]
    assert frame.get("change") is None
    reads_alone = silent.engine.config(silent.engine.first or "").family == "bert"
    assert (frame["absent"] is not None) == (exhibit in (ABSENT | {"cache"} if reads_alone else ABSENT))
    if exhibit == "trio":
        for family in ("gpt", "bert", "t5"):  # a bundled model stands in for it, under its own name
            assert frame["trio"][family]["model"] == family


def test_the_decoder_of_a_silent_t5_reads_the_text_one_token_behind(silent: Answers) -> None:
    frame = silent.frame(ask(silent, exhibit="attention", text="the little dog"))
    if silent.engine.first != "sorting-t5":
        assert frame["written"] is None
        assert "one token behind" not in frame["unsaid"]
        return
    read, written = ([token["id"] for token in frame[row]] for row in ("tokens", "written"))
    assert written == [0, *read[:-1]]
    assert frame["unsaid"].endswith("it reads the beginning of the same text, one token behind.")
    longer = silent.frame(ask(silent, exhibit="attention", text="a" * 60))
    assert len(longer["written"]) == silent.catalog()["limits"]["written"] + 1


def test_no_numbers_are_given_away_that_there_are_not(silent: Answers) -> None:
    from app.asked.question import Question

    for exhibit in ABSENT & registry.NUMBERS.keys() - {"training"}:
        assert registry.NUMBERS[exhibit](Question(Fields(ask(silent, exhibit=exhibit)), silent.engine)) == []


def test_a_pinned_state_is_not_compared_with_what_was_not_said(silent: Answers) -> None:
    pin: dict[str, Any] = {"text": "the", "model": silent.engine.first, "interventions": {}}
    assert silent.frame(ask(silent, exhibit="attention", pin=pin))["pinned"] is None


def test_a_mask_is_laid_over_it(silent: Answers) -> None:
    painted = {"interventions": {"mask": "window:1"}}
    frame = silent.frame(ask(silent, exhibit="masks", **painted))
    assert frame["change"] is None


@pytest.mark.parametrize("call", ["draw", "beam", "clock", "off_once", "part_costs"])
def test_what_needs_a_prediction_is_refused_in_a_sentence(silent: Answers, call: str) -> None:
    fields = {"draw": 0, "width": 2, "depth": 2, "query": 0, "target": 1, "begin": 0}
    with pytest.raises(RequestError):
        silent.named(call)(ask(silent, **fields))


def test_programs_are_told_the_same(silent: Answers) -> None:
    told = Programs(silent).trace(ask(silent, taps=["logits"]))
    assert told["next"] is None
    assert told["taps"]["logits"]["shape"][-1] == 0


def test_its_predictions_are_not_compared(silent: Answers) -> None:
    assert silent.engine.first is not None
    model = silent.engine.model(silent.engine.first)
    with pytest.raises(ValueError, match="has no head that predicts"):
        passes(model.config, model.tokenizer, ["a b"])


def test_steps_about_what_it_predicts_do_not_hold_for_it(silent: Answers) -> None:
    catalog = silent.catalog()
    assert not catalog["models"][silent.engine.first]["predicts"]
    for exhibit, steps in catalog["steps"].items():
        speaks = {step["speaks"] for step in steps}
        assert speaks == {True} if exhibit in ABSENT else False in speaks


def test_the_command_line_says_what_was_left_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import cli

    def stand_in(folder: Path) -> Path:
        made = tmp_path / "made"
        made.mkdir()
        from model import config as configs

        (made / "config.json").write_text(configs.to_json(saved(peer, folder).config))
        return made

    peer = random_peer(FINE_TUNED["sorting-bert"])
    saved(peer, tmp_path / "sst")
    monkeypatch.setattr(from_hub, "local", stand_in)
    assert cli.main(["export", str(tmp_path / "sst")]) == 0
    assert f"sst {LEFT_ASIDE}whole texts (NEGATIVE, POSITIVE)" in capsys.readouterr().out
