"""What the Smaller exhibit is sent: a smaller model's predictions against PyTorch, its bytes, what its parts cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from app.engine import Engine
from app.exhibits.smaller import setting as settings
from app.page.answers import Answers
from app.running.budget import Budget, YieldError, holding
from export import families
from model.softmax import log_softmax
from model.study import shrinking
from model.study.shrinking import Setting
from tests.app.page.test_answers import ask
from tests.app.wire.test_payload import unpack

TEXT = {
    "gpt": "Once upon a time there was a little girl named Lily. She loved to play with her red ball in the park, and",
    "bert": "The little girl was very [MASK] because she lost her red ball in the big green park behind the house.",
    "t5": "translate English to French: The little dog ran to the park because it was a very beautiful day.",
}
"""Longer than T5's exact buckets and than a window of any of them."""


@pytest.fixture(scope="module")
def bundled() -> Answers:
    return Answers(Engine())


def frame(answers: Answers, model: str = "gpt", **fields: Any) -> dict[str, Any]:
    return answers.frame(ask(exhibit="smaller", model=model, **{"text": TEXT[model], **fields}))


def module_of(answers: Answers, model: str, setting: Setting) -> torch.nn.Module:
    """PyTorch in float64 with the weights of a setting, rounded to half precision as the graph reads them."""
    folder = answers.engine.folder(model)
    module = families.load(folder, torch.float64)
    made = shrinking.weights(load_file(folder / "model.safetensors"), setting)
    state = module.state_dict()
    state |= {name: torch.from_numpy(weight.astype(np.float16)).double() for name, weight in made.items()}
    module.load_state_dict(state)
    return module


def logits_of(module: torch.nn.Module, answers: Answers, model: str) -> np.ndarray:
    trace = answers.engine.trace(TEXT[model], model)
    ids = [torch.tensor([[token.id for token in stream.tokens]]) for stream in trace.streams.values()]
    with torch.no_grad():
        return module(*ids).logits[0].numpy()


@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
@pytest.mark.parametrize(
    ("bits", "grain", "zeroed"), [(8, "group", 0), (4, "row", 0), (3, "group", 50), (16, "group", 80)]
)
def test_a_smaller_model_says_what_pytorch_says_with_its_weights(
    bundled: Answers, model: str, bits: int, grain: shrinking.Grain, zeroed: int
):
    told = frame(bundled, model, bits=bits, grain=grain, zeroed=zeroed)
    before = logits_of(families.load(bundled.engine.folder(model), torch.float64), bundled, model)
    after = logits_of(module_of(bundled, model, Setting(bits, grain, zeroed)), bundled, model)
    p, q = log_softmax(before), log_softmax(after)
    expected = (np.exp(p) * (p - q)).sum(axis=-1) / np.log(2)
    assert expected.max() > 1e-5
    np.testing.assert_allclose(unpack(told, "divergence"), expected, rtol=2e-3, atol=2e-5)
    position = told["position"]
    for entry in told["smaller"]["likeliest"]["after"]:
        assert entry["after"] == pytest.approx(float(np.exp(q[position, entry["id"]])), abs=1e-4)
    assert told["next"]["top"][0]["id"] == int(after[position].argmax())
    assert told["smaller"]["kl_bits"] == pytest.approx(float(expected[position]), rel=2e-3, abs=2e-5)


def test_a_model_as_it_is_loses_nothing_and_opens_no_graph(bundled: Answers):
    held = len(bundled.engine.other_weights)
    smaller = frame(bundled)["smaller"]
    assert smaller["kl_bits"] == smaller["text"]["most"] == 0
    assert smaller["bytes"]["before"] == smaller["bytes"]["after"]
    assert smaller["likeliest"]["before"] == smaller["likeliest"]["after"]
    assert len(bundled.engine.other_weights) == held
    assert smaller["matrix"]["levels"] == 0


@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
def test_the_bytes_of_the_whole_are_those_of_the_file(bundled: Answers, model: str):
    stored = load_file(bundled.engine.folder(model) / "model.safetensors").values()
    assert frame(bundled, model)["smaller"]["bytes"]["before"] == sum(tensor.nbytes for tensor in stored)


def test_removed_heads_and_layers_are_counted_and_weigh_less(bundled: Answers):
    heads = [f"text.2.{head}" for head in range(6)]
    removed = {"heads_off": [*heads, "text.4.1"], "mlps_off": ["text.2", "text.5"]}
    smaller = frame(bundled, interventions=removed)["smaller"]
    assert smaller["gone"] == {"heads": 1, "of_heads": 36, "layers": 1, "of_layers": 6}
    assert smaller["bytes"]["after"] < smaller["bytes"]["before"]
    assert smaller["kl_bits"] > 0


def test_what_is_removed_and_what_is_rounded_come_together(bundled: Answers):
    removed = {"heads_off": ["text.1.0", "text.3.4"]}
    told = frame(bundled, interventions=removed, bits=5, grain="row")
    module = module_of(bundled, "gpt", Setting(5, "row"))
    for layer, head in ((1, 0), (3, 4)):
        module.get_parameter(f"blocks.{layer}.attn.o.weight").data[:, 32 * head : 32 * (head + 1)] = 0
    before = logits_of(families.load(bundled.engine.folder("gpt"), torch.float64), bundled, "gpt")
    p, q = log_softmax(before), log_softmax(logits_of(module, bundled, "gpt"))
    expected = (np.exp(p) * (p - q)).sum(axis=-1) / np.log(2)
    np.testing.assert_allclose(unpack(told, "divergence"), expected, rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize(
    ("asked", "told"), [((9, 44), (10, 40)), ((0, 1000), (2, 95)), ((10**6, 3), (16, 0)), ((4, 90), (4, 90))]
)
def test_what_is_no_stop_is_brought_to_the_nearest(bundled: Answers, asked: tuple[int, int], told: tuple[int, int]):
    smaller = frame(bundled, bits=asked[0], zeroed=asked[1])["smaller"]
    assert (smaller["bits"], smaller["zeroed"]) == told


def test_visitors_with_one_setting_share_one_graph(bundled: Answers):
    for text in ("one", "two", "three"):
        frame(bundled, text=text, bits=7, grain="row")
    held = len(bundled.engine.other_weights)
    frame(bundled, text="four", bits=7, grain="row")
    assert len(bundled.engine.other_weights) == held


@pytest.mark.parametrize(("model", "n_layers"), [("gpt", 6), ("bert", 4), ("t5", 8)])
def test_the_corner_of_a_matrix_is_the_files_and_stands_on_its_levels(bundled: Answers, model: str, n_layers: int):
    told = frame(bundled, model, bits=3, grain="group", matrix="embed.weight")
    stored = load_file(bundled.engine.folder(model) / "model.safetensors")["embed.weight"]
    matrix = told["smaller"]["matrix"]
    shape = (matrix["rows"], matrix["columns"])
    original, changed = (unpack(told, name).reshape(shape) for name in ("original", "changed"))
    scales = unpack(told, "scales").reshape(matrix["rows"], -1)
    np.testing.assert_array_equal(original, stored[: shape[0], : shape[1]].astype(np.float32))
    assert shape == (32, 64)
    assert scales.shape == (32, 2)
    levels = changed / np.repeat(scales, 32, axis=1)
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-5)
    assert np.abs(levels).max() <= matrix["levels"] == 3
    assert matrix["shape"] == stored.shape
    blocks = {name.split("blocks.")[1].split(".")[0] for name in told["smaller"]["matrices"] if "blocks." in name}
    assert len(blocks) == n_layers // (2 if model == "t5" else 1)


def test_a_matrix_that_the_model_has_not_is_the_first_of_attention(bundled: Answers):
    assert frame(bundled, matrix="../etc")["smaller"]["matrix"]["name"] == "blocks.0.attn.q.weight"
    assert frame(bundled, "t5")["smaller"]["matrix"]["name"] == "decoder.blocks.0.attn.q.weight"


def test_each_part_is_measured_once_in_slices_and_costs_what_it_changes(bundled: Answers):
    told: list[dict[str, Any]] = []
    total = 1
    while len(told) < total:
        answer = bundled.named("part_costs")(ask(text="The dog ran home.", model="gpt", begin=len(told)))
        assert answer["begin"] == len(told)
        told += answer["parts"]
        total = answer["total"]
    assert len(told) == 36 + 6
    assert [part["head"] for part in told[36:]] == [None] * 6
    for part in (told[7], told[38]):
        head = part["head"]
        heads = range(6) if head is None else [head]
        removed: dict[str, Any] = {"heads_off": [f"text.{part['layer']}.{one}" for one in heads]}
        removed |= {"mlps_off": [f"text.{part['layer']}"]} if head is None else {}
        changed = frame(bundled, text="The dog ran home.", interventions=removed)
        assert part["kl_bits"] == pytest.approx(changed["smaller"]["text"]["bits"], rel=1e-4, abs=1e-7)


def test_a_model_that_is_too_large_is_left_alone_and_the_limit_is_named(
    bundled: Answers, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings, "MOST_BYTES", 5_000_000)
    absent = frame(bundled, bits=4)["absent"]
    assert absent.startswith("The weights of gpt take 10 MB; here models of up to 5 MB are made smaller")


def test_a_request_that_makes_way_is_asked_again_and_not_told_that_it_does_not_apply(bundled: Answers) -> None:
    left = Budget(10.0, share_s=0.0, wanted=lambda: True)
    with holding(left), pytest.raises(YieldError):
        frame(bundled, bits=3, grain="row")
