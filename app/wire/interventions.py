"""What a person changes in the running model: biases on the routers' logits, among them experts switched off, heads
switched off, and a mask.

An `Interventions` is a value: it stands in the address, travels with every request, and is part of the key under which
the engine keeps a pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.wire.mask_specification import Mask, with_self
from model.config import Config, Place

MAX_BIAS = 4.0
"""The largest bias that may be added to a router logit, up or down; an expert that is off has minus infinity."""

GATES: dict[Place, str] = {
    "text": "head_gate",
    "encoder": "head_gate",
    "decoder": "decoder_head_gate",
    "cross": "cross_head_gate",
}
"""The graph's input that gates the heads of each kind of attention."""


@dataclass(frozen=True)
class Interventions:
    """What differs from the model as it is; nothing: the model as it is."""

    expert_bias: tuple[tuple[int, int, float], ...] = ()
    """The biases that are not zero, as (layer, expert, bias) in rising order."""
    heads_off: tuple[tuple[Place, int, int], ...] = ()
    """The heads that are switched off, as (kind of attention, layer, head) in rising order."""
    mask: Mask | None = None
    """What is laid over the text's self-attention, in every layer and head."""

    def __bool__(self) -> bool:
        return bool(self.expert_bias or self.heads_off or self.mask)

    def inputs(self, config: Config, n_read: int, n_written: int = 0, n_past: int = 0) -> dict[str, Any]:
        """What the tapped graph takes, by the names of its inputs; what is left out is neutral.

        Args:
            config: of the model.
            n_read: how many tokens it reads.
            n_written: how many a T5 has written.
            n_past: how many a GPT has in its cache already.
        """
        given: dict[str, Any] = {}
        if self.expert_bias and config.experts is not None:
            bias = np.zeros((config.n_layers, config.experts.n_experts), dtype=np.float32)
            for layer, expert, value in self.expert_bias:
                bias[layer, expert] = value
            given["expert_bias"] = bias
        for place, layer, head in self.heads_off:
            gate = given.setdefault(GATES[place], np.ones((config.stacks[place].layers, config.n_heads), np.float32))
            gate[layer, head] = 0
        if self.mask:
            allowed = self.mask.allowed(n_past + n_read, config)
            # The widest layer's: the others add their own window to it.
            given["attention_mask"] = np.asarray(with_self(allowed).any(axis=0))[None, n_past:]
        return given

    def off(self, layer: int) -> int:
        """How many experts of a block are switched off."""
        return sum(at == layer and value == -math.inf for at, _, value in self.expert_bias)


UNTOUCHED = Interventions()
