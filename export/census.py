"""Which operators a graph is made of, in the file and as ONNX Runtime runs it, and where each of them runs.

A fused op that is missing from the file was never translated; one that is missing from the run has no kernel on this
machine, and ONNX Runtime took it apart.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx

from export import families, runtime
from export.runtime import GraphName
from export.session import DTYPES, NEUTRAL, lengths
from model import config as configs

KERNELS = {
    "RMSNormalization": {"SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization"},
    "LayerNormalization": {"SkipLayerNormalization"},
}
"""Operators that ONNX Runtime may put in the place of one, when it optimizes a graph: the same, or fused further."""


def in_file(path: Path) -> Counter[str]:
    """How many nodes of each operator a graph file holds."""
    return Counter(node.op_type for node in onnx.load(path, load_external_data=False).graph.node)


def in_run(folder: Path, graph: GraphName) -> Counter[tuple[str, str]]:
    """How often each (operator, execution provider) runs in one pass over three tokens, by ONNX Runtime's profiler."""
    with tempfile.TemporaryDirectory() as scratch:
        profiled = runtime.options()
        profiled.enable_profiling = True
        profiled.profile_file_prefix = str(Path(scratch) / graph)
        session = runtime.load(folder / f"{graph}.onnx", runtime.default_providers(graph), profiled)
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
    return Counter(
        (event["args"]["op_name"], event["args"]["provider"].removesuffix("ExecutionProvider"))
        for event in events
        if event["cat"] == "Node" and event["name"].endswith("_kernel_time")
    )


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
