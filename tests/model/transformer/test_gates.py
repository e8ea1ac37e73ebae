"""Routing as one looks at it in NumPy, held against routing as the model computes it in PyTorch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from model.config import ExpertsConfig, GPTConfig
from model.study import routing
from model.transformer import moe
from model.transformer.gpt import GPT

EXPERTS = ExpertsConfig(n_experts=8, top_k=2, d_expert=12, every=2)
CONFIG = GPTConfig(name="g", d_vocab=40, n_ctx=16, d_model=24, n_layers=4, n_heads=2, d_mlp=32, experts=EXPERTS)


def router(n_tokens: int = 50) -> tuple[torch.Tensor, np.ndarray]:
    logits = torch.randn(1, n_tokens, 8, generator=torch.Generator().manual_seed(n_tokens))
    return logits, logits[0].softmax(dim=-1).numpy()


@pytest.mark.parametrize("top_k", [1, 2, 8])
@pytest.mark.parametrize("n_tokens", [1, 50])
def test_the_balance_loss_is_the_one_of_the_training(n_tokens: int, top_k: int) -> None:
    logits, probabilities = router(n_tokens)
    taken = routing.best(probabilities, top_k)
    assert routing.balance_loss(probabilities, taken) == pytest.approx(float(moe.balance_loss(logits, top_k)), rel=1e-5)


def test_an_even_load_has_a_balance_loss_of_one_and_a_crowd_the_largest() -> None:
    even = np.full((8, 8), 1e-9) + np.eye(8)
    assert routing.balance_loss(even, routing.best(even, 1)) == pytest.approx(1)
    crowd = np.tile([0.5, 0.5, 0, 0, 0, 0, 0, 0], (10, 1))
    assert routing.balance_loss(crowd, routing.best(crowd, 2)) == pytest.approx(8 / 2)


@pytest.mark.parametrize("normalize", [True, False])
def test_weights_are_what_the_experts_outputs_are_multiplied_by(normalize: bool) -> None:
    """Experts that give a constant: then the mixture is the weights."""
    _, probabilities = router()
    weights = routing.weights(probabilities, dataclasses.replace(EXPERTS, normalize=normalize))
    values, indices = torch.from_numpy(probabilities).topk(2, dim=-1)
    if normalize:
        values = values / values.sum(dim=-1, keepdim=True)
    expected = torch.zeros(50, 8).scatter(-1, indices, values)
    np.testing.assert_allclose(weights, expected.numpy(), atol=1e-6)
    np.testing.assert_array_equal(routing.load(weights), (expected > 0).sum(dim=0).numpy())


def test_an_expert_that_is_off_is_not_counted_even_where_nobody_else_is_left() -> None:
    probabilities = np.zeros((5, 8), dtype=np.float32)
    probabilities[:, 3] = 1
    weights = routing.weights(probabilities, EXPERTS)
    assert routing.load(weights).tolist() == [0, 0, 0, 5, 0, 0, 0, 0]
    assert weights[:, 3].tolist() == [1] * 5


def test_the_parameters_at_rest_are_those_of_the_experts_not_chosen() -> None:
    module = GPT(CONFIG)
    per_layer = [m.w_in.numel() + m.w_out.numel() for m in module.modules() if isinstance(m, moe.MoE)]
    assert len(per_layer) == 2
    assert routing.inactive_parameters(CONFIG) == sum(per_layer) * 6 // 8
    assert routing.inactive_parameters(dataclasses.replace(CONFIG, experts=None)) == 0
