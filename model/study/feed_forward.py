"""The feed-forward part of a block opened: its hidden neurons for one token, and what each of them adds.

No torch here: it reads what a pass left behind, and the weights of one block at a time. A neuron is a row of the way
in, its *key*, and a column of the way out, its *value* (Geva et al. 2021, "Transformer Feed-Forward Layers Are
Key-Value Memories"): what the part adds to the stream is the sum of the values, each times its neuron's activation. In
a block with experts the neurons are those of the experts that the token was sent to, one expert after the other.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from model import taps
from model.config import Config, Place
from model.stored import reading
from model.study import routing
from model.study.lens_bert import ACTIVATIONS
from model.taps import Tap
from model.trace import ForwardTrace

Array = NDArray[np.float32]

Factors = Mapping[tuple[int | None, int], float]
"""What somebody has neurons of a block multiplied by, by expert, None where there are none, and number."""
UNTURNED: Factors = MappingProxyType({})
BLOCKS_AT_HAND = 4
"""How many blocks' weights are kept; those of a large model are read anew past it."""


@dataclass(frozen=True)
class Block:
    """The weights of one block's feed-forward part, or of one expert of it."""

    gate: Array | None
    """What the gate reads with, where there is one. *Shape:* (neuron, d_model), as `up`."""
    up: Array
    down: Array
    """*Shape:* (neuron, d_model): a row is a neuron's value."""
    gate_bias: Array | None = None
    """*Shape:* (neuron,), as `up_bias`."""
    up_bias: Array | None = None
    down_bias: Array | None = None
    """*Shape:* (d_model,)."""


@dataclass(frozen=True)
class Neurons:
    """The hidden neurons of one token in one block. Axes: neuron."""

    before: Array
    """What the activation function is given: the gate's number, or, without a gate, the only one."""
    up: Array | None
    """What the activated gate is multiplied by, where there is a gate."""
    activation: Array
    """What each neuron's value is multiplied by; without the weight of its expert."""
    weight: Array
    """The weight of its expert; 1 where there are none."""
    expert: NDArray[np.intp] | None
    """Which expert each belongs to, where there are experts."""
    index: NDArray[np.intp]
    """Which neuron of the block, or of its expert, each is."""
    values: Array
    """*Shape:* (neuron, d_model)."""
    bias: Array | None
    """What the part adds whatever its neurons do. *Shape:* (d_model,)."""
    factor: Array
    """What somebody has each multiplied by; 1 in a model as it is."""

    @property
    def added(self) -> Array:
        """What each adds to the stream. *Shape:* (neuron, d_model)."""
        added: Array = (self.activation * self.weight * self.factor)[:, None] * self.values
        return added

    @property
    def untouched(self) -> Neurons:
        """The same with no factors."""
        return replace(self, factor=np.ones_like(self.factor))

    @property
    def sum(self) -> Array:
        """What they add together, the bias with them. *Shape:* (d_model,)."""
        total: Array = self.added.sum(axis=0)
        return total if self.bias is None else total + self.bias

    def shares(self) -> NDArray[np.float64]:
        """The part of what they add that is each one's: its length along the sum, by the sum's. The shares of all, with
        the bias's, are 1; one that works against the others has a negative one. *Shape:* (neuron,).
        """
        total = self.sum.astype(np.float64)
        along: NDArray[np.float64] = self.added @ total / max(float(total @ total), np.finfo(np.float64).tiny)
        return along


def carrying(shares: NDArray[np.float64], part: float) -> int | None:
    """How many neurons, the largest shares first, carry that part of the whole; None where all of them do not."""
    reached = np.flatnonzero(np.cumsum(np.sort(shares)[::-1]) >= part)
    return int(reached[0]) + 1 if len(reached) else None


class FeedForward:
    """The feed-forward parts of a checkpoint, read from its safetensors file block by block.

    Args:
        path: the file.
        config: of the model.
    """

    def __init__(self, path: Path, config: Config) -> None:
        self.path, self.config = path, config
        self.block = functools.lru_cache(BLOCKS_AT_HAND)(self._block)
        self.norm = functools.lru_cache(2 * BLOCKS_AT_HAND)(self._norm)

    def neurons(
        self, trace: ForwardTrace, place: Place, layer: int, position: int, factors: Factors = UNTURNED
    ) -> Neurons:
        """The neurons of the token at a position of a pass.

        Args:
            factors: what some are multiplied by; the others by 1.

        Raises:
            NotImplementedError: the experts of this model do more than is taken apart here; the message says what.
        """
        read = trace.row(reads(trace.config, place), position, layer, place)
        neurons = self.of(read, trace, place, layer, position)
        if factors:
            expert = [None] * len(neurons.index) if neurons.expert is None else neurons.expert.tolist()
            places = zip(expert, neurons.index.tolist(), strict=True)
            neurons = replace(neurons, factor=np.array([factors.get(place, 1.0) for place in places], np.float32))
        return self._through_norm(neurons, place, layer) if self.config.normalizes_added else neurons

    def _through_norm(self, neurons: Neurons, place: Place, layer: int) -> Neurons:
        """What comes of each neuron's value behind the norm, its divisor held at what it is for all of them together:
        they then still add up to what the part adds.
        """
        weight, shift = self.norm(place, layer, "ln2_post")

        def centred(vectors: Array) -> Array:
            return vectors - vectors.mean(axis=-1, keepdims=True) if self.config.norm == "layer" else vectors

        scale = np.sqrt(np.square(centred(neurons.sum)).mean() + np.float32(self.config.norm_eps))
        bias = None if neurons.bias is None else centred(neurons.bias) / scale * weight
        if shift is not None:
            bias = shift if bias is None else bias + shift
        return replace(neurons, values=centred(neurons.values) / scale * weight, bias=bias)

    def of(self, read: Array, trace: ForwardTrace, place: Place, layer: int, position: int) -> Neurons:
        """The same as it is, where what the part reads is at hand, before any norm behind it. *Shape of* `read`:
        (d_model,).
        """
        experts = self.config.experts
        if experts is None or layer not in self.config.expert_layers:
            (block,) = self.block(place, layer)
            before, up, activation = activate(block, read, self.config.activation)
            ones = np.ones_like(activation)
            return Neurons(before, up, activation, ones, None, np.arange(len(ones)), block.down, block.down_bias, ones)
        if experts.d_shared is not None or experts.choice_bias or experts.capacity is not None:
            raise NotImplementedError(
                "experts that are shared, chosen by a bias or full are not taken apart into neurons"
            )
        weights = routing.sent(trace, layer)[position]
        chosen = np.flatnonzero(weights)
        blocks = self.block(place, layer)
        parts = [activate(blocks[expert], read, "silu") for expert in chosen]
        sizes = [len(blocks[expert].down) for expert in chosen]
        gates = [up for _, up, _ in parts if up is not None]
        return Neurons(
            np.concatenate([before for before, _, _ in parts]),
            np.concatenate(gates),
            np.concatenate([activation for _, _, activation in parts]),
            np.repeat(weights[chosen], sizes).astype(np.float32),
            np.repeat(chosen, sizes),
            np.concatenate([np.arange(size) for size in sizes]),
            np.concatenate([blocks[expert].down for expert in chosen]),
            None,
            np.ones(sum(sizes), np.float32),
        )

    def _norm(self, place: Place, layer: int, name: str) -> tuple[Array, Array | None]:
        """The gain and the shift of a block's norm, as "ln1" or "ln2_post". *Shape:* (d_model,) each."""
        norm = f"{self.config.stacks[place].prefix}blocks.{layer}.{name}"
        with reading(self.path) as read:
            has_shift = self.config.norm == "layer" and self.config.norm_bias
            return read(f"{norm}.weight"), read(f"{norm}.bias") if has_shift else None

    def _block(self, place: Place, layer: int) -> tuple[Block, ...]:
        """A block's weights; of a block with experts, each one's."""
        config, name = self.config, f"{self.config.stacks[place].prefix}blocks.{layer}.mlp"
        with reading(self.path) as read:
            if layer in config.expert_layers:
                w_in, w_out = read(f"{name}.w_in"), read(f"{name}.w_out")
                return tuple(  # the rows of gate and up lie in turns
                    Block(w_in[expert, ::2], w_in[expert, 1::2], np.ascontiguousarray(w_out[expert].T))
                    for expert in range(len(w_in))
                )
            gated, has_bias = config.gated_mlp, config.bias if config.mlp_bias is None else config.mlp_bias
            return (
                Block(
                    read(f"{name}.gate.weight") if gated else None,
                    read(f"{name}.up.weight"),
                    np.ascontiguousarray(read(f"{name}.down.weight").T),
                    read(f"{name}.gate.bias") if gated and has_bias else None,
                    read(f"{name}.up.bias") if has_bias else None,
                    read(f"{name}.down.bias") if has_bias else None,
                ),
            )


def reads(config: Config, place: Place = "text") -> Tap:
    """What the feed-forward part of a block reads."""
    if not config.normalizes_read:
        return taps.RESID_MID
    return taps.LN2 if not config.post_norm else taps.POST_LN_CROSS if place == "decoder" else taps.POST_LN1


def activate(block: Block, read: Array, activation: str) -> tuple[Array, Array | None, Array]:
    """What the activation function is given, what the activated gate is multiplied by, and what the neurons give.

    Args:
        read: *Shape:* (..., d_model).

    Returns:
        *Shape:* (..., neuron) each; the second None without a gate.
    """
    up = read @ block.up.T
    if block.up_bias is not None:
        up = up + block.up_bias
    if block.gate is None:
        return up, None, ACTIVATIONS[activation](up)
    gate = read @ block.gate.T
    if block.gate_bias is not None:
        gate = gate + block.gate_bias
    return gate, up, ACTIVATIONS[activation](gate) * up
