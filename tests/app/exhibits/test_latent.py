"""Latent attention, experts in groups and an expert that all take: what exhibits say of them is what was computed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from app.engine import Engine, tokenized
from app.exhibits import WALK
from app.exhibits.attention.frame import steps
from app.page.answers import Answers
from app.running import model as running
from app.running import prefix
from model import taps
from model.config import ExpertsConfig, GPTConfig, LatentConfig, PositionConfig
from model.study import routing, shrinking
from model.transformer.capture import capture
from model.transformer.gpt import GPT
from tests.app.exhibits.test_other_blocks import EVERYTHING, TEXT, engine_of
from tests.app.page.test_answers import ask
from tests.app.wire.test_payload import unpack
from tests.model.util import random_gpt

COMMON: dict[str, Any] = {
    "d_vocab": 4096,
    "n_ctx": 64,
    "d_model": 24,
    "n_layers": 3,
    "n_heads": 4,
    "d_mlp": 40,
    "d_head": 10,
    "bos_token_id": 0,
}
EXPERTS = ExpertsConfig(6, 3, 8, layers=(1, 2), scale=2.5, n_groups=3, top_groups=2)
V2 = GPTConfig(
    "v2",
    **COMMON,
    latent=LatentConfig(rank=14, d_rope=4, d_value=6),
    score_scalar=4.5,
    experts=dataclasses.replace(EXPERTS, normalize=False),
)
V3 = GPTConfig(
    "v3",
    **COMMON,
    latent=LatentConfig(rank=14, d_rope=4, d_value=12, query_rank=9),
    experts=dataclasses.replace(EXPERTS, score="sigmoid", choice_bias=True, group_best=2, d_shared=8),
    positions=PositionConfig("rope", theta=100.0),
)
MODELS = {config.name: config for config in (V2, V3)}
every_model = pytest.mark.parametrize("name", MODELS)


def weighted(config: GPTConfig) -> GPT:
    """Random weights, a bias of each expert's choice among them."""
    module = random_gpt(config, dtype=torch.float32)
    for name, buffer in module.named_buffers():
        if name.endswith("choice_bias"):
            buffer.normal_(std=0.3)
    return module


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Both models."""
    return engine_of(map(weighted, MODELS.values()), tmp_path_factory.mktemp("checkpoints"))


@every_model
@pytest.mark.parametrize("exhibit", WALK)
def test_every_exhibit_answers(engine: Engine, name: str, exhibit: str) -> None:
    frame = Answers(engine).frame(ask(exhibit=exhibit, model=name, text=TEXT, layer=1, head=2, **EVERYTHING))
    assert "error" not in frame


@every_model
def test_a_pass_that_goes_on_from_an_earlier_one_is_that_over_the_whole_text(
    engine: Engine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefix, "BLOCK", 5)
    monkeypatch.setattr(prefix, "WHOLE", 5)
    model = engine.model(name)
    assert prefix.can_go_on(model)
    for text in (TEXT[:30], TEXT):
        trace = engine.read(text, name).trace
        whole = running.run(model, tokenized(text, model)[0], engine.read(text, name).interventions)
        for tap, expected in [*whole.taps.items(), ("logits", whole.logits)]:
            there = trace.logits if tap == "logits" else trace.taps[tap]
            scale = max(1.0, float(np.abs(expected).max()))
            np.testing.assert_allclose(there / scale, expected / scale, atol=1e-5, err_msg=tap)


@every_model
def test_keys_and_values_come_out_of_the_latent_and_a_key_that_all_heads_share(engine: Engine, name: str) -> None:
    trace, latent = engine.trace(TEXT, name), MODELS[name].latent
    assert latent is not None
    module: Any = weighted(MODELS[name])
    for layer in range(3):
        keys, values = trace.cache(layer)
        assert values.shape[-1] == latent.d_value != keys.shape[-1]
        assert (keys[..., : latent.d_rope] == keys[:, :1, : latent.d_rope]).all()
        attn = module.blocks[layer].attn
        compressed = torch.from_numpy(trace.read(taps.LATENT, layer).copy())
        with torch.no_grad():
            own, made = attn.k(compressed).numpy(), attn.v(compressed).numpy()
        np.testing.assert_allclose(keys[..., latent.d_rope :].reshape(own.shape), own, atol=1e-4)
        np.testing.assert_allclose(values.reshape(made.shape), made, atol=1e-4)


@every_model
def test_a_cell_of_attention_comes_about_as_it_is_told(engine: Engine, name: str) -> None:
    cell = steps(engine.trace(TEXT, name), 1, 3, 18, 15)
    assert cell["scaled"] == pytest.approx(cell["dot"] * MODELS[name].score_scale)
    weights = np.array([0.0 if score is None else np.exp(score) for score in cell["row"]["scores"]])
    np.testing.assert_allclose(weights / weights.sum(), cell["row"]["probabilities"], atol=1e-5)


@every_model
def test_the_parts_of_a_logit_sum_to_it(engine: Engine, name: str) -> None:
    residual = Answers(engine).frame(ask(exhibit="residual", model=name, text=TEXT, of="logit"))["residual"]
    assert residual["sum"] == pytest.approx(residual["logit"], abs=1e-3)


@every_model
def test_the_cache_says_what_the_latent_costs_and_what_is_kept_here(engine: Engine, name: str) -> None:
    config, answers = MODELS[name], Answers(engine)
    assert config.latent is not None
    answer = answers.frame(ask(exhibit="cache", model=name, text=TEXT, layer=1, head=2))
    cache, n = answer["cache"], answer["cache"]["n_tokens"]
    assert cache["latent"] == [14, 4]
    by_name = {variant["name"]: variant for variant in cache["variants"]}
    assert [variant for variant in by_name.values() if variant["own"]] == [by_name["latent"]]
    assert by_name["latent"]["n_bytes"] == 3 * (14 + 4) * n * 4
    assert by_name["MHA"]["n_bytes"] == cache["n_bytes"] == 3 * 4 * (10 + config.latent.d_value) * n * 4
    assert by_name["MQA"]["n_bytes"] * 4 == by_name["MHA"]["n_bytes"]
    assert by_name["window"]["n_bytes"] == 3 * (14 + 4) * min(n, 16) * 4
    assert unpack(answer, "cache_keys").shape == (n, 10)
    assert unpack(answer, "cache_values").shape == (n, config.latent.d_value)
    timed = answers.named("memory_chart")(ask(model=name, text=TEXT, theme="paper", longest=64, layer=0, head=0))
    assert "error" not in timed


@every_model
def test_experts_are_chosen_in_groups_and_weighted_as_they_run(engine: Engine, name: str) -> None:
    """The experts' outputs, each times its weight, and the expert that all take, add up to what the part adds."""
    config, trace = MODELS[name], engine.trace(TEXT, name)
    module: Any = weighted(config)
    answer = Answers(engine).frame(ask(exhibit="experts", model=name, text=TEXT))
    weights, ranked = unpack(answer, "weights"), unpack(answer, "ranked")
    assert answer["experts"]["scale"] == 2.5
    for index, layer in enumerate(config.expert_layers):
        assert ((weights[index] > 0).sum(axis=1) == 3).all()
        groups = np.isfinite(ranked[index]).reshape(-1, 3, 2)
        assert (groups.all(axis=-1).sum(axis=1) == 2).all()
        assert (np.isfinite(ranked[index])[weights[index] > 0]).all()
        likeliest = routing.best(trace.router(layer), 3)
        assert ((weights[index] > 0) != likeliest).any(), "the groups or the bias must have been put to the test"
        mlp = module.blocks[layer].mlp
        read = torch.from_numpy(trace.read(taps.LN2, layer).copy())
        gate, up = mlp.w_in[:, ::2], mlp.w_in[:, 1::2]
        with torch.no_grad():
            hidden = torch.nn.functional.silu(torch.einsum("pd,efd->pef", read, gate))
            hidden = hidden * torch.einsum("pd,efd->pef", read, up)
            each = torch.einsum("pef,edf->ped", hidden, mlp.w_out).numpy()
            mixed = (each * weights[index][..., None]).sum(axis=1)
            if mlp.shared is not None:
                mixed = mixed + mlp.shared(read)[0].numpy()
        np.testing.assert_allclose(mixed, trace.read(taps.MLP_OUT, layer), atol=1e-3, rtol=1e-3)


def test_an_expert_that_is_switched_off_is_taken_by_no_token(engine: Engine) -> None:
    for name in MODELS:
        off = {"interventions": {"expert_bias": {"1.0": "off", "1.1": "off", "1.2": "off"}}}
        answer = Answers(engine).frame(ask(exhibit="experts", model=name, text=TEXT, **off))
        weights = unpack(answer, "weights")
        assert np.isfinite(weights).all()
        assert not weights[0, :, :3].any()


def test_what_removed_heads_weighed_is_theirs_alone() -> None:
    """The latent and what leads to it stay."""
    names = {name: tuple(tensor.shape) for name, tensor in GPT(V3).state_dict().items()}
    parts = {name: shrinking.Part(shape, 4, len(shape) > 1) for name, shape in names.items()}

    def weighs(removed: shrinking.Removed) -> int:
        return shrinking.n_bytes(parts, V3, shrinking.Setting(), removed)

    one = shrinking.Removed([("text", 1, 2)])
    assert weighs(shrinking.NOTHING) - weighs(one) == 4 * (10 * 9 + 6 * 14 + 12 * 14 + 24 * 12)


def test_positions_turns_the_shared_part_of_the_key(engine: Engine) -> None:
    asked = ask(exhibit="positions", model="v3", text=TEXT, layer=1, head=0, **EVERYTHING)
    answer = Answers(engine).frame(asked)
    rope = answer["positions"]["rope"]
    assert (rope["d_rotary"], len(rope["frequencies"])) == (4, 2)
    before, after = unpack(answer, "k"), unpack(answer, "rot_k")
    angles = 7 * np.array(rope["frequencies"])
    first, second = before[7, :2], before[7, 2:4]
    np.testing.assert_allclose(after[7, :2], first * np.cos(angles) - second * np.sin(angles), atol=1e-5)
    np.testing.assert_array_equal(after[:, 4:], before[:, 4:])


def test_the_taps_of_latent_attention_are_those_of_the_module() -> None:
    for config in MODELS.values():
        module = weighted(config)
        with torch.no_grad(), capture(module, taps.table(config)) as taken:
            module(torch.arange(1, 9)[None])
        assert list(taken) == list(taps.table(config))
