"""Routing beyond the plain softmax: DeepSeek-V3's, and every kind as a single op in an exported program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import DeepseekV3Config
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3MoE

from model.config import ExpertsConfig
from model.study import routing
from model.transformer.moe import MoE

N_EXPERTS, TOP_K, D_MODEL, D_EXPERT = 6, 2, 16, 12
SIZES: dict[str, Any] = {"d_model": D_MODEL, "d_expert": D_EXPERT, "n_experts": N_EXPERTS, "top_k": TOP_K}


def filled(moe: MoE) -> MoE:
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in moe.parameters():
            parameter.normal_(std=0.4)
        if moe.choice_bias is not None:
            moe.choice_bias.normal_(std=0.3)
    return moe


def test_sigmoid_scores_with_a_choice_bias_and_a_shared_expert_are_deepseek_v3s() -> None:
    moe = filled(MoE(**SIZES, score="sigmoid", choice_bias=True, d_shared=D_EXPERT)).double()
    config = DeepseekV3Config(
        hidden_size=D_MODEL,
        moe_intermediate_size=D_EXPERT,
        n_routed_experts=N_EXPERTS,
        num_experts_per_tok=TOP_K,
        n_shared_experts=1,
        n_group=1,
        topk_group=1,
        routed_scaling_factor=1.0,
        norm_topk_prob=True,
    )
    config._experts_implementation = "eager"
    peer = DeepseekV3MoE(config).double()
    assert moe.choice_bias is not None
    assert moe.shared is not None
    assert moe.shared.gate is not None
    theirs = peer.state_dict()
    gate, up = moe.w_in.unflatten(1, (-1, 2)).unbind(dim=2)
    peer.load_state_dict(
        theirs
        | {
            "gate.weight": moe.router.weight,
            "gate.e_score_correction_bias": moe.choice_bias,
            "experts.gate_up_proj": torch.cat([gate, up], dim=1),
            "experts.down_proj": moe.w_out,
            "shared_experts.gate_proj.weight": moe.shared.gate.weight,
            "shared_experts.up_proj.weight": moe.shared.up.weight,
            "shared_experts.down_proj.weight": moe.shared.down.weight,
        }
    )
    x = torch.randn(2, 30, D_MODEL, dtype=torch.float64)
    with torch.no_grad():
        mixed, logits = moe(x)
        torch.testing.assert_close(mixed, peer(x), atol=1e-6, rtol=0)  # their router works in float32
        unbiased = logits.sigmoid().topk(TOP_K).indices.sort().values
        biased = (logits.sigmoid() + moe.choice_bias).topk(TOP_K).indices.sort().values
    assert not torch.equal(unbiased, biased)  # or the bias would not have been put to the test


@pytest.mark.parametrize("score", ["softmax", "sigmoid"])
def test_no_choice_bias_brings_back_an_expert_that_is_switched_off(score: Any) -> None:
    moe = filled(MoE(**SIZES, score=score, choice_bias=True))
    assert moe.choice_bias is not None
    x = torch.randn(2, 30, D_MODEL)
    off = torch.zeros(N_EXPERTS).index_fill(0, torch.tensor([4]), float("-inf"))
    with torch.no_grad():
        moe.choice_bias[4] = -10
        unwanted, _ = moe(x, off)
        moe.choice_bias[4] = 10
        wanted, _ = moe(x, off)
    torch.testing.assert_close(wanted, unwanted)


ROUTINGS: dict[str, dict[str, Any]] = {
    "softmax, renormalized": {},
    "softmax, not renormalized": {"normalize": False},
    "sigmoid": {"score": "sigmoid"},
    "loss-free bias": {"choice_bias": True},
    "capacity": {"capacity": 1.0, "normalize": False},
    "shared expert": {"d_shared": 8, "gated_shared": True},
    "groups, scaled": {"n_groups": 3, "top_groups": 2, "normalize": False, "scale": 3.0},
    "groups by their two best": {"n_groups": 2, "top_groups": 1, "group_best": 2, "choice_bias": True},
}


class Alone(nn.Module):
    """A mixture of experts with one output."""

    def __init__(self, moe: MoE) -> None:
        super().__init__()
        self.moe = moe

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mixed: torch.Tensor = self.moe(x)[0]
        return mixed


@pytest.mark.parametrize("routing", ROUTINGS)
def test_every_routing_is_exported_with_one_moe_op(routing: str) -> None:
    alone = Alone(filled(MoE(**SIZES, **ROUTINGS[routing]))).eval().requires_grad_(False)
    x = torch.randn(2, 7, D_MODEL)
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("pos")}
    program = torch.export.export(alone, (x,), dynamic_shapes=(axes,))
    ops = [node.target for node in program.graph.nodes if node.op == "call_function"]
    assert ops.count(torch.ops.cutaway.moe.default) == 1
    longer = torch.randn(3, 11, D_MODEL)
    torch.testing.assert_close(program.module()(longer), alone(longer), atol=1e-5, rtol=1e-5)


def test_an_expert_of_probability_zero_carries_no_load() -> None:
    experts = ExpertsConfig(n_experts=3, top_k=2, d_expert=4)
    weights = routing.weights(np.array([[1.0, 0.0, 0.0], [0.25, 0.0, 0.75]]), experts)
    assert routing.load(weights).tolist() == [2, 0, 1]
