"""What the Training exhibit is sent, held against PyTorch in float64, and what it makes of a text."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from app.asked.question import Question
from app.engine import Engine
from app.exhibits.training import example as examples
from app.exhibits.training.scored import scored, scored_next
from app.page.answers import Answers
from app.wire.fields import Fields, RequestError
from model import pretrained
from model.config import BertConfig
from model.tokenizer import Tokenizer
from model.trace import Token
from tests.app.page.test_answers import ask
from tests.app.wire.test_payload import unpack

TEXT = (
    "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to the door "
    "and waited for his friend Tom. Tom was a kind boy, and he liked to play with the dog after school."
)
"""Longer than the exact buckets of a T5, and two sentences for a BERT."""
FILMED = "gpt-rope"


@pytest.fixture(scope="module")
def bundled() -> Answers:
    return Answers(Engine())


def frame(answers: Answers, model: str, text: str = TEXT, **fields: Any) -> dict[str, Any]:
    return answers.frame(ask(exhibit="training", model=model, text=text, **fields))


def module(name: str) -> Any:
    return pretrained.load(name, dtype=torch.float64).module


def ids_of(entries: list[dict[str, Any]]) -> list[int]:
    return [entry["id"] for entry in entries]


def row(ids: Any) -> Tensor:
    return torch.tensor([list(ids)])


@torch.no_grad()
def said(model: str, told: dict[str, Any]) -> Tensor:
    """The logits of a frame's example, by PyTorch. *Shape:* (target, d_vocab)."""
    training = told["training"]
    shown = [cell["id"] for cell in training["cells"]]
    at = [target["at"] for target in training["targets"]]
    if model.startswith("gpt"):
        return module(model)(row(shown)).logits[0, [place - 1 for place in at]]
    if model == "bert":
        sep = shown.index(shown[-1])
        segments = [int(place > sep) for place in range(len(shown))]
        return module(model)(row(shown), row(segments)).logits[0, at]
    read = [token["id"] for token in training["reads"]]
    return module(model)(row(read), row([0, *shown[:-1]])).logits[0, at]


@pytest.mark.parametrize("model", ["gpt", "gpt-alibi", "bert", "t5"])
def test_losses_and_gradient_are_those_of_pytorch(bundled: Answers, model: str) -> None:
    told = frame(bundled, model, smoothing=10, cut=3)
    training = told["training"]
    logits = said(model, told).requires_grad_()
    targets = torch.tensor([target["id"] for target in training["targets"]])
    nats = F.cross_entropy(logits, targets, reduction="none", label_smoothing=0.1)
    np.testing.assert_allclose(unpack(told, "nats"), nats.detach().numpy(), rtol=1e-4, atol=1e-4)
    plain = F.cross_entropy(logits, targets).item()
    assert training["loss"] == pytest.approx(plain, rel=1e-4)
    assert training["perplexity"] == pytest.approx(np.exp(plain), rel=1e-3)
    assert training["smoothed"] == pytest.approx(nats.mean().item(), rel=1e-4)
    nats.mean().backward()
    assert logits.grad is not None
    chosen = training["chosen"]
    each = F.cross_entropy(logits, targets, reduction="none")
    assert chosen == int(each.argmax())
    slopes = logits.grad[chosen]
    rows = training["gradient"]["rows"]
    assert rows[0]["id"] == training["targets"][chosen]["id"]
    for entry in rows:
        assert entry["slope"] == pytest.approx(slopes[entry["id"]].item(), rel=1e-3, abs=1e-7)
        assert entry["probability"] == pytest.approx(logits[chosen].softmax(-1)[entry["id"]].item(), rel=1e-3, abs=1e-7)
    assert sum(entry["slope"] for entry in rows) + training["gradient"]["rest"]["slope"] == pytest.approx(0, abs=1e-6)
    assert unpack(told, "bins").sum() == int((slopes != 0).sum())
    for index, target in enumerate(training["targets"]):
        p = logits[index].softmax(-1)
        assert target["probability"] == pytest.approx(p[target["id"]].item(), rel=1e-3, abs=1e-7)
        assert target["guess"]["id"] == int(p.argmax())
        assert target["guess"]["probability"] == pytest.approx(p.max().item(), rel=1e-3)


@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
def test_what_16_bits_flush_is_what_pytorch_flushes(bundled: Answers, model: str) -> None:
    told = frame(bundled, model)
    training = told["training"]
    logits = said(model, told).requires_grad_()
    F.cross_entropy(logits, torch.tensor([target["id"] for target in training["targets"]])).backward()
    assert logits.grad is not None
    slopes, kept = logits.grad[training["chosen"]], training["gradient"]["kept"]
    for name, made in (
        ("float16", slopes.half()),
        ("scaled", (slopes * training["loss_scale"]).half()),
        ("bfloat16", slopes.bfloat16()),
    ):
        gone = made == 0
        assert kept[name]["entries"] == pytest.approx(gone.double().mean().item(), abs=2e-3)
        assert kept[name]["size"] == pytest.approx(
            (slopes.abs() * gone).sum().item() / slopes.abs().sum().item(), abs=1e-6
        )
    assert kept["float16"]["entries"] > 0.02
    assert kept["scaled"]["entries"] < kept["float16"]["entries"]
    assert kept["bfloat16"]["entries"] == 0


def test_of_a_long_text_logits_are_made_once_and_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = Fields(ask(model="gpt", text=TEXT))
    at_once = Question(fields, Engine())
    example = examples.made(at_once)
    expected = scored(at_once.trace.logits[0], example)
    for name, n in (("prefix.WHOLE", 8), ("prefix.BLOCK", 16), ("pieces.SMALL", 16)):
        monkeypatch.setattr(f"app.running.{name}", n)
    engine = Engine()
    trace, session = Question(fields, engine).trace, engine.model("gpt").session
    before, lengths, run = trace.nbytes, list[int](), session.run

    def counted(ids: Any, **given: Any) -> Any:
        lengths.append(len(ids))
        return run(ids, **given)

    monkeypatch.setattr(session, "run", counted)
    for _ in range(2):
        np.testing.assert_allclose(scored_next(trace, example).nats, expected.nats, atol=1e-4)
        assert trace.nbytes == before
    assert lengths == [16] * (len(example.ids) // 16), "the last piece, a short one, has its logits"


def test_a_bert_is_asked_as_in_training_and_the_fates_are_what_was_done(bundled: Answers) -> None:
    seen = set()
    for cut in range(20):
        training = frame(bundled, "bert", cut=cut)["training"]
        shown = [cell["id"] for cell in training["cells"]]
        text = [token.id for token in bundled.engine.trace(TEXT, "bert").tokens]
        assert len(shown) == len(text) + 1, "a second [SEP] stands behind the first sentence"
        end = shown.index(text[-1])
        true = shown.copy()
        for target in training["targets"]:
            true[target["at"]] = target["id"]
            is_mask = shown[target["at"]] == bundled.engine.model("bert").tokenizer.mask_id
            kept = shown[target["at"]] == target["id"]
            assert target["fate"] == ("masked" if is_mask else "kept" if kept else "swapped")
            seen.add(target["fate"])
        assert [*true[:end], *true[end + 1 :]] == text
        assert len(training["targets"]) == round(0.15 * (len(text) - 2))
    assert seen == {"masked", "swapped", "kept"}
    assert frame(bundled, "bert", cut=4)["training"] == frame(bundled, "bert", cut=4)["training"]


@torch.no_grad()
def test_the_next_sentence_verdict_is_that_of_pytorch(bundled: Answers) -> None:
    pair = frame(bundled, "bert", cut=2)["training"]["pair"]
    engine = bundled.engine
    ids = [token.id for token in engine.trace(TEXT, "bert").tokens]
    cls, sep = ids[0], ids[-1]
    first = [token.id for token in engine.trace(TEXT[: TEXT.index("Every")], "bert").tokens[1:-1]]
    assert pair["own"]["text"].startswith("Every day")
    inner = engine.model("bert").tokenizer.inner
    for told in (pair["own"], pair["other"]):
        second = inner.encode(told["text"], add_special_tokens=False).ids
        read = [cls, *first, sep, *second, sep]
        segments = [0] * (len(first) + 2) + [1] * (len(second) + 1)
        verdict = module("bert")(row(read), row(segments)).next_sentence[0].softmax(-1)
        assert told["follows"] == pytest.approx(verdict[0].item(), abs=1e-5)
    text = "The little girl was very happy. She went to the park with her mom."
    told = frame(bundled, "bert", text=text, cut=2)["training"]["pair"]
    assert told["own"]["follows"] > 0.5 > told["other"]["follows"]
    assert frame(bundled, "bert", text="One sentence only")["training"]["pair"]["own"] is None
    assert frame(bundled, "gpt")["training"]["pair"] is None


@pytest.mark.parametrize("text", [TEXT, f"fill: {TEXT}", "The <extra_id_0> ran to the park."])
def test_a_t5_reads_what_is_left_and_writes_what_was_cut(bundled: Answers, text: str) -> None:
    training = frame(bundled, "t5", text=text, cut=1)["training"]
    tokenizer: Tokenizer = bundled.engine.model("t5").tokenizer
    sentinels = {tokenizer.inner.token_to_id(f"<extra_id_{at}>") for at in range(16)}
    read, written = ([cell["id"] for cell in training[name]] for name in ("reads", "cells"))
    end = tokenizer.inner.token_to_id("</s>")
    assert read.pop() == written.pop() == end
    gaps: dict[int, list[int]] = {}
    for id in written:
        if id in sentinels:
            now = gaps.setdefault(id, [])
        else:
            now.append(id)
    whole = [id for place in read for id in gaps.get(place, [place])]
    prefix = "fill: " if text.startswith("fill") else ""
    before = tokenizer.inner.encode(prefix, add_special_tokens=False).ids
    own = text.removeprefix(prefix)
    own_ids = [token.id for token in bundled.engine.trace(text, "t5").tokens if token.start >= len(prefix.rstrip())]
    expected = [*before, *(id for id in own_ids if id not in sentinels and id != end)]
    assert whole == expected, own
    assert list(gaps) == [id for id in read if id in sentinels]
    assert training["prefixed"] == bool(prefix)
    n_text = len(expected) - len(before)
    assert sum(map(len, gaps.values())) == max(1, round(0.15 * n_text))


@pytest.mark.parametrize(("model", "text"), [("gpt", ""), ("bert", ""), ("t5", ""), ("t5", "a"), ("gpt-rope", "")])
def test_a_text_without_anything_to_predict_is_said_to_have_nothing(bundled: Answers, model: str, text: str) -> None:
    told = frame(bundled, model, text=text)
    training = told["training"]
    assert training["targets"] == []
    assert training["loss"] is training["chosen"] is training["gradient"] is None
    assert unpack(told, "nats").size == 0


def test_the_run_is_what_lies_beside_the_checkpoint(bundled: Answers) -> None:
    told = frame(bundled, "bert")
    run = told["run"]
    assert run["recipe"]["optimizer"] == "adamw"
    assert not run["logged"]
    assert all(point["clipped"] is None for point in run["points"])
    schedule = unpack(told, "schedule")
    peak = 1 + round(run["recipe"]["warmup"] * (len(schedule) - 1))
    assert schedule.argmax() in (peak - 1, peak)
    assert schedule.max() == pytest.approx(run["recipe"]["lr"])
    assert schedule[-1] == pytest.approx(run["recipe"]["lr"] * run["recipe"]["final_lr"])
    for point in run["points"]:
        step = point["step"] / run["recipe"]["steps"]
        assert point["progress"] == pytest.approx(min(1, max(step, point["hours"] / run["recipe"]["hours"])))


def test_an_encoder_that_predicts_no_tokens_is_said_to_be_one(bundled: Answers) -> None:
    question = Question(Fields(ask(exhibit="training", model="bert", text=TEXT)), bundled.engine)
    config = question.model.config
    assert isinstance(config, BertConfig)
    other = dataclasses.replace(question.model, config=dataclasses.replace(config, head="none"))
    question.__dict__["model"] = other
    assert "bert predicts no token: " in str(bundled.exhibits["training"].frame(question).absent)


@pytest.mark.parametrize(
    "fields", [{"smoothing": 51}, {"smoothing": 0.5}, {"cut": -1}, {"predicted": "x"}, {"moment": True}, {"cut": 1e9}]
)
def test_a_field_that_cannot_be_is_refused(bundled: Answers, fields: dict[str, Any]) -> None:
    model = FILMED if "moment" in fields else "bert"
    with pytest.raises(RequestError, match=f"{next(iter(fields))} is .*send a whole number"):
        frame(bundled, model, **fields)


def test_a_published_berts_ordinary_entries_lie_between_its_special_ones() -> None:
    class Tokens:
        special_ids = frozenset({0, 1, 2, 3, 50264})
        mask_id = 50264

    class Config:
        d_vocab = 50265

    around = (Token(0, "<s>", 0, 0, special=True), Token(2, "</s>", 0, 0, special=True))
    special = examples.special_of(Tokens(), Config(), around)  # type: ignore[arg-type]
    assert (special.first, special.end, special.mask) == (4, 50264, 50264)
    assert (special.cls, special.sep) == tuple(token.id for token in around)
