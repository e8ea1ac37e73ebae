"""Where each node of a graph runs, by ONNX Runtime's own profile of a pass.

A node that the wanted provider has no kernel for runs on the CPU, without a word, and its tensors are copied to and fro
by nodes named Memcpy. One kind belongs on the CPU: what counts lengths, a few whole numbers, which whoever starts the
next kernel has to know; ONNX Runtime puts it there on purpose. All else elsewhere is refused.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from export import families, runtime
from export.runtime import GraphName, Precision
from export.runtime.session import DTYPES, NEUTRAL, lengths
from model import config as configs
from tests.bench.gpu.machine import Device

GRAPHS: tuple[tuple[GraphName, Precision], ...] = (("fused", "fp16"), ("tapped", "float32"), ("tapped", "fp16"))
FUSED = ("Attention", "MoE")
"""What must be there as one node each, as often as the model has it."""
FEW = 16
"""Whole numbers that a node may read and write, and count as one that counts lengths."""
N_TOKENS = 33


class ElsewhereError(Exception):
    """Nodes ran on another provider than the wanted one, or are not there; the message names them."""


@dataclass
class Placement:
    """Where the nodes of a graph ran."""

    ran: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By provider and operator."""
    lengths: list[str] = field(default_factory=list)
    """Nodes on the CPU that count lengths."""
    elsewhere: list[str] = field(default_factory=list)
    """All others that are not on the wanted provider."""

    @property
    def copies(self) -> int:
        """Memcpy nodes."""
        return sum(count for (_, op), count in self.ran.items() if op.startswith("Memcpy"))


def read(events: Iterable[Mapping[str, Any]], wanted: str) -> Placement:
    """What a profile says.

    Args:
        events: of ONNX Runtime's profile.
        wanted: the provider that nodes should have run on.
    """
    found = Placement()
    for event in events:
        if event["cat"] != "Node" or not event["name"].endswith("_kernel_time"):
            continue
        args, name = event["args"], event["name"].removesuffix("_kernel_time")
        provider, op = args["provider"], args["op_name"]
        found.ran[provider, op] += 1
        if provider != wanted and not op.startswith("Memcpy"):
            (found.lengths if counts_lengths(args) else found.elsewhere).append(f"{name} ({op}, {provider})")
    return found


def counts_lengths(args: Mapping[str, Any]) -> bool:
    """Whether a node reads and writes a few whole numbers, and nothing else."""
    tensors = [pair for side in ("input_type_shape", "output_type_shape") for one in args[side] for pair in one.items()]
    whole = all(kind in ("int64", "int32") for kind, _ in tensors)
    return whole and sum(math.prod(shape) for _, shape in tensors) <= FEW


def refuse(graph: str, found: Placement, expected: Mapping[str, int], wanted: str) -> None:
    """Raises ElsewhereError where a node is not where it should be."""
    if found.elsewhere:
        raise ElsewhereError(f"{graph}: {len(found.elsewhere)} nodes are not on {wanted}: {', '.join(found.elsewhere)}")
    for op in FUSED:
        if found.ran[wanted, op] != expected.get(op, 0):
            raise ElsewhereError(
                f"{graph}: {found.ran[wanted, op]} {op} nodes ran on {wanted}; there should be {expected.get(op, 0)}"
            )


def rows(name: str, folder: Path, device: Device) -> Iterator[dict[str, Any]]:
    """A row a graph: how many nodes ran where. Raises ElsewhereError."""
    interfaces = families.interfaces(configs.load(folder / "ours"))
    for graph, precision in GRAPHS:
        path = runtime.file(folder / "ours", graph, precision)
        found = read(profile(path, device.providers), device.provider)
        refuse(f"{path.name} of {name}", found, interfaces[graph].fused_nodes, device.provider)
        on = Counter(provider for provider, _ in found.ran.elements())
        fused = {op: found.ran[device.provider, op] for op in FUSED}
        yield {
            "model": name,
            "graph": path.name,
            "nodes": dict(on),
            "fused": fused,
            "lengths": found.lengths,
            "copies": found.copies,
        }


def profile(path: Path, providers: Sequence[Any]) -> list[dict[str, Any]]:
    """ONNX Runtime's profile of one pass of a graph over a short text."""
    with tempfile.TemporaryDirectory() as scratch:
        profiled = runtime.options()
        profiled.enable_profiling = True
        profiled.profile_file_prefix = str(Path(scratch) / path.stem)
        session = runtime.load(path, providers, profiled)
        chosen = lengths(batch=1, pos=N_TOKENS)
        feed: dict[str, np.ndarray] = {}
        for node in session.get_inputs():
            shape = [chosen.get(axis, axis) for axis in node.shape]
            feed[node.name] = np.full(shape, NEUTRAL.get(node.name, 0), DTYPES[node.type])
        session.run(None, feed)
        events: list[dict[str, Any]] = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    return events
