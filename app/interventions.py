"""What a person changes in the running model: biases on the routers' logits, among them experts switched off.

An `Interventions` is a value: it stands in the address, travels with every request, and is part of the key under which
the engine keeps a pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import GPTConfig

MAX_BIAS = 4.0
"""The largest bias that may be added to a router logit, up or down; an expert that is off has minus infinity."""


@dataclass(frozen=True)
class Interventions:
    """The biases that differ from zero, as (layer, expert, bias) in rising order; none of them: the model as it is."""

    expert_bias: tuple[tuple[int, int, float], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.expert_bias)

    def biases(self, config: GPTConfig) -> NDArray[np.float32] | None:
        """What the tapped graph takes as `expert_bias`; None if nothing is changed. *Shape:* (n_layers, n_experts)."""
        if not self.expert_bias or config.experts is None:
            return None
        bias = np.zeros((config.n_layers, config.experts.n_experts), dtype=np.float32)
        for layer, expert, value in self.expert_bias:
            bias[layer, expert] = value
        return bias

    def off(self, layer: int) -> int:
        """How many experts of a block are switched off."""
        return sum(at == layer and value == -math.inf for at, _, value in self.expert_bias)


UNTOUCHED = Interventions()
