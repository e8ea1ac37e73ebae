"""Which operators a graph is made of, in the file and as ONNX Runtime runs it, and where each of them runs.

A fused op that is missing from the file was never translated; one that is missing from the run has no kernel on this
machine, and ONNX Runtime took it apart.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from export import families, runtime
from export.runtime import GraphName, Precision
from export.runtime.session import DTYPES, NEUTRAL, lengths
from model import config as configs

KERNELS = {
    "RMSNormalization": {"SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization"},
    "LayerNormalization": {"SkipLayerNormalization"},
}
"""Operators that ONNX Runtime may put in the place of one, when it optimizes a graph: the same, or fused further."""

MOVING = {"Cast", "Reshape", "Shape", "Transpose"}
"""Operators that compute nothing."""
QUANTIZED = {"GatherBlockQuantized", "MatMulNBits", "QMoE"}
"""Operators that read 8-bit weights."""


def in_file(path: Path) -> Counter[str]:
    """How many nodes of each operator a graph file holds."""
    return Counter(node.op_type for node in onnx.load(path, load_external_data=False).graph.node)


def in_run(folder: Path, graph: GraphName) -> Counter[tuple[str, str]]:
    """How often each (operator, execution provider) runs in one pass over three tokens, by ONNX Runtime's profiler."""
    return Counter((args["op_name"], _provider(args)) for args in _kernels(folder, graph, "float32"))


def types_in_run(folder: Path, graph: GraphName, precision: Precision) -> Counter[tuple[str, str, str]]:
    """How often each (operator, execution provider, "float16", "float32" or "8-bit weights") computes.

    ONNX Runtime casts to float32 and back around an operator that has no kernel for float16, so what the file says of
    types is not yet what runs.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for args in _kernels(folder, graph, precision):
        op, read = args["op_name"], {kind for tensor in args["input_type_shape"] for kind in tensor}
        if op in QUANTIZED:
            found[op, _provider(args), "8-bit weights"] += 1
        elif op not in MOVING and read & {"float16", "float"}:
            found[op, _provider(args), "float16" if "float16" in read else "float32"] += 1
    return found


def _provider(args: Mapping[str, Any]) -> str:
    name: str = args["provider"]
    return name.removesuffix("ExecutionProvider")


def _kernels(folder: Path, graph: GraphName, precision: Precision) -> Iterator[Mapping[str, Any]]:
    """What the profiler says of each kernel that ran."""
    with tempfile.TemporaryDirectory() as scratch:
        profiled = runtime.options()
        profiled.enable_profiling = True
        profiled.profile_file_prefix = str(Path(scratch) / graph)
        session = runtime.load(runtime.file(folder, graph, precision), runtime.default_providers(graph), profiled)
        chosen = lengths(batch=1, pos=3, encoder=3)
        session.run(
            None,
            {
                node.name: np.full(
                    [chosen.get(axis, axis) for axis in node.shape], NEUTRAL.get(node.name, 0), DTYPES[node.type]
                )
                for node in session.get_inputs()
            },
        )
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    for event in events:
        if event["cat"] == "Node" and event["name"].endswith("_kernel_time"):
            yield event["args"]


def missing(folder: Path, graph: GraphName) -> list[str]:
    """One sentence for each fused op of which the file or the run holds another number than the model has."""
    expected = families.interfaces(configs.load(folder))[graph].fused_nodes
    ran: Mapping[str, int] = Counter()
    for (op, _), count in in_run(folder, graph).items():
        ran = Counter(ran) + Counter({op: count})
    filed = in_file(folder / f"{graph}.onnx")
    wrong = []
    for op, count in expected.items():
        if filed[op] != count:
            wrong.append(f"{graph}.onnx holds {filed[op]} {op} nodes; there should be {count}")
        if (run := sum(ran[kernel] for kernel in {op, *KERNELS.get(op, ())})) != count:
            wrong.append(f"{graph}.onnx runs {run} {op} kernels; there should be {count}")
    return wrong
