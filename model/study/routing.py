"""What a router's probabilities mean: which experts a token takes, their weights, how even the load is, what it costs.

No torch here: this is for who looks at a finished pass. `model.transformer.moe` computes the same while the model runs,
and a test holds the two together.

Axes: pos (tokens), expert.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.config import ExpertsConfig, GPTConfig
from model.trace import ForwardTrace

Matrix = NDArray[np.floating]
Vector = NDArray[np.float64]


def best(values: Matrix, k: int) -> NDArray[np.bool_]:
    """True at the `k` largest of the last axis; of equals, the first."""
    order = np.argsort(-values, axis=-1, kind="stable")
    choice = np.zeros(values.shape, dtype=np.bool_)
    np.put_along_axis(choice, order[..., :k], True, axis=-1)
    return choice


def eligible(ranked: Matrix, experts: ExpertsConfig) -> NDArray[np.bool_]:
    """True at the experts of the groups that each token may choose from. *Shape:* (pos, expert)."""
    if experts.n_groups is None or experts.top_groups is None:
        return np.ones(ranked.shape, np.bool_)
    groups = ranked.reshape(*ranked.shape[:-1], experts.n_groups, -1)
    ranks = np.sort(groups, axis=-1)[..., -experts.group_best :].sum(axis=-1)
    return np.repeat(best(ranks, experts.top_groups), groups.shape[-1], axis=-1)


def chosen(ranked: Matrix, experts: ExpertsConfig) -> NDArray[np.bool_]:
    """True at each token's best experts of those groups, by what they are ranked by. *Shape:* (pos, expert)."""
    return best(np.where(eligible(ranked, experts), ranked, -np.inf), experts.top_k)


def weights(probabilities: Matrix, experts: ExpertsConfig, taken: NDArray[np.bool_] | None = None) -> Matrix:
    """What each expert's output is multiplied by; zero where it was not chosen. *Shape:* (pos, expert).

    The chosen probabilities, divided by their sum (Jiang et al. 2024, section 2.1) unless the config says not to
    (Fedus et al. 2022, equation 2), times the config's scale. An expert of probability zero adds nothing even where too
    few others are left.

    Args:
        taken: which were chosen; the likeliest unless given.
    """
    kept: Matrix = np.where(chosen(probabilities, experts) if taken is None else taken, probabilities, 0)
    return (kept / kept.sum(axis=-1, keepdims=True) if experts.normalize else kept) * np.float32(experts.scale)


def sent(trace: ForwardTrace, layer: int) -> Matrix:
    """The `weights` of a block's router in a pass. *Shape:* (pos, expert)."""
    experts = trace.config.experts
    assert experts is not None
    return weights(trace.router(layer), experts, chosen(trace.ranked(layer), experts))


def ranking(trace: ForwardTrace, layer: int) -> Matrix | None:
    """What a block's experts are chosen by, minus infinity outside of the groups that a token may choose from; None
    where that is their probability alone. *Shape:* (pos, expert).
    """
    experts = trace.config.experts
    assert experts is not None
    if not experts.choice_bias and experts.n_groups is None:
        return None
    ranked = trace.ranked(layer)
    allowed: Matrix = np.where(eligible(ranked, experts), ranked, -np.inf)
    return allowed


def load(weights: Matrix) -> NDArray[np.intp]:
    """How many tokens chose each expert; an even load is pos x top_k / n_experts each. *Shape:* (expert,)."""
    counts: NDArray[np.intp] = (weights > 0).sum(axis=0)
    return counts


def balance_loss(probabilities: Matrix, taken: NDArray[np.bool_]) -> float:
    """n_experts x sum over experts of (share of choices) x (mean probability) (Fedus et al. 2022, equations 4 to 6).

    1 when the load is even, n_experts / top_k when all tokens crowd into the same top_k experts.

    Args:
        taken: which were chosen.
    """
    share: Vector = taken.mean(axis=0, dtype=np.float64) / taken[0].sum()
    return float(probabilities.shape[-1] * (share * probabilities.mean(axis=0, dtype=np.float64)).sum())


def inactive_parameters(config: GPTConfig) -> int:
    """How many parameters rest while one token passes: those of the experts that it does not choose.

    A SwiGLU expert holds three matrices of d_model x d_expert.
    """
    if config.experts is None:
        return 0
    experts = config.experts
    return len(config.expert_layers) * (experts.n_experts - experts.top_k) * 3 * config.d_model * experts.d_expert
