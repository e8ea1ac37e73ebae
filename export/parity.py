"""Whether the graphs compute what PyTorch computes: each output against eager float64, on inputs that probe the edges.

The weights are the stored, rounded ones on both sides, so what differs is arithmetic alone. A difference is measured
twice: absolutely, and relative to the largest number of the reference. Large residual streams have large rounding
errors, small ones small, so the smaller of the two is what must stay within `TOLERANCE`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from export import families
from export.interface import Interface, Port
from export.runtime import GraphName
from export.runtime.session import NEUTRAL, Session, lengths
from model import config as configs
from model import taps
from model.config import Config
from model.study import routing
from model.transformer.capture import capture

Array = NDArray[Any]
Arrays = Mapping[str, Array]

TOLERANCE = 1e-4
NEAR_TIE = 1e-4
"""Two experts closer than this: rounding decides which of them runs, and no two programs need agree."""
REDRAWS = 20


MASKS = ("attention_mask", "decoder_attention_mask", "cross_attention_mask")


@dataclass(frozen=True)
class Shape:
    """How long the inputs of a case are, and which of those that may be left out are not neutral."""

    batch: int
    pos: int
    past: int = 0
    encoder: int = 0
    chosen: tuple[str, ...] = ()

    def __str__(self) -> str:
        past = f", past {self.past}" if self.past else ""
        read = f", {self.encoder} read" if self.encoder else ""
        return f"batch {self.batch}{past}, {self.pos} tokens{read}" + "".join(f", {which}" for which in self.chosen)


@dataclass
class Difference:
    """How far one program is from the reference, at worst."""

    absolute: float = 0.0
    relative: float = 0.0
    beyond: list[str] = field(default_factory=list)
    """The cases that are past the tolerance."""

    def add(self, case: str, value: Array, reference: Array) -> None:
        """Takes one more pair of arrays into account; NaN, or a wrong shape, is infinitely far."""
        absolute = relative = np.inf
        if value.shape == reference.shape:
            # Minus infinity equals itself: an expert that is switched off. Any other infinity or NaN is far off.
            equal = value == reference
            distance = np.abs(np.where(equal, 0.0, value) - np.where(equal, 0.0, reference)).max(initial=0.0)
            if np.isfinite(distance):
                scale = np.abs(reference[np.isfinite(reference)]).max(initial=0.0)
                absolute, relative = float(distance), float(distance / scale) if scale else float(distance)
        self.absolute, self.relative = max(self.absolute, absolute), max(self.relative, relative)
        if min(absolute, relative) > TOLERANCE:
            self.beyond.append(case)


Differences = Mapping[str, Mapping[str, Difference]]
"""By kind of output, then by program: "eager float32" and the graphs."""


def compare(folder: Path, graphs: Iterable[GraphName] | None = None) -> Differences:
    """Runs all cases through float64, float32 and the graphs of the checkpoint in `folder`, all unless named."""
    config = configs.load(folder)
    interfaces = families.interfaces(config)
    precise, single = families.load(folder, torch.float64), families.load(folder)
    found: dict[str, dict[str, Difference]] = defaultdict(lambda: defaultdict(Difference))
    for graph in interfaces if graphs is None else graphs:
        interface, session = interfaces[graph], Session(folder, graph)
        for name, inputs, reference in cases(config, precise, interface):
            answers = {"eager float32": eager(single, interface, inputs), graph: onnx(session, interface, inputs)}
            for program, outputs in answers.items():
                for output, value in outputs.items():
                    found[re.sub(r"\.\d+\.", ".*.", output)][program].add(name, value, reference[output])
    return found


def eager(module: nn.Module, interface: Interface, inputs: Arrays) -> Arrays:
    """The outputs of a graph as PyTorch computes them, in the module's own precision."""
    dtype = next(module.parameters()).dtype
    tensors = {name: torch.from_numpy(value) for name, value in inputs.items()}
    with torch.no_grad():
        outputs = interface.call(
            module, {name: value.to(dtype) if value.is_floating_point() else value for name, value in tensors.items()}
        )
    return {port.name: outputs[port.name].numpy() for port in interface.outputs}


def onnx(session: Session, interface: Interface, inputs: Arrays) -> Arrays:
    """The outputs of a graph as ONNX Runtime computes them."""
    names = [port.name for port in interface.outputs]
    values = session.inner.run(names, {port.name: inputs[port.name] for port in interface.inputs})
    return dict(zip(names, values, strict=True))


def cases(config: Config, precise: nn.Module, interface: Interface) -> Iterator[tuple[str, Arrays, Arrays]]:
    """The inputs to compare on: a name, their values, and what float64 makes of them."""
    rng = np.random.default_rng(0)
    ranking = taps.RANKED if config.experts is not None and config.experts.choice_bias else taps.ROUTER
    routers = [name for name, tap in taps.table(config).items() if tap is ranking]
    for shape in plan(config, interface):
        for _ in range(REDRAWS):
            inputs = {port.name: draw(port, shape, config, rng) for port in interface.inputs}
            with capture(precise, routers) as routed:
                reference = eager(precise, interface, inputs)
            if not nearly_tied([logits.numpy() for logits in routed.values()], config):
                break
        else:
            raise RuntimeError(f"{shape}: {REDRAWS} draws, and in each a router all but tied; is the router trained?")
        yield str(shape), inputs, reference


def plan(config: Config, interface: Interface) -> Iterator[Shape]:
    """Each threshold from both sides: the context, T5's largest distance, batches, pasts, long texts beside short."""
    rule = config.positions
    n_ctx = max(config.n_ctx, rule.max_distance) if rule.scheme == "t5" else config.n_ctx
    most = n_ctx if rule.ends else n_ctx + 33
    optional = sorted(port.name for port in interface.inputs if port.name in NEUTRAL)

    def shape(batch: int, past: int, pos: int, chosen: tuple[str, ...] = ()) -> Shape:
        pos = min(pos, most)
        past = max(0, min(past, most - pos)) if "past" in interface.axes else 0
        return Shape(batch, pos, past, most + 1 - pos if "encoder" in interface.axes else 0, chosen)

    for pos in (1, 2, 7, 33, n_ctx, most):
        yield shape(1, 0, pos)
    for batch, past, pos in ((3, 0, 1), (3, 0, 33), (1, 1, 1), (1, 33, 2), (3, 7, 1), (1, most - 7, 7)):
        yield shape(batch, past, pos)
    for chosen in (*((which,) for which in optional), tuple(optional)):
        yield shape(1, 0, min(33, n_ctx), chosen)
        yield shape(3, min(7, n_ctx - 2), 2, chosen)


def draw(port: Port, shape: Shape, config: Config, rng: np.random.Generator) -> Array:
    """A value for one input of a graph: random where it is meant to act, else neutral."""
    chosen = lengths(shape.batch, shape.pos, shape.past, shape.encoder)
    size = [axis if isinstance(axis, int) else chosen[axis] for axis in port.axes]
    value = rng.normal(size=size).astype(np.float32)
    if port.name in ("input_ids", "decoder_input_ids"):
        return rng.integers(0, config.d_vocab, size)
    if port.name in NEUTRAL and port.name not in shape.chosen:
        return np.full(size, NEUTRAL[port.name], {torch.bool: bool, torch.int64: np.int64}.get(port.dtype, np.float32))
    if port.name in MASKS:
        painted = rng.random(size) < 0.6
        painted[0, -1] = False  # a token that may attend to nothing at all
        painted[1:] = np.arange(size[-1]) < rng.integers(1, size[-1] + 1, (shape.batch - 1, 1, 1))  # padded texts
        return painted
    if port.name == "token_type_ids":
        return rng.integers(0, config.n_segments, size)
    if port.name.endswith(("head_gate", "neuron_gate")):
        value.flat[0] = 0.0
    if port.name == "expert_bias":
        value[:, 0] = -np.inf
    return value


def nearly_tied(routers: Iterable[Array], config: Config) -> bool:
    """Whether some token's last chosen expert and first one not chosen, or two such groups, are too close to call.

    Args:
        routers: what experts are chosen by; router logits where that is in their order.
    """
    experts = config.experts
    if experts is None:
        return False
    for ranked in routers:
        if experts.n_groups is not None and experts.top_groups is not None:
            groups = ranked.reshape(*ranked.shape[:-1], experts.n_groups, -1)
            best = np.sort(groups, axis=-1)[..., -experts.group_best :].sum(axis=-1)
            if _closest(best, experts.top_groups) < NEAR_TIE:
                return True
        if _closest(np.where(routing.eligible(ranked, experts), ranked, -np.inf), experts.top_k) < NEAR_TIE:
            return True
    return False


def _closest(values: Array, k: int) -> float:
    """The least distance of the k-th largest from the next, along the last axis; infinite where there is none."""
    if k == values.shape[-1]:
        return np.inf
    ordered = np.sort(values, axis=-1)[..., ::-1]
    with np.errstate(invalid="ignore"):  # minus infinity from itself
        return float(np.nan_to_num(ordered[..., k - 1] - ordered[..., k], nan=np.inf).min())
