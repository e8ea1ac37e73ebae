"""The op table of a model: which operation became which fused ONNX op, how often, and who has a kernel for it.

The CPU's kernels are those that the installed ONNX Runtime has registered, which a test asks for; CUDA's are those of
its list of kernels (https://github.com/microsoft/onnxruntime/blob/main/docs/OperatorKernels.md), because only a machine
with a GPU could be asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx

from export.translate import PROBABILITIES


@dataclass(frozen=True)
class Fusion:
    """One operation of the model, and the one ONNX op that it becomes."""

    operation: str
    """As in `model.transformer.ops`; layer_norm, gelu, linear and embedding are PyTorch's own."""
    op: str
    domain: str
    since: int
    """The first version of the op set that has it."""
    cpu: str
    """The types that have a kernel."""
    cuda: str
    gives_pattern: bool | None = None
    """Of an attention: whether it gives its probabilities."""


FUSIONS = (
    Fusion("attention", "Attention", "ai.onnx", 23, "float32 float16", "float32 float16 bfloat16", False),
    Fusion("attention_with_pattern", "Attention", "ai.onnx", 23, "float32 float16", "none: raw scores only", True),
    Fusion("rotary", "RotaryEmbedding", "ai.onnx", 23, "float32 float16", "float32 float16 bfloat16"),
    Fusion("rms_norm", "RMSNormalization", "ai.onnx", 23, "float32 float16", "float32 float16 bfloat16"),
    Fusion("layer_norm", "LayerNormalization", "ai.onnx", 17, "float32 float16 bfloat16", "float32 float16 bfloat16"),
    Fusion("gelu", "Gelu", "ai.onnx", 20, "float32", "float32 float16 bfloat16"),
    Fusion("moe", "MoE", "com.microsoft", 1, "float32", "float32 float16 bfloat16"),
    Fusion("moe, 8 bit", "QMoE", "com.microsoft", 1, "float32 float16", "float16 bfloat16"),
    Fusion("linear, 8 bit", "MatMulNBits", "com.microsoft", 1, "float32 float16", "float32 float16 bfloat16"),
    Fusion(
        "embedding, 8 bit",
        "GatherBlockQuantized",
        "com.microsoft",
        1,
        "float32 float16",
        "float32 float16 bfloat16",
    ),
)


def count(fusion: Fusion, graph: onnx.GraphProto) -> int:
    """How many nodes of a graph are this fusion."""
    return sum(
        node.op_type == fusion.op
        and (node.domain or "ai.onnx") == fusion.domain
        and fusion.gives_pattern in (None, _gives_pattern(node))
        for node in graph.node
    )


def _gives_pattern(node: onnx.NodeProto) -> bool:
    return any(
        attribute.name == "qk_matmul_output_mode" and attribute.i == PROBABILITIES for attribute in node.attribute
    )


def table(folder: Path) -> str:
    """The table as Markdown: a row for each operation that one of the checkpoint's graphs has.

    Raises:
        FileNotFoundError: the folder holds no graphs.
    """
    paths = sorted(folder.glob("*.onnx"))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no graphs; python -m export build {folder} writes them")
    graphs = {path.name: onnx.load(path, load_external_data=False).graph for path in paths}
    head = ["operation", "ONNX op", "domain, opset", *graphs, "kernels on CPU", "kernels on CUDA"]
    rows = [head, ["---", "---", "---", *["---:"] * len(graphs), "---", "---"]]
    for fusion in FUSIONS:
        counts = [count(fusion, graph) for graph in graphs.values()]
        if any(counts):
            place = f"{fusion.domain} {fusion.since}"
            rows.append([fusion.operation, fusion.op, place, *map(str, counts), fusion.cpu, fusion.cuda])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
