"""What a router's probabilities mean: which experts a token takes, their weights, how even the load is, what it costs.

No torch here: this is for who looks at a finished pass. `model.transformer.moe` computes the same while the model runs,
and a test holds the two together.

Axes: pos (tokens), expert.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.config import ExpertsConfig, GPTConfig

Matrix = NDArray[np.floating]
Vector = NDArray[np.float64]


def chosen(probabilities: Matrix, top_k: int) -> NDArray[np.bool_]:
    """True at each token's `top_k` likeliest experts; of equals, the first. *Shape:* (pos, expert)."""
    order = np.argsort(-probabilities, axis=-1, kind="stable")
    choice = np.zeros(probabilities.shape, dtype=np.bool_)
    np.put_along_axis(choice, order[:, :top_k], True, axis=-1)
    return choice


def weights(probabilities: Matrix, experts: ExpertsConfig) -> Matrix:
    """What each expert's output is multiplied by; zero where it was not chosen. *Shape:* (pos, expert).

    The chosen probabilities, divided by their sum (Jiang et al. 2024, section 2.1) unless the config says not to
    (Fedus et al. 2022, equation 2). An expert of probability zero adds nothing even where too few others are left.
    """
    kept: Matrix = np.where(chosen(probabilities, experts.top_k), probabilities, 0)
    return kept / kept.sum(axis=-1, keepdims=True) if experts.normalize else kept


def load(probabilities: Matrix, top_k: int) -> NDArray[np.intp]:
    """How many tokens chose each expert; an even load is pos x top_k / n_experts each. *Shape:* (expert,)."""
    counts: NDArray[np.intp] = (chosen(probabilities, top_k) & (probabilities > 0)).sum(axis=0)
    return counts


def balance_loss(probabilities: Matrix, top_k: int) -> float:
    """n_experts x sum over experts of (share of choices) x (mean probability) (Fedus et al. 2022, equations 4 to 6).

    1 when the load is even, n_experts / top_k when all tokens crowd into the same top_k experts.
    """
    share: Vector = chosen(probabilities, top_k).mean(axis=0, dtype=np.float64) / top_k
    return float(probabilities.shape[-1] * (share * probabilities.mean(axis=0, dtype=np.float64)).sum())


def inactive_parameters(config: GPTConfig) -> int:
    """How many parameters rest while one token passes: those of the experts that it does not choose.

    A SwiGLU expert holds three matrices of d_model x d_expert.
    """
    if config.experts is None:
        return 0
    experts = config.experts
    return len(config.expert_layers) * (experts.n_experts - experts.top_k) * 3 * config.d_model * experts.d_expert
