"""Which parameters are moved by what."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import torch

from model.config import GPTConfig, T5Config
from model.study.recipe import Recipe
from model.train.optimizers import optimizers_for
from model.transformer.gpt import GPT
from model.transformer.t5 import T5


def test_adamw_decays_matrices_only(tiny: GPTConfig, brief: Recipe):
    module = GPT(tiny)
    decayed, spared = optimizers_for(module, brief).param_groups
    assert decayed["weight_decay"] == brief.weight_decay
    assert spared["weight_decay"] == 0
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    assert all(names[id(parameter)].endswith("weight") and parameter.ndim == 1 for parameter in spared["params"])
    assert len(decayed["params"]) + len(spared["params"]) == len(names)


def test_muon_moves_the_matrices_of_layers_and_adamw_the_rest(tiny_t5: T5Config, brief: Recipe):
    module = T5(dataclasses.replace(tiny_t5, tied_embeddings=False))
    optimizers = optimizers_for(module, dataclasses.replace(brief, optimizer="muon"))
    muon, adamw = optimizers.each
    assert isinstance(muon, torch.optim.Muon)
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    by_muon, by_adamw = (
        {names[id(p)] for group in optimizer.param_groups for p in group["params"]} for optimizer in (muon, adamw)
    )
    assert by_muon | by_adamw == set(names.values())
    assert not by_muon & by_adamw
    optimizers.step(0.1)
    lr = {names[id(p)]: group["lr"] for group in optimizers.param_groups for p in group["params"]}
    unscaled = 0.1 * tiny_t5.head_width**-0.5
    expected = {"attn.q": unscaled, "cross_attn.q": unscaled, "attn.k": 0.1, "mlp.down": 0.1, "ln1": 0.1}
    for layer, rate in expected.items():
        assert lr[f"decoder.blocks.0.{layer}.weight"] == pytest.approx(rate)
    assert lr["embed.weight"] == lr["decoder.positions.weight"] == pytest.approx(0.3)
    assert {"encoder.blocks.0.attn.q.weight", "decoder.blocks.0.cross_attn.o.weight"} <= by_muon
    assert {"embed.weight", "unembed.weight", "encoder.positions.weight", "decoder.ln_final.weight"} <= by_adamw


def test_a_restored_state_steps_like_the_one_it_was_taken_from(tiny_t5: T5Config, brief: Recipe):
    recipe = dataclasses.replace(brief, optimizer="muon")

    def step(module: T5, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        for parameter in module.parameters():
            parameter.grad = torch.randn(parameter.shape, generator=generator)

    one, other = T5(tiny_t5), T5(tiny_t5)
    first = optimizers_for(one, recipe)
    step(one, 1)
    first.step(0.1)
    other.load_state_dict(one.state_dict())
    second = optimizers_for(other, recipe)
    second.load_state_dict(copy.deepcopy(first.state_dict()))  # as from a file: torch shares what it can
    for module, optimizers in ((one, first), (other, second)):
        step(module, 2)
        optimizers.step(0.1)
    for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=0)
