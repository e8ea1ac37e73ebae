"""What a person changes in the running model: biases on the routers' logits, among them experts switched off, heads and
feed-forward parts switched off, single neurons switched off or turned up, and a mask.

An `Interventions` is a value: it stands in the address, travels with every request, and is part of the key under which
the engine keeps a pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from app.wire.mask_specification import Mask, with_self
from export.runtime.means import Means
from export.runtime.session import PREFIX, Session
from model.config import Config, Place

MAX_BIAS = 4.0
"""The largest bias that may be added to a router logit, up or down; an expert that is off has minus infinity."""
MAX_FACTOR = 4.0
"""The most that a neuron may count; 0 is off, 1 is as it is."""
MAX_NEURONS = 12
"""How many neurons may count otherwise at once."""


class Neuron(NamedTuple):
    """A hidden neuron that counts otherwise."""

    place: Place
    layer: int
    expert: int | None
    """Which expert's, where the block has experts."""
    neuron: int
    factor: float
    """What its activation is multiplied by."""


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
    neurons: tuple[Neuron, ...] = ()
    """The hidden neurons that count otherwise, in rising order."""
    over: Callable[[], Session] | None = field(default=None, compare=False, repr=False)
    """Gives the graph to run where neurons of experts count otherwise, see `app.running.turned`."""

    def __bool__(self) -> bool:
        return bool(self.expert_bias or self.heads_off or self.mlps_off or self.mask or self.neurons)

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
        self._turn(given, config)
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

    def _turn(self, given: dict[str, Any], config: Config) -> None:
        """Has neurons of MLPs count otherwise, by their gates; those of experts do in the graph that `over` gives."""
        assert self.over is not None or not self.of_experts, "the graph to run comes with neurons of experts"
        for place, layer, expert, neuron, factor in self.neurons:
            if expert is None:
                name, shape = f"{PREFIX[place]}neuron_gate", (config.stacks[place].layers, config.d_mlp)
                given.setdefault(name, np.ones(shape, np.float32))[layer, neuron] = factor

    @property
    def of_experts(self) -> tuple[Neuron, ...]:
        """The neurons among them that are of experts."""
        return tuple(one for one in self.neurons if one.expert is not None)

    def factors(self, place: Place, layer: int) -> Mapping[tuple[int | None, int], float]:
        """What the neurons of one block are multiplied by, by expert and number; those left out by 1."""
        return {(one.expert, one.neuron): one.factor for one in self.neurons if one[:2] == (place, layer)}

    def off(self, layer: int) -> int:
        """How many experts of a block are switched off."""
        return sum(at == layer and value == -math.inf for at, _, value in self.expert_bias)


UNTOUCHED = Interventions()
