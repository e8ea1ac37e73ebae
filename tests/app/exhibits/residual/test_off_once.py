"""What each part is worth: each switched off once, against passes over weights that lack it; and off by its mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from app.engine import Engine
from app.exhibits.residual import off_once
from app.page.answers import Answers
from app.wire.fields import RequestError
from app.wire.interventions import Interventions
from export import families
from export.runtime import means
from model import taps, zoo
from model.study import sampling
from model.transformer.capture import intervene
from tests.app.page.test_answers import ask

TEXTS = {"gpt": "The little dog ran to the park because", "bert": "The little girl was very [MASK]."}
T5 = "translate English to French: The little dog ran to the park."
OFF_BY = [("gpt", "zero"), ("gpt", "mean"), ("bert", "mean")]


@pytest.fixture(scope="module")
def bundled() -> Answers:
    """Answers of the models that the project trained."""
    return Answers(Engine())


def asked(model: str, **fields: Any) -> dict[str, Any]:
    return ask(exhibit="residual", model=model, text=TEXTS.get(model, T5), query=None, **fields)


def whole(answers: Answers, model: str, **fields: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every part, asked for until there are no more, and the frame that it was asked about."""
    frame = answers.frame(asked(model, **fields))
    residual = frame["residual"]
    chosen = {"query": residual["query"], "target": residual["target"]["id"]}
    chosen["against"] = None if residual["against"] is None else residual["against"]["id"]
    parts: list[dict[str, Any]] = []
    while True:
        request = asked(model, by="zero") | fields | chosen | {"begin": len(parts)}
        answer = answers.named("off_once")(request)
        assert answer["parts"], "an answer without a part would be asked for for ever"
        parts += answer["parts"]
        if len(parts) == answer["total"]:
            return parts, frame


@pytest.mark.parametrize(("model", "by"), OFF_BY)
def test_a_part_is_worth_what_pytorch_says_without_it(bundled: Answers, model: str, by: str) -> None:
    """A module whose hooks put zero, or the mean, in place of the part."""
    parts, frame = whole(bundled, model, by=by)
    config = bundled.engine.config(model)
    assert len(parts) == config.n_layers * (config.n_heads + 1)
    module = families.load(zoo.CHECKPOINTS / model, torch.float64)
    stand_in = means.load(zoo.CHECKPOINTS / model, config) if by == "mean" else None
    ids = torch.tensor([[token["id"] for token in frame["tokens"]]])
    residual = frame["residual"]
    before = bundled.engine.trace(TEXTS[model], model).logits[0, residual["query"]]
    for part in parts[:: 1 + len(parts) // 9]:
        layer, head = part["layer"], part["head"]
        name = "mlp_bias" if head is None else "head_bias"
        at = (layer,) if head is None else (layer, head)
        value = torch.from_numpy(stand_in[name][at]) if stand_in else torch.zeros(())

        def replaced(out: torch.Tensor, head: int | None = head, value: torch.Tensor = value) -> torch.Tensor:
            out[..., :] = value if head is None else out
            if head is not None:
                out[:, :, head] = value
            return out

        tap = (taps.MLP_OUT if head is None else taps.Z).name(layer)
        with torch.no_grad(), intervene(module, {tap: replaced}):
            after = module(ids).logits[0, residual["query"]].numpy()
        target = residual["target"]["id"]
        assert part["kl_bits"] == pytest.approx(sampling.kl_bits(before, after), rel=1e-3, abs=1e-5), part
        assert part["change"] == pytest.approx(after[target] - before[target], abs=1e-3), part
    assert max(part["kl_bits"] for part in parts) > 0.1


def test_a_t5_has_parts_in_three_places_and_what_it_wrote_stays(bundled: Answers) -> None:
    parts, frame = whole(bundled, "t5", of="difference")
    config = bundled.engine.config("t5")
    counts = {kind: sum(part["kind"] == kind for part in parts) for kind in config.stacks}
    heads = config.n_heads
    layers = {kind: stack.layers for kind, stack in config.stacks.items()}
    assert counts == {kind: n * (heads if kind == "cross" else heads + 1) for kind, n in layers.items()}
    trace = bundled.engine.trace(T5, "t5")
    read, written = ([token.id for token in stream.tokens] for stream in trace.streams.values())
    gate = np.ones((layers["cross"], heads))
    gate[1, 2] = 0
    session = bundled.engine.model("t5").session
    after = session.run(read, decoder_ids=written, cross_head_gate=gate).logits[0, 0]
    part = next(part for part in parts if (part["kind"], part["layer"], part["head"]) == ("cross", 1, 2))
    assert part["kl_bits"] == pytest.approx(sampling.kl_bits(trace.logits[0, 0], after), rel=1e-4, abs=1e-6)
    one, other = (frame["residual"][name]["id"] for name in ("target", "against"))
    change = (after - trace.logits[0, 0])[one] - (after - trace.logits[0, 0])[other]
    assert part["change"] == pytest.approx(float(change), abs=1e-4)


def test_each_answer_ends_when_its_time_is_up(bundled: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(off_once, "SLICE_S", 0.0)
    chosen = {"query": 3, "target": 5, "by": "zero"}
    first = bundled.named("off_once")(asked("gpt", begin=0) | chosen)
    last = bundled.named("off_once")(asked("gpt", begin=first["total"] - 1) | chosen)
    assert [len(answer["parts"]) for answer in (first, last)] == [1, 1]
    assert (last["parts"][0]["layer"], last["parts"][0]["head"]) == (5, None)


def test_a_part_that_is_off_already_costs_nothing_more(bundled: Answers) -> None:
    off = {"heads_off": ["text.2.1"], "mlps_off": ["text.4"], "off_by": "mean"}
    parts, _ = whole(bundled, "gpt", interventions=off, by="mean")
    costs = {(part["layer"], part["head"]): part["kl_bits"] for part in parts}
    assert costs[2, 1] == costs[4, None] == 0
    assert sum(cost == 0 for cost in costs.values()) == 2


def test_a_part_by_its_mean_is_neither_there_nor_zero(bundled: Answers) -> None:
    at = {"heads_off": ["text.3.4"], "mlps_off": ["text.1"]}
    frames = [bundled.frame(asked("gpt", interventions=at | {"off_by": by})) for by in ("zero", "mean")]
    kept = means.load(zoo.CHECKPOINTS / "gpt", bundled.engine.config("gpt"))
    assert kept is not None
    changes = Interventions(heads_off=(("text", 3, 4),), mlps_off=(("text", 1),), by_mean=True, means=kept)
    trace = bundled.engine.read(TEXTS["gpt"], "gpt", changes).trace
    np.testing.assert_array_equal(trace.read(taps.Z, 3)[0, 4], kept["head_bias"][3, 4])
    np.testing.assert_array_equal(trace.read(taps.MLP_OUT, 1)[0], kept["mlp_bias"][1])
    by_zero, by_mean = [frame["residual"]["parts"] for frame in frames]
    assert by_zero["heads"][3][4] == 0 == by_zero["feed_forward"][1]
    assert by_mean["heads"][3][4] != 0 != by_mean["feed_forward"][1]
    for frame in frames:
        assert frame["residual"]["sum"] == pytest.approx(frame["residual"]["logit"], abs=1e-4)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"begin": 42}, "begin is 42; send a whole number from 0 to 41."),
        ({"by": "half"}, "by is 'half'; send one of zero, mean."),
        ({"query": 99}, r"query is 99; send a whole number from 0 to"),
        ({"interventions": {"heads_off": ["text.0.0"]}, "by": "mean"}, "by is 'mean', but parts are off already by"),
        ({"interventions": {"mlps_off": ["text.6"]}}, "mlps_off names 'text.6'; send a layer of gpt, as kind.layer"),
        ({"interventions": {"mlps_off": "text.1"}}, "mlps_off is 'text.1'; send a list of kind.layer."),
        ({"interventions": {"off_by": "x"}}, "off_by is 'x'; send one of zero, mean."),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(bundled: Answers, fields: Any, sentence: str) -> None:
    request = asked("gpt", begin=0, target=1, by="zero") | {"query": 3} | fields
    with pytest.raises(RequestError, match=sentence):
        bundled.named("off_once")(request)


def test_nothing_stands_in_by_its_mean_where_nobody_measured_it(answers: Answers) -> None:
    request = ask(exhibit="residual", interventions={"heads_off": ["text.0.0"], "off_by": "mean"})
    with pytest.raises(RequestError, match="Nobody has measured the means of tiny; switch its parts off by zero"):
        answers.frame(request)
