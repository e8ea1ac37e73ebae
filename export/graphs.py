"""How a module becomes a graph: trace it, translate it, tidy it, and name everything in it.

What a graph takes and gives is `export.interface`; that its weights stay in the safetensors file is `export.weights`.
"""

from __future__ import annotations

import ast
import hashlib
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx_ir as ir
import torch
from onnx_ir.passes import common
from onnxscript import optimizer
from torch import Tensor, nn

from export.interface import Interface
from export.runtime.session import lengths
from export.translate import TABLE

OPSET = 23
EXAMPLE_LENGTHS = {"batch": 2, "pos": 3, "past": 5, "encoder": 7}
"""Lengths to trace with: none is 0 or 1, which a tracer takes for constants, and no two are equal by accident."""
MOST_SPELLED = 16
"""Numbers of a constant that are written out as its name."""
_PREFIX = "module."
"""Where the wrapper below holds the module."""


class _Wrapper(nn.Module):
    """The module with the graph's inputs and outputs as plain lists."""

    def __init__(self, module: nn.Module, interface: Interface) -> None:
        super().__init__()
        self.module = module
        self.interface = interface

    def forward(self, values: list[Tensor]) -> list[Tensor]:
        names = [port.name for port in self.interface.inputs]
        outputs = self.interface.call(self.module, dict(zip(names, values, strict=True)))
        return [outputs[port.name] for port in self.interface.outputs]


def build(module: nn.Module, interface: Interface, table: Mapping[Any, Callable[..., Any]] = TABLE) -> ir.Model:
    """The module as an ONNX graph, its weights in memory under the names of its state_dict.

    The module is put into evaluation mode and its parameters are frozen.

    Args:
        module: the module.
        interface: what the graph takes and gives.
        table: which semantic ops become which fused ones; one that is left out becomes what its body is made of.
    """
    program = _trace(module.eval().requires_grad_(False), interface)
    with _quiet():
        translated = torch.onnx.export(
            program,
            custom_translation_table=dict(table),
            opset_version=OPSET,
            input_names=[port.name for port in interface.inputs],
            output_names=[port.name for port in interface.outputs],
            optimize=False,
            verbose=False,
        )
    assert translated is not None
    model = translated.model
    for value in list(model.graph.initializers.values()):
        _rename(model.graph, value, (value.name or "").removeprefix(_PREFIX))
    _tidy(model, set(module.state_dict()))
    _set_ports(model.graph, interface)
    _name_nodes(model.graph)
    common.ClearMetadataAndDocStringPass()(model)
    model.producer_name, model.producer_version = "cutaway", None
    return model


def save(model: ir.Model, path: Path) -> None:
    """Writes a graph, which appears whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    ir.save(model, partial)
    partial.replace(path)


def _trace(module: nn.Module, interface: Interface) -> torch.export.ExportedProgram:
    chosen = lengths(**EXAMPLE_LENGTHS if "past" in interface.axes else EXAMPLE_LENGTHS | {"past": 0})
    examples = [
        torch.ones([axis if isinstance(axis, int) else chosen[axis] for axis in port.axes], dtype=port.dtype)
        for port in interface.inputs
    ]
    dynamic = [
        {index: torch.export.Dim.DYNAMIC for index, axis in enumerate(port.axes) if isinstance(axis, str)}
        for port in interface.inputs
    ]
    return torch.export.export(_Wrapper(module, interface), (examples,), dynamic_shapes=(dynamic,), strict=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch's exporter says of itself: that torchvision is absent, and of its own deprecations."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=FutureWarning, module="copyreg")
            yield
    finally:
        logger.setLevel(level)


def _tidy(model: ir.Model, weights: set[str]) -> None:
    """Folds, merges and drops nodes, while the weights pass for inputs, so that nothing is folded into them.

    What only training asks for, the balance loss, is among what is dropped: no output needs it.
    """
    graph = model.graph
    held = {name: graph.initializers.pop(name) for name in list(graph.initializers) if name in weights}
    tensors = {name: value.const_value for name, value in held.items()}
    for value in held.values():
        value.const_value = None
        graph.inputs.append(value)
    optimizer.optimize_ir(model)
    _state_reshapes(graph)
    _read_lengths_from_first_input(graph)
    common.RemoveUnusedNodesPass()(model)
    for name, value in held.items():
        graph.inputs.remove(value)
        value.const_value = tensors[name]
        if value.uses():
            graph.register_initializer(value)


def _state_reshapes(graph: ir.Graph) -> None:
    """Gives every Reshape a constant target where shapes allow: 0 keeps a length, -1 takes what is left.

    The exporter computes the target from the lengths of some other tensor: five nodes where a constant will do. Of two
    Reshapes in a row the first is passed over, and one that changes nothing is passed by.
    """
    for node in graph:
        if node.op_type != "Reshape":
            continue
        source, target = node.inputs[0], node.outputs[0]
        assert source is not None
        maker = source.producer()
        if maker is not None and maker.op_type == "Reshape":
            source = maker.inputs[0]
            node.replace_input_with(0, source)
        if source is None or source.shape is None or target.shape is None:
            continue
        if source.shape == target.shape and not source.is_graph_output():
            target.replace_all_uses_with(source, replace_graph_outputs=True)
            continue
        lengths = [
            length if isinstance(length, int) else 0 if source.shape[index : index + 1] == (length,) else -1
            for index, length in enumerate(target.shape)
        ]
        if lengths.count(-1) <= 1:
            node.replace_input_with(1, _constant(graph, lengths))
            node.attributes.pop("allowzero", None)


def _constant(graph: ir.Graph, numbers: list[int]) -> ir.Value:
    """An initializer that is called what it holds."""
    name = str(numbers)
    if name not in graph.initializers:
        graph.register_initializer(ir.Value(name=name, const_value=ir.tensor(numbers, dtype=ir.DataType.INT64)))
    return graph.initializers[name]


def _read_lengths_from_first_input(graph: ir.Graph) -> None:
    """Reads each dynamic length from the first input that has it; the exporter takes any, and not always the same."""
    first: dict[str, tuple[ir.Value, int]] = {}
    for value in graph.inputs:
        for index, length in enumerate(value.shape or ()):
            if isinstance(length, ir.SymbolicDim):
                first.setdefault(str(length.value), (value, index))
    for node in graph:
        if node.op_type == "Shape" and node.inputs[0] is not None and node.inputs[0].is_graph_input():
            lengths = node.inputs[0].shape
            assert lengths is not None
            value, index = first[str(lengths[node.attributes["start"].as_int()])]
            node.replace_input_with(0, value)
            node.attributes["start"] = ir.AttrInt64("start", index)
            node.attributes["end"] = ir.AttrInt64("end", index + 1)


def _set_ports(graph: ir.Graph, interface: Interface) -> None:
    """Names the outputs, and the dynamic lengths of every value after the axes that the interface names."""
    names: dict[str, str] = {}
    for value, port in zip(graph.inputs, interface.inputs, strict=True):
        for length, axis in zip(value.shape or (), port.axes, strict=True):
            if isinstance(length, ir.SymbolicDim):
                names.setdefault(str(length.value), str(axis))
    for node in graph:
        for value in node.outputs:
            if value.shape is not None:
                value.shape = ir.Shape([_renamed(length, names) for length in value.shape])
    for value, port in zip([*graph.inputs, *graph.outputs], [*interface.inputs, *interface.outputs], strict=True):
        value.name = port.name
        value.shape = ir.Shape(port.axes)


def _renamed(length: int | ir.SymbolicDim, names: Mapping[str, str]) -> int | str | None:
    if isinstance(length, int):
        return length
    if length.value is None:
        return None
    expression = str(length.value)
    return names.get(expression) or re.sub(r"\w+", lambda symbol: names.get(symbol[0], symbol[0]), expression)


def _name_nodes(graph: ir.Graph) -> None:
    """Names every node and its values after the module that it comes from: `blocks.0.attn.q/MatMul`."""
    for value in list(graph.initializers.values()):
        if value.const_value is not None and value.dtype == ir.DataType.INT64:
            _name_constant(graph, value)
    taken: dict[str, int] = {}
    for node in graph:
        scopes = ast.literal_eval(node.metadata_props.get("pkg.torch.onnx.name_scopes", "[]"))
        inner = [scope for scope in scopes if scope.startswith(_PREFIX)]
        scope = inner[-1].removeprefix(_PREFIX) if inner else ""
        name = f"{scope}/{node.op_type}" if scope else node.op_type
        taken[name] = taken.get(name, -1) + 1
        node.name = f"{name}_{taken[name]}" if taken[name] else name
        for index, value in enumerate(node.outputs):
            if not value.is_graph_output():
                value.name = f"{node.name}:{index}" if index else node.name


def _name_constant(graph: ir.Graph, value: ir.Value) -> None:
    """Calls an initializer what it holds, or by a digest of it where it holds much; of two that are alike one stays."""
    assert value.const_value is not None
    numbers = value.const_value.numpy()
    name = str(numbers.tolist())
    if numbers.size > MOST_SPELLED:
        name = f"int64 {list(numbers.shape)} {hashlib.sha256(numbers.tobytes()).hexdigest()[:16]}"
    alike = graph.initializers.get(name)
    if alike is None or alike is value:
        _rename(graph, value, name)
    else:
        value.replace_all_uses_with(alike)
        graph.initializers.pop(value.name or "")


def _rename(graph: ir.Graph, value: ir.Value, name: str) -> None:
    graph.initializers.pop(value.name or "")
    value.name = name
    graph.register_initializer(value)
