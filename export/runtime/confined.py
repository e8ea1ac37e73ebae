"""Whether a graph from elsewhere is confined: it names operators that our exporter writes and no others, has no
functions and no graphs within its nodes, and every tensor that lies outside of it lies in the one weights file beside
it.

A graph is data, but ONNX Runtime would find operators by name and read files by path. So the file is walked here, field
by field, before it is given to it. The form is that of protobuf, the field numbers are those of onnx.proto
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). No onnx here: serving does without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

WEIGHTS = "model.safetensors"
OPERATORS = frozenset(
    {
        *("Abs", "Add", "And", "Attention", "Cast", "Clip", "Concat", "Constant", "ConstantOfShape", "Conv", "Cos"),
        *("CumSum", "Div", "Equal", "Erf", "Exp", "Expand", "Flatten", "Gather", "GatherElements", "Gelu", "Gemm"),
        *("Greater", "GreaterOrEqual", "Identity", "LayerNormalization", "Less", "LessOrEqual", "Log", "MatMul"),
        *("Max", "Min", "Mod", "Mul", "Neg", "Not", "Or", "Pow", "RMSNormalization", "Range", "Reciprocal"),
        *("ReduceMax", "ReduceMean", "ReduceSum", "Relu", "Reshape", "RotaryEmbedding", "ScatterElements", "Shape"),
        *("Sigmoid", "Sin", "Slice", "Softmax", "Split", "Sqrt", "Squeeze", "Sub", "Tanh", "TopK", "Transpose"),
        *("Unsqueeze", "Where"),
    }
)
"""Of the standard: arithmetic on tensors, no control flow, no files, no randomness."""
OF_MICROSOFT = frozenset({"MoE"})
DOMAINS = {b"": OPERATORS, b"ai.onnx": OPERATORS, b"com.microsoft": OF_MICROSOFT}
MOST_BYTES = 64 * 2**20
"""Of a graph, whose weights lie elsewhere."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MODEL = {"graph": 7, "opset": 8, "training": 20, "functions": 25}
GRAPH = {"node": 1, "initializer": 5, "sparse": 15}
NODE = {"operator": 4, "attribute": 5, "domain": 7}
ATTRIBUTE = {"tensor": 5, "graph": 6, "tensors": 10, "graphs": 11, "sparse": 22, "sparses": 23}
TENSOR = {"outside": 13, "location": 14}
ENTRY = {"key": 1, "value": 2}


class UnconfinedError(ValueError):
    """A graph holds what none of ours does; the message names it."""


def check(path: Path) -> None:
    """Walks a graph that lies beside its weights.

    Raises:
        UnconfinedError: it is not confined, or no graph.
    """
    if (size := path.stat().st_size) > MOST_BYTES:
        raise UnconfinedError(f"{path.name} holds {size:,} bytes; {MOST_BYTES:,} are the most of a graph")
    weights = path.with_name(WEIGHTS).stat().st_size
    try:
        model = list(fields(path.read_bytes()))
    except (IndexError, UnconfinedError):
        raise UnconfinedError(f"{path.name} is no graph") from None
    if any(number in (MODEL["training"], MODEL["functions"]) for number, _ in model):
        raise UnconfinedError(f"{path.name} defines functions of its own")
    graphs = [value for number, value in model if number == MODEL["graph"]]
    if not graphs:
        raise UnconfinedError(f"{path.name} is no graph")
    try:
        for graph in graphs:
            _graph(path.name, graph, weights)
    except IndexError:
        raise UnconfinedError(f"{path.name} is no graph") from None


def _graph(name: str, data: bytes | int, weights: int) -> None:
    for number, value in fields(data):
        if number == GRAPH["sparse"]:
            raise UnconfinedError(f"{name} holds a sparse tensor")
        if number == GRAPH["initializer"]:
            _tensor(name, value, weights)
        if number == GRAPH["node"]:
            _node(name, value, weights)


def _node(name: str, data: bytes | int, weights: int) -> None:
    parts = list(fields(data))
    domains = {value for number, value in parts if number == NODE["domain"]} or {b""}
    operators = {value for number, value in parts if number == NODE["operator"]}
    for domain in domains:
        for operator in operators:
            known = DOMAINS.get(domain, frozenset()) if isinstance(domain, bytes) else frozenset()
            if not isinstance(operator, bytes) or operator.decode("utf-8", "replace") not in known:
                raise UnconfinedError(
                    f"{name} asks for the operator {domain!r} {operator!r}, which no graph of ours has"
                )
    for number, value in parts:
        if number != NODE["attribute"]:
            continue
        for kind, part in fields(value):
            if kind in (ATTRIBUTE["graph"], ATTRIBUTE["graphs"], ATTRIBUTE["sparse"], ATTRIBUTE["sparses"]):
                raise UnconfinedError(f"{name} holds a graph within a node")
            if kind in (ATTRIBUTE["tensor"], ATTRIBUTE["tensors"]):
                _tensor(name, part, weights)


def _tensor(name: str, data: bytes | int, weights: int) -> None:
    """Holds what lies outside against the weights' file: exactly one place within it."""
    parts = list(fields(data))
    if not any(number in TENSOR.values() and value for number, value in parts):
        return
    said: dict[bytes | int, bytes | int] = {}
    for number, entry in parts:
        if number == TENSOR["outside"]:
            pair = dict(fields(entry))
            key = pair.get(ENTRY["key"], b"")
            if key in said:
                raise UnconfinedError(f"{name} says twice where a tensor lies")
            said[key] = pair.get(ENTRY["value"], b"")
    if said.get(b"location") != WEIGHTS.encode():
        raise UnconfinedError(f"{name} reads {said.get(b'location')!r}; weights lie in {WEIGHTS} alone")
    begin, length = (_number(name, said.get(key)) for key in (b"offset", b"length"))
    if set(said) != {b"location", b"offset", b"length"} or begin + length > weights:
        raise UnconfinedError(f"{name} reads past the end of {WEIGHTS}")


def _number(name: str, value: bytes | int | None) -> int:
    if not isinstance(value, bytes) or not value.isdigit() or len(value) > 18:
        raise UnconfinedError(f"{name} does not say where a tensor lies")
    return int(value)


def fields(data: bytes | int) -> Iterator[tuple[int, bytes | int]]:
    """The fields of a message: number, and a whole number or bytes. Raises IndexError, UnconfinedError on nonsense."""
    if isinstance(data, int):
        raise UnconfinedError("a number stands where a message should")
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            length, at = _varint(data, at)
        elif kind in (FIXED64, FIXED32):
            length = 8 if kind == FIXED64 else 4
        else:
            raise UnconfinedError("a field is of no known kind")
        if at + length > len(data):
            raise IndexError
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise UnconfinedError("a number has no end")
