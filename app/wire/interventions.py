"""What a person changes in the running model: biases on the routers' logits, among them experts switched off, heads and
feed-forward parts switched off, and a mask.

An `Interventions` is a value: it stands in the address, travels with every request, and is part of the key under which
the engine keeps a pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.wire.mask_specification import Mask, with_self
from export.runtime.means import Means
from export.runtime.session import PREFIX
from model.config import Config, Place

MAX_BIAS = 4.0
"""The largest bias that may be added to a router logit, up or down; an expert that is off has minus infinity."""


@dataclass(frozen=True)
class Interventions:
    """What differs from the model as it is; nothing: the model as it is."""

    expert_bias: tuple[tuple[int, int, float], ...] = ()
    """The biases that are not zero, as (layer, expert, bias) in rising order."""
    heads_off: tuple[tuple[Place, int, int], ...] = ()
    """The heads that are switched off, as (kind of attention, layer, head) in rising order."""
    mlps_off: tuple[tuple[Place, int], ...] = ()
    """The blocks whose MLP or experts are switched off, as (stack, layer) in rising order."""
    by_mean: bool = False
    """Whether the mean of what is switched off, over held-out text, stands in its place; else nothing does."""
    means: Means | None = field(default=None, compare=False, repr=False)
    """These means, where they are needed."""
    mask: Mask | None = None
    """What is laid over the text's self-attention, in every layer and head."""

    def __bool__(self) -> bool:
        return bool(self.expert_bias or self.heads_off or self.mlps_off or self.mask)

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
            self._gate(given, f"{PREFIX[place]}head", (layer, head), (config.stacks[place].layers, config.n_heads))
        for place, layer in self.mlps_off:
            self._gate(given, f"{PREFIX[place]}mlp", (layer,), (config.stacks[place].layers,))
        if self.mask:
            allowed = self.mask.allowed(n_past + n_read, config)
            # The widest layer's: the others add their own window to it.
            given["attention_mask"] = np.asarray(with_self(allowed).any(axis=0))[None, n_past:]
        return given

    def _gate(self, given: dict[str, Any], kind: str, at: tuple[int, ...], shape: tuple[int, ...]) -> None:
        """Closes the gate of one part, and puts its mean in its place if that is what is asked for."""
        given.setdefault(f"{kind}_gate", np.ones(shape, np.float32))[at] = 0
        if self.by_mean:
            assert self.means is not None, "the model's means come with by_mean"
            name = f"{kind}_bias"
            given.setdefault(name, np.zeros_like(self.means[name]))[at] = self.means[name][at]

    def off(self, layer: int) -> int:
        """How many experts of a block are switched off."""
        return sum(at == layer and value == -math.inf for at, _, value in self.expert_bias)


UNTOUCHED = Interventions()
