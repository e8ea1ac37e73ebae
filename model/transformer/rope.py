"""RoPE's frequencies, and the ways to lower them so that a model reads texts longer than it was trained on.

Axes: pair, the coordinates that are rotated together. All arithmetic is in float64.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from model.config import RopeScaling


def frequencies(d_rotary: int, theta: float, scaling: RopeScaling | None = None) -> Tensor:
    """By how many radians each pair turns from one position to the next: theta^(-2i/d) (Su et al. 2021, eq. 15).

    Returns:
        *Shape:* (d_rotary / 2,), float64, fastest first.
    """
    exponents = torch.arange(0, d_rotary, 2, dtype=torch.float64, device="cpu") / d_rotary
    trained = theta**-exponents
    match scaling:
        case None:
            return trained
        case RopeScaling(kind="linear"):
            return trained / scaling.factor
        case RopeScaling(kind="yarn"):
            kept = 1 - _ramp(d_rotary, theta, scaling)
        case RopeScaling(kind="llama3"):
            turns = scaling.trained_length * trained / (2 * math.pi)
            kept = ((turns - scaling.slow) / (scaling.fast - scaling.slow)).clamp(0, 1)
    return trained * kept + trained / scaling.factor * (1 - kept)


def _ramp(d_rotary: int, theta: float, scaling: RopeScaling) -> Tensor:
    """YaRN's ramp over the pairs: 0 where a pair stays as it is, 1 where it is slowed (Peng et al. 2023, eq. 18)."""

    def pair_that_turns(times: float) -> float:
        """The (fractional) pair that turns this often within the trained length."""
        return d_rotary * math.log(scaling.trained_length / (times * 2 * math.pi)) / (2 * math.log(theta))

    first, last = pair_that_turns(scaling.fast), pair_that_turns(scaling.slow)
    if scaling.whole_pairs:
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, d_rotary - 1)
    if first == last:
        last += 0.001  # the reference implementation's way around a division by zero
    pairs = torch.arange(d_rotary // 2, dtype=torch.float64, device="cpu")
    return ((pairs - first) / (last - first)).clamp(0, 1)


def attention_factor(scaling: RopeScaling | None) -> float:
    """What cos and sin are multiplied by: YaRN sharpens attention over longer texts (Peng et al. 2023, eq. 22)."""
    if scaling is None or scaling.kind != "yarn":
        return 1.0
    if scaling.attention_factor is not None:
        return scaling.attention_factor
    return 0.1 * math.log(scaling.factor) + 1.0
