"""Configs: lossless JSON, and sizes that no model can have."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import config
from model.config import PRESETS, ExpertsConfig, GPTConfig, PositionConfig, RopeScaling

GPT = PRESETS["gpt"]
assert isinstance(GPT, GPTConfig)
CHECKPOINTS = Path(config.__file__).parents[1] / "checkpoints"


@st.composite
def gpt_configs(draw: st.DrawFn) -> GPTConfig:
    """Any decoder that can be."""
    n_kv_heads = draw(st.integers(1, 8))
    n_heads = n_kv_heads * draw(st.integers(1, 8))
    d_head = 2 * draw(st.integers(1, 64))
    n_experts = draw(st.integers(1, 64))
    experts = st.builds(
        ExpertsConfig, st.just(n_experts), st.integers(1, n_experts), st.integers(1, 4096), st.integers(1, 8)
    )
    positions = st.builds(
        PositionConfig,
        st.sampled_from(["none", "sinusoidal", "learned", "t5", "rope", "alibi"]),
        theta=st.floats(1, 1e7),
        n_buckets=st.integers(4, 64),
        max_distance=st.integers(33, 1024),
    )
    return draw(
        st.builds(
            GPTConfig,
            name=st.text(),
            d_vocab=st.integers(1000, 300_000),
            n_ctx=st.integers(1, 10**6),
            d_model=st.just(n_heads * d_head),
            n_layers=st.integers(1, 100),
            n_heads=st.just(n_heads),
            d_mlp=st.integers(1, 65_536),
            n_kv_heads=st.sampled_from([None, n_kv_heads]),
            d_head=st.sampled_from([None, 2, d_head]),
            positions=positions,
            norm=st.sampled_from(["rms", "layer"]),
            norm_eps=st.floats(1e-12, 1e-3),
            activation=st.sampled_from(["relu", "gelu", "gelu_tanh", "silu"]),
            gated_mlp=st.booleans(),
            bias=st.booleans(),
            experts=st.none() | experts,
            tied_embeddings=st.booleans(),
            bos_token_id=st.none() | st.integers(0, 999),
        )
    )


@given(gpt_configs())
def test_json_gives_back_an_equal_config_of_the_same_hash(original: GPTConfig) -> None:
    text = config.to_json(original)
    again = config.from_json(text)
    assert again == original
    assert hash(again) == hash(original)
    assert config.to_json(again) == text


@given(gpt_configs())
def test_heads_are_resolved(original: GPTConfig) -> None:
    assert original.n_kv_heads == original.kv_heads
    assert original.n_heads % original.kv_heads == 0
    assert original.d_head == original.head_width > 0


@given(gpt_configs())
def test_the_last_block_has_experts_if_any_has(original: GPTConfig) -> None:
    layers = original.expert_layers
    if original.experts is None:
        assert layers == ()
    else:
        assert layers[-1] == original.n_layers - 1
        assert {after - before for before, after in itertools.pairwise(layers)} <= {original.experts.every}
        assert layers[0] < original.experts.every


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        GPT.d_model = 5  # type: ignore[misc]


def test_the_bundled_gpt_has_experts_in_every_second_block_and_grouped_heads() -> None:
    assert GPT.expert_layers == (1, 3, 5)
    assert (GPT.n_heads, GPT.kv_heads, GPT.head_width) == (6, 2, 32)


def test_the_six_position_models_differ_in_their_scheme_alone_and_in_what_sinusoids_need() -> None:
    six = [preset for name, preset in PRESETS.items() if name.startswith("gpt-") and isinstance(preset, GPTConfig)]
    assert {preset.positions.scheme for preset in six} == set(get_args(config.Scheme)) - {"disentangled"}
    assert all(preset.scaled_embeddings == (preset.positions.scheme == "sinusoidal") for preset in six)
    alike = {
        dataclasses.replace(preset, name="", positions=PositionConfig(), scaled_embeddings=False) for preset in six
    }
    assert len(alike) == 1


@pytest.mark.parametrize("name", sorted(folder.name for folder in CHECKPOINTS.iterdir()))
def test_a_checkpoint_is_the_preset_of_its_name(name: str) -> None:
    assert config.load(CHECKPOINTS / name) == PRESETS[name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"family": "rnn"}, "unknown family 'rnn'; known are gpt"),
        ({"family": None}, "unknown family None; known are gpt"),
        ({"family": ["gpt"]}, "unknown family ['gpt']; known are gpt"),
        (
            {"d_modell": 3, "heads": 2},
            "unknown fields ['d_modell', 'heads'] for family 'gpt'; known are ['activation',",
        ),
        ({"positions": {"scheme": "rope", "base": 1}}, "unknown fields ['base'] for positions; known are ["),
        ({"experts": {"n_experts": 2}}, "missing fields ['top_k', 'd_expert'] for experts"),
    ],
)
def test_json_of_another_version_is_refused_by_name(change: dict[str, object], message: str) -> None:
    fields = json.loads(config.to_json(GPT)) | change
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the message is compared whole below
        config.from_json(json.dumps(fields))
    assert str(refusal.value).startswith(message)


def test_json_without_a_required_field_is_refused_by_name() -> None:
    fields = json.loads(config.to_json(GPT))
    del fields["d_vocab"], fields["n_ctx"]
    with pytest.raises(ValueError, match="missing fields \\['d_vocab', 'n_ctx'\\] for family 'gpt'"):
        config.from_json(json.dumps(fields))


def test_json_that_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="a config is a JSON object, not list"):
        config.from_json("[]")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        *(
            ({name: value}, rf"{name} is {value}; it must be a positive (whole )?number")
            for name in (
                "d_vocab",
                "n_ctx",
                "d_model",
                "n_layers",
                "n_heads",
                "d_mlp",
                "n_kv_heads",
                "d_head",
                "norm_eps",
            )
            for value in (0, -1)
        ),
        ({"n_kv_heads": 4}, "n_heads = 6 is no multiple of n_kv_heads = 4"),
        ({"n_kv_heads": 12}, "n_heads = 6 is no multiple of n_kv_heads = 12"),
        ({"d_head": None, "d_model": 100}, "d_model = 100 is no multiple of n_heads = 6; give d_head"),
        ({"d_head": 31}, "d_head = 31.*RoPE rotates pairs"),
        ({"positions": PositionConfig("sinusoidal"), "d_model": 191}, "d_model = 191 is odd"),
        ({"branch_norms": "within"}, "branch_norms is 'within'; choose one of before, behind, both"),
        ({"branch_norms": "both", "parallel": True}, "branch_norms is 'both'; parallel blocks have theirs before"),
        ({"qk_norm_joint": True}, "qk_norm_joint says of which kind .* it needs qk_norm"),
        ({"score_softcap": 0.0}, "score_softcap is 0.0; it must be a positive number"),
        ({"logit_softcap": -1.0}, "logit_softcap is -1.0; it must be a positive number"),
        ({"score_scalar": 0}, "score_scalar is 0; it must be a positive number"),
        ({"norm": "batch"}, "norm is 'batch'; choose one of rms, layer"),
        ({"activation": "tanh"}, "activation is 'tanh'; choose one of relu, gelu, gelu_tanh, silu"),
        ({"bos_token_id": 4096}, "bos_token_id is 4096; choose an entry below d_vocab = 4096"),
        ({"bos_token_id": -1}, "bos_token_id is -1"),
    ],
    ids=str,
)
def test_a_decoder_that_cannot_be_is_refused_with_the_limit(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(GPT, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((8, 9, 16), "top_k is 9; choose between 1 and n_experts = 8"),
        ((8, 0, 16), "top_k is 0; choose between 1 and n_experts = 8"),
        ((0, 0, 16), "n_experts is 0; it must be a positive whole number"),
        ((8, 2, -4), "d_expert is -4; it must be a positive whole number"),
        ((8, 2, 16, 0), "every is 0; it must be a positive whole number"),
    ],
)
def test_experts_that_cannot_be_are_refused(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ExpertsConfig(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"scheme": "rotary"},
            "positions.scheme is 'rotary'; choose one of none, sinusoidal, learned, t5, rope, alibi, disentangled",
        ),
        ({"theta": 0.0}, "theta is 0.0; it must be a positive number"),
        ({"theta": float("inf")}, "theta is inf; it must be a positive number"),
        ({"scheme": "t5", "n_buckets": 1}, "n_buckets is 1; T5 needs at least 4"),
        ({"scheme": "t5", "n_buckets": 32, "max_distance": 16}, "fewer than 2 x max_distance = 32"),
    ],
)
def test_positions_that_cannot_be_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PositionConfig(**arguments)  # type: ignore[arg-type]


def test_impossible_scalings_of_rope_are_refused():
    with pytest.raises(ValueError, match="needs n_ctx"):
        RopeScaling("yarn", 4.0)
    with pytest.raises(ValueError, match="fast = 1.0 must be greater"):
        RopeScaling("yarn", 4.0, 512, fast=1.0)
    with pytest.raises(ValueError, match="factor is -2"):
        RopeScaling("linear", -2.0)
