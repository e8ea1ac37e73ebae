"""A graph in half precision: every number that comes from the weights is a float16, the others stay what they were.

What depends on positions alone (angles, slopes, distances) keeps float32 and is rounded where it meets the others: half
precision cannot even count past 2,048. The stored weights are pointed at as before, so float16 ones are read as they
lie. Heads give float32 again, for whoever takes a softmax of them; caches stay in float16, half as large.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from export.runtime.session import HEADS

LARGEST = float(np.finfo(np.float16).max)


def halve(model: ir.Model, weights: set[str]) -> None:
    """Turns a float32 graph as `export.graphs` builds it into float16.

    Args:
        weights: the names of its trained tensors.

    Raises:
        ValueError: a weight is too large for float16.
    """
    graph = model.graph
    halved = _Halved(graph)
    for name in weights & graph.initializers.keys():
        value = graph.initializers[name]
        assert value.const_value is not None
        if value.dtype == ir.DataType.FLOAT:
            if (largest := float(np.abs(value.const_value.numpy()).max(initial=0.0))) > LARGEST:
                raise ValueError(f"{name} holds {largest:g}; float16 ends at {LARGEST:g}: use --precision int8")
            halved.turn(value)
    for value in graph.inputs:
        if value.dtype == ir.DataType.FLOAT:
            halved.turn(value)
    for node in list(graph):
        if any(value in halved.values for value in node.inputs if value is not None):
            halved.read_by(node)
            for value in node.outputs:
                if value.dtype == ir.DataType.FLOAT:
                    halved.turn(value)
    for index, value in enumerate(graph.outputs):
        if value.name in HEADS and value in halved.values:
            graph.outputs[index] = halved.widen(value)


class _Halved:
    """The values of a graph that are float16 by now."""

    def __init__(self, graph: ir.Graph) -> None:
        self.graph = graph
        self.values: set[ir.Value] = set()
        self._rounded: dict[ir.Value, ir.Value] = {}

    def turn(self, value: ir.Value) -> None:
        """Declares a value to be float16."""
        value.type = ir.TensorType(ir.DataType.FLOAT16)
        self.values.add(value)

    def read_by(self, node: ir.Node) -> None:
        """Rounds what else of float32 the node reads."""
        for index, value in enumerate(node.inputs):
            if value is not None and value.dtype == ir.DataType.FLOAT:
                node.replace_input_with(index, self._round(value))

    def _round(self, value: ir.Value) -> ir.Value:
        """The value in float16: an initializer rounded here, anything else by a Cast."""
        if value not in self._rounded:
            name = f"{value.name}/half"
            if value.const_value is not None:
                numbers = value.const_value.numpy().astype(np.float16)
                rounded = ir.Value(name=name, const_value=ir.tensor(numbers, name=name))
                self.graph.register_initializer(rounded)
            else:
                rounded = self._cast(value, ir.DataType.FLOAT16, name)
            self._rounded[value] = rounded
        return self._rounded[value]

    def widen(self, value: ir.Value) -> ir.Value:
        """A head's output as float32, under the name that it had."""
        name = value.name
        value.name = f"{name}/half"
        wide = self._cast(value, ir.DataType.FLOAT, f"{name}/Cast")
        wide.name = name
        return wide

    def _cast(self, value: ir.Value, to: ir.DataType, name: str) -> ir.Value:
        node = ir.node("Cast", [value], {"to": to}, name=name)
        cast = node.outputs[0]
        cast.name, cast.shape, cast.type = name, value.shape, ir.TensorType(to)
        producer = value.producer()
        assert producer is not None
        self.graph.insert_after(producer, node)
        return cast
