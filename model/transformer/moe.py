"""A mixture of experts: a router, experts, and the loss that keeps their load even."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.config.parts import Score
from model.transformer import ops
from model.transformer.layers import MLP, HookPoint

OFF = -1e4
"""What ranks an expert that is switched off below all others; a number, because a group's ranks are summed."""


class MoE(nn.Module):
    """SwiGLU experts of which each token takes its top_k, in place of an `MLP` (Jiang et al. 2024).

    Args:
        score: what a router logit becomes, a share among all experts or a sigmoid of its own (DeepSeek-V3).
        normalize: whether the chosen experts' weights are divided by their sum; Switch (Fedus et al. 2022) does not.
        capacity: places at an expert as a multiple of an even load; who comes too late is dropped.
        scale: what the weights are multiplied by at last.
        n_groups: into how many groups of neighbours the experts are divided; into none unless given.
        top_groups: within how many of them a token chooses.
        group_best: by the sum of so many of its best scores a group is ranked.
        choice_bias: whether a bias per expert takes part in the choice, but not in the weights (Wang et al. 2024).
        d_shared: width of an expert that every token passes through; none unless given.
        gated_shared: whether a sigmoid of the token scales what the shared expert adds.
    """

    choice_bias: Tensor | None

    def __init__(
        self,
        *,
        d_model: int,
        d_expert: int,
        n_experts: int,
        top_k: int,
        score: Score = "softmax",
        normalize: bool = True,
        capacity: float | None = None,
        scale: float = 1.0,
        n_groups: int | None = None,
        top_groups: int | None = None,
        group_best: int = 1,
        choice_bias: bool = False,
        d_shared: int | None = None,
        gated_shared: bool = False,
    ) -> None:
        super().__init__()
        self.router = nn.Linear(d_model, n_experts, bias=False)
        self.w_in = nn.Parameter(torch.empty(n_experts, 2 * d_expert, d_model))
        self.w_out = nn.Parameter(torch.empty(n_experts, d_model, d_expert))
        self.top_k, self.score, self.normalize, self.capacity = top_k, score, normalize, capacity
        self.scale, self.n_groups, self.top_groups, self.group_best = scale, n_groups, top_groups, group_best
        self.register_buffer("choice_bias", torch.zeros(n_experts) if choice_bias else None)
        self.shared = (
            None
            if d_shared is None
            else MLP(d_model=d_model, d_mlp=d_shared, activation="silu", gated=True, bias=False)
        )
        self.shared_gate = nn.Linear(d_model, 1, bias=False) if gated_shared else None
        self.hook_router_logits = HookPoint()
        if choice_bias:
            self.hook_ranked = HookPoint()

    def forward(self, x: Tensor, expert_bias: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mixes the experts' outputs.

        Args:
            x: *Shape:* (batch, pos, d_model).
            expert_bias: added to the router logits; minus infinity switches an expert off, of which one at least stays
                on. *Shape:* (n_experts,).

        Returns:
            The mixture, *Shape:* (batch, pos, d_model), and the router logits, *Shape:* (batch, pos, expert).
        """
        logits = self.router(x)
        if expert_bias is not None:
            logits = logits + expert_bias
        logits = self.hook_router_logits(logits)
        mixed = self._mix(x, logits)
        if self.scale != 1.0:
            mixed = mixed * self.scale
        if self.shared is not None:
            shared, _ = self.shared(x)
            mixed = mixed + (shared if self.shared_gate is None else self.shared_gate(x).sigmoid() * shared)
        return mixed, logits

    def _mix(self, x: Tensor, logits: Tensor) -> Tensor:
        """The weighted experts, by one fused op; what the op cannot do is said by editing the logits it reads.

        The op softmaxes its logits and divides by the sum of the top k. An expert not chosen gets minus infinity; a
        sigmoid is a softmax over its own logarithm; weights that do not sum to one are a factor on the op's output.
        """
        if self.score == "sigmoid":
            logits = F.logsigmoid(logits)
        plain = self.choice_bias is None and self.capacity is None and self.n_groups is None
        if plain and self.normalize:
            return ops.moe(x, logits, self.w_in, self.w_out, self.top_k)
        scores = logits.exp() if self.score == "sigmoid" else logits.softmax(dim=-1)
        if plain:
            taken = scores.topk(self.top_k, dim=-1).values.sum(dim=-1, keepdim=True)
            return ops.moe(x, logits, self.w_in, self.w_out, self.top_k) * taken
        wanted = self._chosen(scores)
        kept, others = wanted, ~wanted
        if self.capacity is not None:
            kept = within_capacity(wanted, self.capacity, self.top_k)
            # A token that every expert turned away must still leave the softmax something: the factor of zero drops it.
            others = ~kept & kept.any(dim=-1, keepdim=True)
        routed = logits.masked_fill(others, float("-inf"))
        mixed = ops.moe(x, routed, self.w_in, self.w_out, self.top_k)
        weight = (scores * kept).sum(dim=-1, keepdim=True)
        return mixed * (weight / (scores * wanted).sum(dim=-1, keepdim=True) if self.normalize else weight)

    def _chosen(self, scores: Tensor) -> Tensor:
        """True at each token's top_k experts, the bias counted in, of the groups that it may choose from. *Shape:*
        (batch, pos, expert).
        """
        ranked = scores
        if self.choice_bias is not None:
            # An expert that is switched off scores zero, and no bias may bring it back, or its group for its sake.
            ranked = self.hook_ranked((scores + self.choice_bias).masked_fill(scores == 0, OFF))
        if self.n_groups is not None and self.top_groups is not None:
            groups = ranked.unflatten(-1, (self.n_groups, -1))
            ranks = groups.topk(self.group_best, dim=-1).values.sum(dim=-1)
            ranked = groups.masked_fill(~_best(ranks, self.top_groups)[..., None], float("-inf")).flatten(-2)
        return _best(ranked, self.top_k)

    @torch.no_grad()
    def rebalance(self, router_logits: Tensor, speed: float) -> None:
        """Moves the bias of each expert by `speed`, up if its load is below the mean (Wang et al. 2024, algorithm 1).

        Args:
            router_logits: of a training batch, as `forward` returned them. *Shape:* (batch, pos, expert).

        Raises:
            ValueError: the module has no choice bias.
        """
        if self.choice_bias is None:
            raise ValueError("these experts have no choice_bias to balance them by; build them with choice_bias=True")
        scores = router_logits.sigmoid() if self.score == "sigmoid" else router_logits.softmax(dim=-1)
        load = self._chosen(scores).flatten(0, -2).sum(dim=0).to(scores.dtype)
        self.choice_bias += speed * (load.mean() - load).sign()


def _best(values: Tensor, k: int) -> Tensor:
    """True at the k largest of the last axis."""
    return torch.zeros_like(values, dtype=torch.bool).scatter(-1, values.topk(k, dim=-1).indices, True)


def within_capacity(wanted: Tensor, capacity: float, top_k: int) -> Tensor:
    """Which of the wanted places are to be had, first come, first served over the batch (Fedus et al. 2022, sec. 2.2).

    Args:
        wanted: bool, *Shape:* (batch, pos, expert).
        capacity: places at an expert, as a multiple of an even load.
    """
    rows = wanted.flatten(0, -2)
    places = math.ceil(capacity * top_k * rows.shape[0] / rows.shape[1])
    return (rows & (rows.cumsum(dim=0) <= places)).view_as(wanted)


def balance_loss(router_logits: Tensor, top_k: int) -> Tensor:
    """n_experts x sum over experts of (share of choices) x (mean probability) (Fedus et al. 2022, eq. 4).

    1 when the load is even, n_experts / top_k when all tokens crowd into the same top_k experts.

    Args:
        router_logits: *Shape:* (batch, pos, expert).
    """
    n_experts = router_logits.shape[-1]
    probabilities = router_logits.flatten(0, -2).softmax(dim=-1)
    chosen = probabilities.topk(top_k, dim=-1).indices
    share = F.one_hot(chosen, n_experts).to(probabilities.dtype).mean(dim=(0, 1))
    return n_experts * (share * probabilities.mean(dim=0)).sum()
