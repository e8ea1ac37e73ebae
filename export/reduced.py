"""Graphs of lower precision beside those of float32: written, and what they change said in words.

`fused.fp16.onnx` computes in half precision and reads the stored weights where they lie; `fused.int8.onnx` reads 8-bit
ones from `model.int8.safetensors`. A T5 has an encoder and a decoder of each. There is no such tapped graph: what the
screen shows are the numbers of the model as it was trained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx

from export import census, families, graphs, half, int8, weights
from export.predictions import Change
from export.runtime import GraphName, Precision, file
from export.runtime.layout import slots
from export.runtime.session import WEIGHTS
from model import config as configs


def names(folder: Path) -> list[GraphName]:
    """The graphs of a checkpoint that exist in lower precision."""
    return [graph for graph in families.interfaces(configs.load(folder)) if graph != "tapped"]


def build(folder: Path, precision: Precision) -> None:
    """Writes the graphs of one precision; each appears whole or not at all.

    Raises:
        ValueError: a weight is too large for float16, or none can be quantized.
    """
    interfaces = families.interfaces(configs.load(folder))
    stored = folder / WEIGHTS
    models = {graph: graphs.build(families.load(folder), interfaces[graph]) for graph in names(folder)}
    if precision == "int8":
        int8.store([(model, int8.rewrite(model)) for model in models.values()], folder)
    else:
        for model in models.values():
            half.halve(model, set(slots(stored)))
            weights.point_into(model, stored)
    for graph, model in models.items():
        graphs.save(model, file(folder, graph, precision))


def report(folder: Path, precision: Precision, change: Change) -> Iterator[str]:
    """What was written, what runs it here, and what it changes; a line at a time."""
    for graph in names(folder):
        for each in ("float32", precision):
            path = file(folder, graph, each)
            read = ", ".join(f"{in_words(size)} of {name}" for name, size in sorted(weight_bytes(path).items()))
            yield f"{path.name}: {in_words(path.stat().st_size)}, reads {read}"
    yield ""
    for graph in names(folder):
        ran = census.types_in_run(folder, graph, precision)
        for provider, kind in sorted({(provider, kind) for _, provider, kind in ran}, reverse=True):
            ops = sorted((op, count) for (op, *at), count in ran.items() if at == [provider, kind])
            counted = ", ".join(f"{op} {count}" for op, count in ops)
            yield f"{file(folder, graph, precision).name} on {provider}, {kind}: {counted}"
    if precision == "fp16":
        yield (
            "ONNX Runtime casts to float32 and back where it has no float16 kernel, or where one between two casts "
            "would not pay; what counts positions is float32 in the file."
        )
    yield ""
    bits = change.divergence
    yield f"predictions compared: {bits.size:,}"
    yield f"bits of KL divergence from float32, a prediction: mean {bits.mean():.2g}"
    yield f"    99th percentile {np.quantile(bits, 0.99, method='higher'):.2g}, largest {bits.max():.2g}"
    yield f"the same entry is likeliest: {change.same.mean():.2%}"


def weight_bytes(graph: Path) -> Counter[str]:
    """How many bytes of each file a graph points at; those that it points at twice count once."""
    read: Counter[str] = Counter()
    for name, _, length in places(graph):
        read[name] += length
    return read


def places(graph: Path) -> set[tuple[str, int, int]]:
    """Where the weights lie that a graph points at: (file, offset, bytes)."""
    tensors = onnx.load(graph, load_external_data=False).graph.initializer
    found = [{entry.key: entry.value for entry in tensor.external_data} for tensor in tensors]
    return {(at["location"], int(at["offset"]), int(at["length"])) for at in found if at}


def in_words(size: int) -> str:
    """A number of bytes: "9.84 MB", "49.6 kB"."""
    return f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
