"""The table of taps as a table: names, axes, order. That modules keep to it is tested with
`model.transformer.capture`.
"""

from __future__ import annotations

import dataclasses
import re

import pytest

from model import taps
from model.config import PRESETS, GPTConfig
from tests.model.util import EXPERTS, VARIANTS, tiny

every_variant = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)


@every_variant
def test_every_axis_has_a_length_from_the_config_or_from_the_input(config: GPTConfig) -> None:
    fixed = taps.sizes(config)
    assert not fixed.keys() & set(taps.DYNAMIC_AXES)
    for name, tap in taps.table(config).items():
        assert set(tap.axes) <= fixed.keys() | set(taps.DYNAMIC_AXES), name
        assert tap.axes[0] == "batch", name


@every_variant
def test_blocks_stand_in_order_between_embedding_and_head(config: GPTConfig) -> None:
    names = list(taps.table(config))
    assert names[0] == "hook_embed"
    assert names[-1] == "ln_final.hook_normalized"
    layers = [int(match[1]) for name in names if (match := re.match(r"blocks\.(\d+)\.", name))]
    assert layers == sorted(layers)
    assert set(layers) == set(range(config.n_layers))


def test_a_scheme_has_the_tap_of_what_it_adds() -> None:
    added = {
        scheme: {tap for tap in (taps.POS_EMBED, taps.BIAS) if tap in taps.table(tiny(scheme)).values()}
        for scheme in ("none", "sinusoidal", "learned", "t5", "rope", "alibi")
    }
    assert added == {
        "none": set(),
        "sinusoidal": {taps.POS_EMBED},
        "learned": {taps.POS_EMBED},
        "t5": {taps.BIAS},
        "rope": set(),
        "alibi": {taps.BIAS},
    }


def test_only_blocks_with_experts_have_a_router() -> None:
    routers = [name for name in taps.table(tiny(experts=EXPERTS)) if name.endswith("router_logits")]
    assert routers == ["blocks.0.mlp.hook_router_logits", "blocks.2.mlp.hook_router_logits"]
    assert "expert" not in taps.sizes(tiny())


def test_each_mlp_has_its_neurons_and_experts_only_those_that_all_tokens_share() -> None:
    assert list(taps.within(tiny())) == [f"blocks.{layer}.mlp.hook_post" for layer in range(3)]
    assert list(taps.within(tiny(experts=EXPERTS))) == ["blocks.1.mlp.hook_post"]
    shared = tiny(experts=dataclasses.replace(EXPERTS, d_shared=8))
    assert "blocks.0.mlp.shared.hook_post" in taps.within(shared)
    t5 = taps.within(PRESETS["t5"])
    assert {name.split(".")[0] for name in t5} == {"encoder", "decoder"}


def test_the_glossary_has_one_row_for_each_kind_of_tap() -> None:
    config = PRESETS["gpt"]
    head, rule, *rows = taps.glossary(config).splitlines()
    assert head.count("|") == rule.count("|") == 4
    kinds = set(taps.table(config).values())
    assert len(rows) == len(kinds)
    for tap in kinds:
        assert sum(row.startswith(f"| `{tap.template}` | {', '.join(tap.axes)} | ") for row in rows) == 1
