"""Blocks with norms behind their parts, soft caps and two RoPEs: what exhibits say of them is what was computed, and a
pass that goes on from an earlier one is that over the whole text.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from app.engine import Engine, tokenized
from app.exhibits import WALK
from app.exhibits.attention.frame import steps
from app.page.answers import Answers
from app.running import model as running
from app.running import prefix
from app.wire.interventions import Interventions, Neuron
from export import families, graphs
from export import weights as stored
from model import config as configs
from model import taps, zoo
from model.config import GPTConfig, PositionConfig
from model.softmax import softmax
from model.transformer.gpt import GPT
from tests.app.page.test_answers import ask
from tests.model.util import random_gpt

COMMON: dict[str, Any] = {
    "d_vocab": 4096,
    "n_ctx": 64,
    "d_model": 24,
    "n_layers": 3,
    "n_heads": 4,
    "n_kv_heads": 2,
    "d_mlp": 40,
}
BEHIND = GPTConfig("behind", **COMMON, bos_token_id=0, branch_norms="behind", qk_norm=True, qk_norm_joint=True)
AROUND = GPTConfig(
    "around",
    **COMMON,
    bos_token_id=0,
    d_head=10,
    branch_norms="both",
    qk_norm=True,
    score_scalar=4.0,
    score_softcap=2.0,
    logit_softcap=5.0,
    scaled_embeddings=True,
    activation="gelu_tanh",
    window=7,
    window_layers=(0, 2),
    positions=PositionConfig("rope", theta=10_000.0, window_theta=100.0),
)
MODELS = {config.name: config for config in (BEHIND, AROUND)}
TEXT = "Tom and Anna went to the park. Anna gave the ball to Tom, and Tom gave it back to her."
EVERYTHING = {"scheme": "own", "sees": "own", "factor": 2}
"""What some exhibits ask besides."""
every_model = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Both models, with random weights; their logits have something to choose from."""
    modules = (random_gpt(config, dtype=torch.float32) for config in MODELS.values())
    return engine_of(modules, tmp_path_factory.mktemp("checkpoints"))


def engine_of(modules: Iterable[GPT], checkpoints: Path) -> Engine:
    """Some models by the names of their configs, each with the bundled GPT's tokenizer."""
    for module in modules:
        config = module.config
        folder = checkpoints / config.name
        folder.mkdir()
        (folder / "config.json").write_text(configs.to_json(config), encoding="utf-8")
        shutil.copy(zoo.CHECKPOINTS / "gpt" / "tokenizer.json", folder)
        tensors = {key: tensor.contiguous() for key, tensor in module.state_dict().items()}
        save_file(tensors, folder / "model.safetensors")
        model = graphs.build(module, families.interfaces(config)["tapped"])
        stored.point_into(model, folder / "model.safetensors")
        graphs.save(model, folder / "tapped.onnx")
    return Engine(checkpoints)


@every_model
def test_a_pass_that_goes_on_from_an_earlier_one_is_that_over_the_whole_text(
    engine: Engine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefix, "BLOCK", 5)
    monkeypatch.setattr(prefix, "WHOLE", 5)
    model = engine.model(name)
    assert prefix.can_go_on(model)
    for text in (TEXT[:30], TEXT, f"{TEXT[:50]} a dog came"):
        trace = engine.read(text, name).trace
        whole = running.run(model, tokenized(text, model)[0], engine.read(text, name).interventions)
        for tap, expected in [*whole.taps.items(), ("logits", whole.logits)]:
            there = trace.logits if tap == "logits" else trace.taps[tap]
            scale = max(1.0, float(np.abs(expected).max()))
            np.testing.assert_allclose(there / scale, expected / scale, atol=1e-5, err_msg=tap)
    assert len(trace.tokens) > AROUND.n_ctx // 4 > 7


@every_model
@pytest.mark.parametrize("exhibit", WALK)
def test_every_exhibit_answers(engine: Engine, name: str, exhibit: str) -> None:
    frame = Answers(engine).frame(ask(exhibit=exhibit, model=name, text=TEXT, layer=1, head=2, **EVERYTHING))
    assert "error" not in frame


@every_model
@pytest.mark.parametrize("layer", [0, 1])
def test_a_cell_of_attention_comes_about_as_it_is_told(engine: Engine, name: str, layer: int) -> None:
    """In `around` layer 0 has a window, layer 1 none."""
    config, trace = MODELS[name], engine.trace(TEXT, name)
    cell = steps(trace, layer, 3, 18, 15)
    assert cell["scaled"] == pytest.approx(cell["dot"] * config.score_scale)
    assert cell["divisor"] == (4.0 if name == "around" else config.head_width)
    assert cell["cap"] == config.score_softcap
    if name == "around":
        assert cell["capped"] == pytest.approx(2 * np.tanh(cell["scaled"] / 2))
        assert cell["row"]["scores"][15] == cell["capped"] != cell["scaled"]
    else:
        assert cell["capped"] is None
    weights = np.array([0.0 if score is None else np.exp(score) for score in cell["row"]["scores"]])
    np.testing.assert_allclose(weights / weights.sum(), cell["row"]["probabilities"], atol=1e-5)
    windowed = name == "around" and layer == 0
    assert np.count_nonzero(weights) == (7 if windowed else 19)
    own = cell["scaling"]["row"]["divided"]["probabilities"]
    np.testing.assert_allclose(own, weights[weights > 0] / weights.sum(), atol=1e-9)


@every_model
@pytest.mark.parametrize("of", ["logit", "difference"])
def test_the_parts_of_a_logit_sum_to_it_through_the_cap(engine: Engine, name: str, of: str) -> None:
    residual = Answers(engine).frame(ask(exhibit="residual", model=name, text=TEXT, of=of))["residual"]
    assert residual["behind"]
    assert residual["cap"] == MODELS[name].logit_softcap
    if name == "behind":
        assert residual["capped"] is None
        assert residual["sum"] == pytest.approx(residual["logit"], abs=1e-3)
    else:
        assert residual["capped"] == pytest.approx(residual["logit"], abs=1e-3)
        assert abs(residual["sum"] - residual["logit"]) > 0.01
    trace = engine.trace(TEXT, name)
    chance = softmax(trace.logits_at(residual["query"]).astype(np.float64)).max()
    assert residual["depths"][-1]["top"][0]["probability"] == pytest.approx(chance, rel=1e-3)


@every_model
def test_neurons_add_up_to_what_is_added_behind_the_norm(engine: Engine, name: str) -> None:
    answers, trace = Answers(engine), engine.trace(TEXT, name)
    for layer in range(3):
        neurons = engine.model(name).feed_forward.neurons(trace, "text", layer, 11)
        np.testing.assert_allclose(neurons.sum, trace.row(taps.MLP_OUT, 11, layer), rtol=1e-3, atol=1e-4)
        memory = answers.frame(ask(exhibit="memory", model=name, text=TEXT, layer=layer, query=11))["memory"]
        assert (memory["reads"] is None) == (name == "behind")
        assert memory["behind"]
        assert memory["cap"] == MODELS[name].logit_softcap
        assert memory["length"] == pytest.approx(float(np.linalg.norm(trace.row(taps.MLP_OUT, 11, layer))), rel=1e-3)


def test_a_neuron_that_is_turned_up_is_told_behind_the_norm_that_it_changes(engine: Engine) -> None:
    model = engine.model("around")
    untouched = model.feed_forward.neurons(engine.trace(TEXT, "around"), "text", 1, 11)
    strongest = int(np.abs(untouched.activation).argmax())
    turned = Interventions(neurons=(Neuron("text", 1, None, strongest, 4.0),))
    trace = engine.read(TEXT, "around", turned).trace
    neurons = model.feed_forward.neurons(trace, "text", 1, 11, turned.factors("text", 1))
    np.testing.assert_allclose(neurons.sum, trace.row(taps.MLP_OUT, 11, 1), rtol=1e-3, atol=1e-4)
    assert np.abs(neurons.values - untouched.values).max() > 1e-3, "the norm divides by something else"


@pytest.mark.parametrize(("layer", "theta"), [(0, 100.0), (1, 10_000.0)])
def test_positions_draws_the_rope_of_the_layer(engine: Engine, layer: int, theta: float) -> None:
    asked = ask(exhibit="positions", model="around", text=TEXT, layer=layer, head=0, **EVERYTHING)
    told = Answers(engine).frame(asked)["positions"]
    assert (told["rope"]["layer"], told["rope"]["theta"]) == (layer, theta)
    assert (told["scores"]["scale"], told["scores"]["cap"]) == (0.5, 2.0)
    q, _, _ = engine.trace(TEXT, "around").qkv(layer, 0)
    before = engine.trace(TEXT, "around").read(taps.Q_NORM, layer)[:, 0]
    angles = 3 * np.array(told["rope"]["frequencies"])
    first, second = np.split(before[3], 2)
    np.testing.assert_allclose(q[3][:5], first * np.cos(angles) - second * np.sin(angles), atol=1e-5)


@pytest.mark.parametrize(("name", "reads"), [("behind", False), ("around", True)])
def test_the_machine_has_its_norms_where_the_model_has_them(engine: Engine, name: str, reads: bool) -> None:
    anatomy = Answers(engine).frame(ask(exhibit="machine", model=name, text=TEXT))["anatomy"]
    assert (anatomy["reads_normed"], anatomy["adds_normed"], anatomy["post_norm"]) == (reads, True, False)
    told = Answers(engine).catalog()["models"][name]["traits"]
    assert ("norms-around" if reads else "norms-behind") in told


def test_the_cache_counts_a_windowed_block_by_its_window(engine: Engine) -> None:
    cache = Answers(engine).frame(ask(exhibit="cache", model="around", text=TEXT, window=16))["cache"]
    n, each = cache["n_tokens"], 2 * 2 * 10 * 4
    own = next(variant for variant in cache["variants"] if variant["own"])
    assert n > 7
    assert own["n_bytes"] == each * (n + 2 * 7)
    assert (own["per_token"], own["rolling"], cache["n_windowed"], cache["own_window"]) == (3 * each, 2 * each, 2, 7)
    assert cache["n_bytes"] == 3 * each * n, "the graph here keeps all"
