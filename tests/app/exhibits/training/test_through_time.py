"""The moments of training: the same text under the weights of then, held against PyTorch in float64."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch.nn import functional as F

from app.engine import Engine
from app.page.answers import Answers
from app.wire.fields import RequestError
from model import pretrained
from model.pretrained import MODULES
from model.study import induction
from model.study.timelapse import Moment, Timelapse, add
from model.zoo import CHECKPOINTS
from tests.app.exhibits.training.test_frame import FILMED, TEXT, frame, ids_of, module, row
from tests.app.page.test_answers import ask


@pytest.fixture(scope="module")
def bundled() -> Answers:
    return Answers(Engine())


@pytest.fixture(scope="module")
def lapse() -> Timelapse:
    return Timelapse(CHECKPOINTS / FILMED / "timelapse.npz")


def at_moment(lapse: Timelapse, at: int) -> Any:
    """The module with the weights of a moment, in float64; its checkpoint's file holds float16."""
    config = pretrained.load(FILMED).config
    there = MODULES["gpt"](config).double().eval()
    weights = lapse.weights(at)
    there.load_state_dict({name: torch.tensor(values.astype(np.float16)).double() for name, values in weights.items()})
    return there


@torch.no_grad()
@pytest.mark.parametrize("at", [0, 4, 7])
def test_a_moment_is_the_model_with_the_weights_of_then(bundled: Answers, lapse: Timelapse, at: int) -> None:
    told = frame(bundled, FILMED, moment=at)
    time = told["time"]
    assert (time["at"], len(time["moments"])) == (at, 8)
    ids = row([token.id for token in bundled.engine.trace(TEXT, FILMED).tokens])
    then, end = at_moment(lapse, at), module(FILMED)
    for name, there in (("loss", then), ("end", end)):
        logits = there(ids).logits[0]
        assert time[name] == pytest.approx(F.cross_entropy(logits[:-1], ids[0, 1:]).item(), rel=1e-4)
        p = logits[-1].softmax(-1)
        listed = time["then" if name == "loss" else "now"]
        assert [entry["probability"] for entry in listed] == pytest.approx(p.topk(6).values.tolist(), rel=1e-3)
    answer = bundled.named("moment")(ask(model=FILMED, text=TEXT, moment=at))
    assert answer["loss"] == pytest.approx(time["loss"], rel=1e-5)
    assert frame(bundled, FILMED, text="", moment=at)["time"]["loss"] is None


@torch.no_grad()
def test_induction_is_measured_on_repeated_tokens_and_appears_in_training(bundled: Answers, lapse: Timelapse) -> None:
    n = induction.N_TOKENS
    rows = torch.tensor(induction.repeated(bundled.engine.config(FILMED).d_vocab, {0}, 0))
    answers = [bundled.named("moment")(ask(model=FILMED, text=TEXT, moment=at))["induction"] for at in (0, 7)]
    for at, answer in zip((0, 7), answers, strict=True):
        logits = at_moment(lapse, at)(rows).logits
        log_p = logits[:, :-1].log_softmax(-1).gather(-1, rows[:, 1:, None])[..., 0]
        assert answer["first"] == pytest.approx(-log_p[:, 1:n].mean().item(), rel=1e-3)
        assert answer["second"] == pytest.approx(-log_p[:, n + 1 :].mean().item(), rel=1e-3)
    before, after = (np.array(answer["scores"]) for answer in answers)
    assert before.shape == after.shape == (4, 4)
    assert before.max() < 0.1
    assert after.max() > 2 * before.max()
    assert answers[1]["second"] < answers[1]["first"]


@torch.no_grad()
@pytest.mark.parametrize("name", ["bert", "t5"])
def test_any_checkpoint_with_a_time_lapse_is_shown_through_time(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for path in (CHECKPOINTS / name).iterdir():
        (folder / path.name).symlink_to(path)
    stored = {key: values.astype(np.float32) for key, values in load_file(folder / "model.safetensors").items()}
    for step, share in ((0, 0.5), (9, 1.0)):
        add(folder / "timelapse.npz", Moment(step, 10 * step, 5.0), {key: share * one for key, one in stored.items()})
    answers = Answers(Engine(tmp_path))
    told = frame(answers, name, moment=0)
    training, time = told["training"], told["time"]
    assert time["filmed"] == [name]
    assert answers.named("moment")(ask(model=name, text=TEXT, moment=0))["induction"] is None
    halved = Timelapse(folder / "timelapse.npz").weights(0)
    then = pretrained.load(name, dtype=torch.float64).module
    then.load_state_dict({key: torch.tensor(one.astype(np.float16)).double() for key, one in halved.items()})
    shown, at = ids_of(training["cells"]), [target["at"] for target in training["targets"]]
    if name == "bert":
        segments = [int(place > shown.index(shown[-1])) for place in range(len(shown))]
        logits = then(row(shown), row(segments)).logits[0, at]
    else:
        logits = then(row(ids_of(training["reads"])), row([0, *shown[:-1]])).logits[0, at]
    targets = torch.tensor(ids_of(training["targets"]))
    assert time["loss"] == pytest.approx(F.cross_entropy(logits, targets).item(), rel=1e-4)
    assert time["end"] == pytest.approx(training["loss"], rel=1e-5)
    p = logits[training["chosen"]].softmax(-1)
    assert [entry["probability"] for entry in time["then"]] == pytest.approx(p.topk(6).values.tolist(), rel=1e-3)


def test_a_model_without_moments_names_those_that_have_some(bundled: Answers) -> None:
    time = frame(bundled, "gpt")["time"]
    assert (time["moments"], time["filmed"]) == ([], [FILMED])
    with pytest.raises(RequestError, match="gpt kept no moments"):
        bundled.named("moment")(ask(model="gpt", text=TEXT, moment=0))
    with pytest.raises(RequestError, match="moment is 8; send a whole number from 0 to 7"):
        bundled.named("moment")(ask(model=FILMED, text=TEXT, moment=8))
