"""Whether the graphs on the card give what PyTorch gives in float64 on the CPU, at lengths from 1 to 513.

The weights are the stored ones on both sides. In float32 the largest difference is held against `export.parity`'s
tolerance, the products being computed without TF32. In float16 a token whose second and third expert are nearly equal
may be sent elsewhere, and all behind it read that: there the whole is held, ‖ours - theirs‖ / ‖theirs‖ over all numbers
of an output, and the largest difference is told without a judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export import families, parity
from export.parity import Shape
from export.runtime.session import DTYPES, Session
from model import config as configs
from model import taps
from model.transformer.capture import capture
from tests.bench.gpu.machine import Device
from tests.bench.gpu.placement import GRAPHS

TOLERANCE = {"float32": parity.TOLERANCE, "fp16": 2e-2}
"""Of the largest difference, absolute or to the largest number; of the relative norm of all differences."""
SHAPES = (
    Shape(1, 1),
    Shape(1, 33),
    Shape(3, 2, past=7, chosen=("attention_mask",)),
    Shape(1, 129),
    Shape(1, 40, past=89, chosen=("attention_mask",)),
    Shape(1, 513),
)
QUICK = SHAPES[:3]


class ApartError(Exception):
    """Outputs are further from PyTorch's than the tolerance; the message says which."""


def rows(name: str, folder: Path, device: Device, quick: bool) -> Iterator[dict[str, Any]]:
    """A row a graph and shape."""
    ours = folder / "ours"
    config, precise = configs.load(ours), families.load(ours, torch.float64)
    routers = [tap for tap, kind in taps.table(config).items() if kind is taps.ROUTER]
    rng = np.random.default_rng(0)
    for graph, precision in GRAPHS:
        interface = families.interfaces(config)[graph]
        session = Session(ours, graph, device.providers, precision)
        wanted = [one for one in session.outputs if one == "logits" or one.endswith("hook_pattern")]
        for shape in QUICK if quick else SHAPES:
            for _ in range(parity.REDRAWS):
                inputs = {port.name: parity.draw(port, shape, config, rng) for port in interface.inputs}
                with capture(precise, routers) as routed:
                    reference = parity.eager(precise, interface, inputs)
                if not parity.nearly_tied([one.numpy() for one in routed.values()], config):
                    break
            feed: dict[str, np.ndarray] = {
                port: inputs[port].astype(DTYPES[node.type]) for port, node in session.inputs.items()
            }
            values = dict(zip(wanted, session.inner.run(wanted, feed), strict=True))
            where = {"model": name, "graph": graph, "precision": precision, "shape": str(shape)}
            yield where | compared(values, reference)


def beyond(row: Mapping[str, Any]) -> str | None:
    """What is wrong with a row, if something is, in a sentence."""
    precision = row["precision"]
    held, allowed = row["norm" if precision == "fp16" else "largest"], TOLERANCE[precision]
    if held <= allowed:
        return None
    return f"{row['model']}, {row['graph']} in {precision}, {row['shape']}: {held:g} from PyTorch, {allowed:g} allowed"


def compared(values: Mapping[str, NDArray[Any]], reference: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """The worst over some outputs: "largest" difference, absolute or relative as in `export.parity`, and "norm"."""
    largest, norm = 0.0, 0.0
    for name, value in values.items():
        difference, theirs = parity.Difference(), reference[name]
        difference.add(name, value.astype(np.float64), theirs)
        largest = max(largest, min(difference.absolute, difference.relative))
        apart = np.linalg.norm(value.astype(np.float64) - theirs) / np.linalg.norm(theirs)
        norm = max(norm, float(apart) if np.isfinite(apart) else np.inf)
    return {"largest": float(f"{largest:.3g}"), "norm": float(f"{norm:.3g}"), "outputs": len(values)}
