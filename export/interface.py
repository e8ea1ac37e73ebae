"""What a graph takes, what it gives, and what it must be made of: the words of `gpt`, `bert` and `t5`.

Axes: batch; pos and query (the tokens of this call), past (those of the cache), key (past and pos together). Where a
graph has two streams, encoder and decoder are the tokens of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from export.runtime import GraphName
from export.runtime.session import PREFIX
from model import taps
from model.config import Config
from model.transformer.cache import Cache
from model.transformer.capture import intervene


@dataclass(frozen=True)
class Port:
    """One input or output of a graph."""

    name: str
    axes: tuple[str | int, ...]
    """A name stands for a length that each run may choose, a number for one that the config fixes."""
    dtype: torch.dtype = torch.float32


@dataclass(frozen=True)
class Interface:
    """A graph as seen from outside."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    call: Callable[[nn.Module, Mapping[str, Tensor]], Mapping[str, Tensor]]
    """Runs the module on values for `inputs`, by name; gives values for `outputs`, by name."""
    fused_nodes: Mapping[str, int]
    """How many nodes of each fused op the graph has: one for each place where the paper has that operation."""

    @property
    def axes(self) -> set[str | int]:
        """Every axis that an input has."""
        return {axis for port in self.inputs for axis in port.axes}


ConfigT = TypeVar("ConfigT", bound=Config)


@dataclass(frozen=True)
class Family(Generic[ConfigT]):
    """A kind of model that can be exported."""

    module: Callable[[ConfigT], nn.Module]
    graphs: Mapping[GraphName, Callable[[ConfigT], Interface]]
    """By the name of the file: "tapped" gives `tapped.onnx`."""


def ids(name: str = "input_ids", axis: str = "pos") -> Port:
    """A row of token ids for each text of the batch."""
    return Port(name, ("batch", axis), torch.int64)


def mask(name: str = "attention_mask", query: str = "query", key: str = "key") -> Port:
    """True where attending is allowed, besides what the model itself forbids."""
    return Port(name, ("batch", query, key), torch.bool)


def gates(config: Config) -> tuple[Port, ...]:
    """What switches heads and feed-forward parts off, and what then stands in for them, for each kind of attention.

    A head's output is multiplied by its gate, and its bias is added: a gate of 0 and a bias that is the head's mean
    over some text put the mean in its place. The same for what a block's MLP or experts add; the hidden neurons of an
    MLP have a gate each. Where tokens of two streams meet, across, there are heads alone.

    The neurons of experts have none: one fused node holds all experts. To multiply its weights in front of it copies
    them in every pass, of which most change nothing, 5 to 12 % of the bundled GPT's; a second node for what is to be
    added took 4 to 8 %. They are changed in the weights instead, where it costs the others nothing: see
    `export.runtime.other_weights`.
    """
    ports = []
    for place, stack in config.stacks.items():
        prefix, heads = PREFIX[place], (stack.layers, config.n_heads)
        ports += [Port(f"{prefix}head_gate", heads), Port(f"{prefix}head_bias", (*heads, config.value_width))]
        if place != "cross":
            ports += [Port(f"{prefix}mlp_gate", (stack.layers,))]
            ports += [Port(f"{prefix}mlp_bias", (stack.layers, config.d_model))]
            if has_dense(config, stack.layers):
                ports += [Port(f"{prefix}neuron_gate", (stack.layers, config.d_mlp))]
    return tuple(ports)


def has_dense(config: Config, layers: int) -> bool:
    """Whether one of a stack's blocks has an MLP."""
    return any(layer not in config.expert_layers for layer in range(layers))


def gated(module: nn.Module, config: Config, inputs: Mapping[str, Tensor]) -> AbstractContextManager[None]:
    """Within the context the module's taps are rewritten as `gates` say, but for the heads' gates: it has these."""
    edits: dict[str, Callable[[Tensor], Tensor]] = {}
    for place, stack in config.stacks.items():
        prefix = PREFIX[place]
        for layer in range(stack.layers):
            edits[taps.Z.at(place).name(layer)] = partial(_added, inputs[f"{prefix}head_bias"][layer])
            if place != "cross":
                gate, bias = inputs[f"{prefix}mlp_gate"][layer], inputs[f"{prefix}mlp_bias"][layer]
                edits[taps.MLP_OUT.at(place).name(layer)] = partial(_gated, gate, bias)
                if layer not in config.expert_layers:
                    neuron_gate = inputs[f"{prefix}neuron_gate"][layer]
                    edits[taps.POST.at(place).name(layer)] = partial(torch.mul, neuron_gate)
    return intervene(module, edits)


def _added(bias: Tensor, value: Tensor) -> Tensor:
    return value + bias


def _gated(gate: Tensor, bias: Tensor, value: Tensor) -> Tensor:
    return value * gate + bias


def tap_ports(config: Config) -> tuple[Port, ...]:
    """Every tap of the table; where there are two streams, its lengths are those of the streams."""
    sizes: Mapping[str, int] = taps.sizes(config)
    two = len(config.streams) > 1
    return tuple(
        Port(
            name,
            tuple(sizes.get(axis, length if two else axis) for axis, length in zip(tap.axes, tap.lengths, strict=True)),
        )
        for name, tap in taps.table(config).items()
    )


def pairs(prefix: str, n_layers: int, key: tuple[str | int, ...], value: tuple[str | int, ...]) -> tuple[Port, ...]:
    """A key and a value for each block, each with its axes: `past_key_values.0.key`, `past_key_values.0.value`, ..."""
    roles = {"key": key, "value": value}
    return tuple(Port(f"{prefix}.{layer}.{role}", axes) for layer in range(n_layers) for role, axes in roles.items())


def read_pairs(prefix: str, values: Mapping[str, Tensor]) -> Cache:
    """The values of `pairs(prefix, ...)`, two by two."""
    flat = [value for name, value in values.items() if name.startswith(f"{prefix}.")]
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def name_pairs(prefix: str, cache: Iterable[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
    """The inverse of `read_pairs`."""
    return {
        f"{prefix}.{layer}.{role}": tensor
        for layer, pair in enumerate(cache)
        for role, tensor in zip(("key", "value"), pair, strict=True)
    }
