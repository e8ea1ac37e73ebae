"""The mixture of experts as a module: routing, the effect of a bias, and the loss that keeps the load even."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import MixtralConfig
from transformers.models.mixtral.modeling_mixtral import MixtralSparseMoeBlock

from model.transformer.capture import capture, intervene
from model.transformer.moe import MoE, balance_loss

D_MODEL, D_EXPERT, N_EXPERTS = 12, 7, 6
X = torch.randn(2, 15, D_MODEL, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def moe(top_k: int = 2, **how: Any) -> MoE:
    torch.manual_seed(1)
    module = MoE(d_model=D_MODEL, d_expert=D_EXPERT, n_experts=N_EXPERTS, top_k=top_k, **how).double()
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return module


def expert(module: MoE, number: int, x: Tensor) -> Tensor:
    """One SwiGLU expert on every token (Shazeer 2020, eq. 6)."""
    gate, up = module.w_in[number, 0::2], module.w_in[number, 1::2]
    return (F.silu(x @ gate.T) * (x @ up.T)) @ module.w_out[number].T


@pytest.mark.parametrize("top_k", [1, 2, N_EXPERTS])
def test_it_agrees_with_mixtrals_block(top_k: int):
    module = moe(top_k)
    config = MixtralConfig(
        hidden_size=D_MODEL, intermediate_size=D_EXPERT, num_local_experts=N_EXPERTS, num_experts_per_tok=top_k
    )
    config._experts_implementation = "eager"
    peer = MixtralSparseMoeBlock(config).double()
    gate, up = module.w_in.unflatten(1, (-1, 2)).unbind(2)
    peer.load_state_dict(
        {
            "gate.weight": module.router.weight,
            "experts.gate_up_proj": torch.cat([gate, up], dim=1),
            "experts.down_proj": module.w_out,
        }
    )
    # Its router takes the softmax in float32.
    torch.testing.assert_close(module(X)[0], peer(X), atol=1e-5, rtol=0)


def test_with_all_experts_taken_it_is_their_mean_under_the_routers_distribution():
    module = moe(top_k=N_EXPERTS)
    mixed, logits = module(X)
    probabilities = logits.softmax(dim=-1)
    expected = sum(probabilities[..., number, None] * expert(module, number, X) for number in range(N_EXPERTS))
    torch.testing.assert_close(mixed, expected)


def test_with_one_expert_taken_its_output_is_not_scaled():
    """The one weight, renormalized, is 1."""
    module = moe(top_k=1)
    mixed, logits = module(X)
    outputs = torch.stack([expert(module, number, X) for number in range(N_EXPERTS)], dim=2)
    chosen = logits.argmax(dim=-1)[..., None, None].expand(-1, -1, 1, D_MODEL)
    torch.testing.assert_close(mixed, outputs.gather(2, chosen)[:, :, 0])


@pytest.mark.parametrize("off", [0, 3, 5])
def test_an_expert_at_minus_infinity_is_never_chosen(off: int):
    module = moe()
    bias = torch.zeros(N_EXPERTS, dtype=torch.float64)
    bias[off] = -math.inf
    mixed, logits = module(X, expert_bias=bias)
    assert logits[..., off].isneginf().all()
    with torch.no_grad():
        module.w_out[off] = 1e6
    torch.testing.assert_close(module(X, expert_bias=bias)[0], mixed)
    assert (module(X)[0] - mixed).abs().max() > 1


def test_a_bias_shifts_the_logits_and_is_seen_in_the_tap():
    module = moe()
    bias = torch.randn(N_EXPERTS, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    with capture(module, ["hook_router_logits"]) as taken:
        _, logits = module(X, expert_bias=bias)
    torch.testing.assert_close(logits, module.router(X) + bias)
    assert torch.equal(taken["hook_router_logits"], logits)


def test_edited_router_logits_route():
    module = moe(top_k=1)
    all_to_four = F.one_hot(torch.tensor(4), N_EXPERTS).double() * 50
    with intervene(module, {"hook_router_logits": lambda logits: logits * 0 + all_to_four}):
        mixed, _ = module(X)
    torch.testing.assert_close(mixed, expert(module, 4, X))


def test_gradients_flow_to_router_and_experts():
    module = moe()
    x = X.clone().requires_grad_()
    mixed, logits = module(x)
    (mixed.square().mean() + balance_loss(logits, 2)).backward()
    for tensor in (x, *module.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()
        assert tensor.grad.abs().max() > 1e-6


def test_a_token_is_mixed_alike_in_any_batch():
    module = moe()
    together, _ = module(X)
    alone = torch.stack([torch.cat([module(token[None, None])[0][0] for token in row]) for row in X])
    torch.testing.assert_close(together, alone)


def even_logits(n_experts: int, top_k: int) -> Tensor:
    """Token t prefers experts t, t + 1, ..., all alike: each is chosen equally often. *Shape:* (1, pos, expert)."""
    favourites = torch.eye(n_experts, dtype=torch.float64)
    return 3 * torch.stack([favourites.roll(shift, dims=1) for shift in range(top_k)]).sum(dim=0)[None]


@pytest.mark.parametrize(("n_experts", "top_k"), [(8, 1), (8, 2), (5, 3), (4, 4)])
def test_the_balance_loss_is_one_when_the_load_is_even(n_experts: int, top_k: int):
    assert balance_loss(even_logits(n_experts, top_k), top_k).item() == pytest.approx(1)


@pytest.mark.parametrize(("n_experts", "top_k"), [(8, 1), (8, 2), (5, 3), (4, 4)])
def test_the_balance_loss_is_n_experts_over_top_k_when_all_crowd_together(n_experts: int, top_k: int):
    logits = torch.zeros(2, 9, n_experts, dtype=torch.float64)
    logits[..., :top_k] = 50
    assert balance_loss(logits, top_k).item() == pytest.approx(n_experts / top_k)


def test_the_balance_loss_is_the_formula_of_the_paper():
    """Fedus et al. 2022, eq. 4 to 6, with f_i counted over both choices of each token."""
    top_k = 2
    logits = torch.randn(3, 11, N_EXPERTS, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    probabilities = logits.flatten(0, 1).softmax(dim=-1)
    chosen = [sorted(range(N_EXPERTS), key=lambda number: -row[number].item())[:top_k] for row in probabilities]
    loss = 0.0
    for number in range(N_EXPERTS):
        f = sum(choices.count(number) for choices in chosen) / (top_k * len(chosen))
        loss += N_EXPERTS * f * probabilities[:, number].mean().item()
    assert balance_loss(logits, top_k).item() == pytest.approx(loss)


def test_following_the_balance_loss_evens_the_load():
    torch.manual_seed(0)
    logits = (torch.randn(1, 200, N_EXPERTS) + torch.arange(N_EXPERTS)).requires_grad_()
    optimizer = torch.optim.Adam([logits], lr=0.1)
    before = balance_loss(logits, 2).item()
    for _ in range(100):
        optimizer.zero_grad()
        balance_loss(logits, 2).backward()
        optimizer.step()
    assert before > 1.5
    assert balance_loss(logits, 2).item() == pytest.approx(1, abs=0.1)


def mix_by_loops(
    module: MoE, x: Tensor, *, score: str, normalize: bool, choice_bias: Tensor, capacity: float
) -> Tensor:
    """What each token gets, expert by expert in the order of tokens, as DeepSeek-V3 and Switch describe it."""
    tokens, logits = x.flatten(0, 1), module.router(x).flatten(0, 1)
    scores = logits.sigmoid() if score == "sigmoid" else logits.softmax(dim=-1)
    places = math.ceil(capacity * module.top_k * len(tokens) / N_EXPERTS) if capacity < math.inf else len(tokens)
    taken = [0] * N_EXPERTS
    out = torch.zeros_like(tokens)
    for at, token in enumerate(tokens):
        ranking = (scores[at] + choice_bias).argsort(descending=True).tolist()
        chosen = ranking[: module.top_k]
        total = scores[at, chosen].sum() if normalize else 1.0
        for number in chosen:
            taken[number] += 1
            if taken[number] <= places:
                out[at] += scores[at, number] / total * expert(module, number, token)
    return out.view_as(x)


@pytest.mark.parametrize("capacity", [math.inf, 1.25, 0.5, 0.1], ids="capacity {}".format)
@pytest.mark.parametrize("bias", [0.0, 0.7], ids=["unbiased", "biased"])
@pytest.mark.parametrize(("score", "normalize"), [("softmax", True), ("softmax", False), ("sigmoid", True)])
@pytest.mark.parametrize("top_k", [1, 3])
def test_every_way_to_route_is_its_definition_token_by_token(
    top_k: int, score: str, normalize: bool, bias: float, capacity: float
):
    limit = None if math.isinf(capacity) else capacity
    module = moe(top_k, score=score, normalize=normalize, capacity=limit, choice_bias=bool(bias))
    choice_bias = bias * torch.linspace(-1, 1, N_EXPERTS, dtype=torch.float64)
    if module.choice_bias is not None:
        module.choice_bias.copy_(choice_bias)
    expected = mix_by_loops(module, X, score=score, normalize=normalize, choice_bias=choice_bias, capacity=capacity)
    torch.testing.assert_close(module(X)[0], expected)


def test_a_choice_bias_takes_part_in_the_choice_and_not_in_the_weights():
    module, plain = moe(choice_bias=True), moe()
    plain.load_state_dict(module.state_dict(), strict=False)
    assert module.choice_bias is not None
    module.choice_bias[4] = 1e-9
    torch.testing.assert_close(module(X)[0], plain(X)[0])
    module.choice_bias[4] = 10.0
    probabilities = module(X)[1].softmax(dim=-1)
    others = probabilities.clone()
    others[..., 4] = 0
    best, number = others.max(dim=-1, keepdim=True)
    outputs = torch.stack([expert(module, at, X) for at in range(N_EXPERTS)], dim=2)
    weight = probabilities[..., 4:5] / (probabilities[..., 4:5] + best)
    other = outputs.gather(2, number[..., None].expand(-1, -1, 1, D_MODEL))[:, :, 0]
    torch.testing.assert_close(module(X)[0], weight * outputs[:, :, 4] + (1 - weight) * other)


def test_tokens_that_come_too_late_are_dropped_and_gradients_stay_finite():
    module = moe(top_k=1, capacity=1.0)
    everyone_wants_two = F.one_hot(torch.tensor(2), N_EXPERTS).double() * 50
    places = math.ceil(X.shape[0] * X.shape[1] / N_EXPERTS)
    x = X.clone().requires_grad_()
    with intervene(module, {"hook_router_logits": lambda logits: logits * 0 + everyone_wants_two}):
        mixed, _ = module(x)
        mixed.square().sum().backward()
    rows = mixed.flatten(0, 1)
    torch.testing.assert_close(rows[:places], expert(module, 2, X).flatten(0, 1)[:places])
    assert not rows[places:].any()
    for tensor in (x, *module.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


@pytest.mark.parametrize("score", ["softmax", "sigmoid"])
def test_rebalancing_evens_the_load_without_a_loss(score: str):
    module = moe(score=score, choice_bias=True)
    torch.manual_seed(3)
    x = torch.randn(1, 500, D_MODEL, dtype=torch.float64)
    with torch.no_grad():
        module.router.weight[0] = 0
        module.router.weight[1] *= 3

    def loads() -> Tensor:
        scores = module(x)[1]
        scores = scores.sigmoid() if score == "sigmoid" else scores.softmax(dim=-1)
        return F.one_hot((scores + module.choice_bias).topk(2).indices, N_EXPERTS).sum(dim=(0, 1, 2)).double()

    before = loads()
    for _ in range(300):
        module.rebalance(module(x)[1], speed=0.002)
    assert loads().std() < before.std() / 5
    assert loads().sum() == before.sum() == 1000


def test_experts_without_a_choice_bias_cannot_be_rebalanced():
    module = moe()
    with pytest.raises(ValueError, match="no choice_bias to balance them by"):
        module.rebalance(module(X)[1], 0.1)


@pytest.mark.parametrize("gated", [False, True])
def test_a_shared_expert_is_added_for_every_token(gated: bool):
    module, plain = moe(d_shared=9, gated_shared=gated), moe()
    plain.load_state_dict(module.state_dict(), strict=False)
    assert module.shared is not None
    added, _ = module.shared(X)
    assert (module.shared_gate is not None) == gated
    if module.shared_gate is not None:
        added = added * module.shared_gate(X).sigmoid()
    torch.testing.assert_close(module(X)[0], plain(X)[0] + added)
