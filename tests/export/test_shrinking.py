"""What it costs to make a checkpoint smaller, and its race: measured right, and told beside the bundled weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from export import families, race
from export.__main__ import CHECKPOINTS, main
from export.runtime import shrinking as kept
from export.runtime.session import WEIGHTS, Session
from export.shrinking import Measured, gates, together
from model.softmax import log_softmax
from model.study import shrinking
from model.study.shrinking import BITS, GRAINS, NOTHING, ZEROED, Removed, Setting

PASSAGES = ["The little dog ran to the park. It was a sunny day, and the dog was very happy.", "Lily had a red ball."]
BUNDLED = sorted(path.name for path in CHECKPOINTS.iterdir() if (path / WEIGHTS).is_file())
MOST_BYTES = 16_384


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_model_has_its_curves_and_they_are_whole(name: str):
    folder = CHECKPOINTS / name
    told = kept.load(folder, kept.FILE)
    assert told is not None, f"python -m export smaller {name} writes them"
    assert (folder / kept.FILE).stat().st_size < MOST_BYTES
    config = Session(folder).config
    whole = sum(tensor.nbytes for tensor in load_file(folder / WEIGHTS).values())
    assert list(told["bits"]) == list(GRAINS)
    for points in told["bits"].values():
        assert [point[0] for point in points] == list(BITS)
    assert [point[0] for point in told["zeroed"]] == list(ZEROED)
    for kind, all_of in (("heads", shrinking.heads_of(config)), ("layers", shrinking.layers_of(config))):
        named = {".".join(map(str, one)) for one in all_of}
        assert set(told[kind]["order"]) == named
        assert told[kind]["points"][-1][0] == len(told[kind]["order"]) == len(named)
    for points in (*told["bits"].values(), told["zeroed"], told["heads"]["points"], told["layers"]["points"]):
        assert points[0][1:] == [whole, 0.0, 1.0], "the first point of each is the model as it is"
        assert points[-1][2] > 0.01
        assert all(0 <= kl < 100 and 0 <= same <= 1 for _, _, kl, same in points)
        assert points[-1][1] < whole


@pytest.mark.parametrize("name", ["gpt", "bert", "t5"])
def test_a_point_is_what_pytorch_says_over_the_same_predictions(name: str):
    folder = CHECKPOINTS / name
    measured = Measured(folder, PASSAGES)
    setting = Setting(4, "row", 20)
    made = shrinking.weights(load_file(folder / WEIGHTS), setting)
    module = families.load(folder, torch.float64)
    removed = together([Removed([(measured.config.speaker, 1, 2)]), Removed([], [(measured.config.reader, 2)])])
    before = said(module, measured)
    state = module.state_dict() | {
        key: torch.from_numpy(weight.astype(np.float16)).double() for key, weight in made.items()
    }
    module.load_state_dict(state)
    prefix = "" if name != "t5" else "decoder."
    width = measured.config.head_width
    module.get_parameter(f"{prefix}blocks.1.attn.o.weight").data[:, 2 * width : 3 * width] = 0
    for key, parameter in module.named_parameters():
        if key.startswith(f"{'' if name != 't5' else 'encoder.'}blocks.2.mlp.down."):
            parameter.data[:] = 0
    bits = [kl(p, q) for p, q in zip(before, said(module, measured), strict=True)]
    at, size, divergence, same = measured.point(7, Session(folder, weights=made), setting, removed)
    assert at == 7
    assert divergence == pytest.approx(float(np.concatenate(bits).mean()), rel=2e-3)
    assert size == shrinking.n_bytes(measured.parts, measured.config, setting, removed)
    assert 0 < same < 1


def said(module: torch.nn.Module, measured: Measured) -> list[np.ndarray]:
    found = []
    for one in measured.passes:
        ids = [torch.tensor([each]) for each in (one.read, one.written) if each is not None]
        with torch.no_grad():
            found.append(module(*ids).logits[0].numpy()[one.at])
    return found


def kl(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    p, q = log_softmax(before), log_softmax(after)
    divergence: np.ndarray = (np.exp(p) * (p - q)).sum(axis=-1) / np.log(2)
    return divergence


def test_parts_go_in_the_order_of_what_each_costs_alone():
    measured = Measured(CHECKPOINTS / "gpt-rope", PASSAGES)
    each = [Removed([("text", layer, head)]) for layer in (0, 1) for head in range(4)]
    told = measured.removing(each, None)
    costs = [
        measured.change(measured.session, Removed([(place, int(layer), int(head))]))[0]
        for place, layer, head in (name.split(".") for name in told["order"])
    ]
    assert costs == sorted(costs)
    assert [point[0] for point in told["points"]] == list(range(9))
    assert told["points"][1][2] == pytest.approx(costs[0], rel=1e-3)
    assert gates(measured.config, NOTHING) == {}


def test_what_was_measured_on_other_weights_is_refused(tmp_path: Path):
    shutil.copy(CHECKPOINTS / "gpt" / kept.FILE, tmp_path)
    shutil.copy(CHECKPOINTS / "gpt-rope" / WEIGHTS, tmp_path)
    with pytest.raises(ValueError, match=r"measured on another model\.safetensors; python -m export smaller"):
        kept.load(tmp_path, kept.FILE)
    assert kept.load(tmp_path, kept.RACE) is None


@pytest.mark.parametrize("name", ["gpt", "bert", "t5"])
def test_the_three_were_raced_and_say_on_what(name: str):
    told = kept.load(CHECKPOINTS / name, kept.RACE)
    assert told is not None, f"python -m export race {name} writes it"
    assert told["machine"]
    assert told["cores"] >= 1
    assert told["bytes"]["int8"] < 0.6 * told["bytes"]["float32"]
    if name != "bert":  # whose pooler the int8 graph leaves as it is
        curve = kept.load(CHECKPOINTS / name, kept.FILE)
        assert curve is not None
        (at_eight,) = (point[1] for point in curve["bits"]["group"] if point[0] == 8)
        assert told["bytes"] == {"float32": curve["bits"]["group"][0][1], "int8": at_eight}, "the formula is right"
    assert 0 < told["kl_bits"] < 0.05
    assert told["same"] > 0.95
    assert {row["graph"] for row in told["rows"]} == ({"encoder", "decoder"} if name == "t5" else {"fused"})
    assert all(row["float32_ms"] > 0 and row["int8_ms"] > 0 for row in told["rows"])


def test_a_race_runs_both_precisions_and_leaves_the_checkpoint_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "gpt-rope"
    shutil.copytree(CHECKPOINTS / "gpt-rope", folder)
    (folder / kept.RACE).unlink(missing_ok=True)
    before = {path.name for path in folder.iterdir()}
    monkeypatch.setattr(race, "RUNS", 2)
    assert main(["race", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == before | {kept.RACE}
    told = json.loads((folder / kept.RACE).read_text(encoding="utf-8"))
    assert [(row["n_tokens"], row["n_past"]) for row in told["rows"]] == [(32, 0), (128, 0), (1, 127)]
    assert "32 tokens after 0: float32" in capsys.readouterr().out
