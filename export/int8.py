"""A graph with 8-bit weights: linear layers, experts and the embedding table read bytes and the scale of each block.

A block is 32 numbers of one row; its scale is its largest magnitude over 127, and a number is its byte less 128, times
the scale (the symmetric form of ONNX Runtime's MatMulNBits, GatherBlockQuantized and QMoE, which need not be told the
128). Norms, biases and positions are small and stay as they are, and so do routers: a rounding there would send a token
to other experts.

The bytes and the scales lie in a safetensors file of their own beside the checkpoint's; a table that embeds and
unembeds lies in it once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray
from onnx_ir.passes import common
from safetensors.numpy import save

from export import weights
from export.runtime import layout
from export.runtime.session import INT8_WEIGHTS, WEIGHTS

BLOCK = 32
"""Numbers with one scale. The kernels take powers of two from 16 on; at 32 a float16 scale adds half a bit a number."""
ZERO, LARGEST = 128, 127
INT8_ACTIVATIONS = 4
"""MatMulNBits' `accuracy_level`: what the weights are multiplied with may be rounded to bytes within the product, which
is what CPUs have instructions for; the fused 8-bit experts do it whatever they are told."""

Array = NDArray[Any]


def quantize(weight: Array) -> tuple[Array, Array]:
    """The bytes and the scales of a weight whose last axis is whole blocks.

    Args:
        weight: *Shape:* (..., n x 32).

    Returns:
        uint8, *Shape:* (..., n, 32), and float16, *Shape:* (..., n). The scale is rounded before the bytes are chosen,
        so that its own rounding costs nothing.
    """
    blocks = weight.reshape(*weight.shape[:-1], -1, BLOCK).astype(np.float64)
    scales = (np.abs(blocks).max(axis=-1) / LARGEST).astype(np.float16)
    divisors = np.where(scales > 0, scales, 1).astype(np.float64)[..., None]
    return (np.rint(blocks / divisors).clip(-LARGEST, LARGEST) + ZERO).astype(np.uint8), scales


def dequantize(numbers: Array, scales: Array) -> Array:
    """What the kernels take a quantized weight for: the inverse of `quantize`, up to its rounding."""
    blocks = (numbers.astype(np.float64) - ZERO) * scales.astype(np.float64)[..., None]
    return blocks.reshape(*blocks.shape[:-2], -1)


@dataclass
class Quantized:
    """What of a graph was quantized."""

    tensors: dict[str, Array] = field(default_factory=dict)
    """The bytes and the scales of each weight, as the safetensors file holds them."""
    initializers: dict[str, str] = field(default_factory=dict)
    """Which of these tensors each initializer of the graph is; the same bytes may have two shapes there."""


def rewrite(model: ir.Model) -> Quantized:
    """Puts 8-bit operators in the place of those that read a large weight.

    Raises:
        ValueError: no weight's rows are whole blocks.
    """
    graph = model.graph
    rewriter = _Rewriter(graph)
    for node in list(graph):
        match node.op_type:
            case "MatMul":
                rewriter.linear(node)
            case "Gather":
                rewriter.embedding(node)
            case "MoE":
                rewriter.experts(node)
    if not rewriter.made.tensors:
        raise ValueError(f"no weight has rows of whole blocks of {BLOCK} numbers; --precision fp16 takes any")
    graph.opset_imports["com.microsoft"] = 1
    common.RemoveUnusedNodesPass()(model)
    return rewriter.made


def store(made: Iterable[tuple[ir.Model, Quantized]], folder: Path) -> None:
    """Writes the bytes and the scales of a checkpoint's graphs, and points the graphs at them and at its other weights.

    The file says of which weights it was made, so that no graph mixes two trainings.
    """
    path, pairs = folder / INT8_WEIGHTS, list(made)
    partial = path.with_name(f"{path.name}.partial")
    tensors = {name: tensor for _, quantized in pairs for name, tensor in quantized.tensors.items()}
    partial.write_bytes(save(tensors, {layout.MADE_OF: layout.digest(folder / WEIGHTS)}))
    partial.replace(path)
    for model, quantized in pairs:
        weights.point_into(model, path, quantized.initializers)
        model.metadata_props[layout.INT8_FINGERPRINT] = layout.fingerprint(path)
        weights.point_into(model, folder / WEIGHTS)


class _Rewriter:
    """Puts one node in the place of another, and keeps what the new ones read."""

    def __init__(self, graph: ir.Graph) -> None:
        self.graph = graph
        self.made = Quantized()

    def linear(self, node: ir.Node) -> None:
        """The product x W^T by a stored W, *Shape:* (out, in), unless it is a router's."""
        x, transposed = node.inputs
        maker = transposed.producer() if transposed is not None else None
        weight = maker.inputs[0] if maker is not None and maker.op_type == "Transpose" else None
        if weight is None or not _has_blocks(weight) or str(weight.name).endswith("router.weight"):
            return
        n_out, n_in = _shape(weight)
        sizes = {"N": n_out, "K": n_in, "accuracy_level": INT8_ACTIVATIONS}
        read = [x, *self._stored(weight, "blocks", (n_out, n_in // BLOCK, BLOCK))]
        self._replace(node, "MatMulNBits", read, {"bits": 8, "block_size": BLOCK, **sizes})

    def embedding(self, node: ir.Node) -> None:
        """A row of the vocabulary's table for each token; other tables are small."""
        table, ids = node.inputs
        if table is None or table.name != "embed.weight" or not _has_blocks(table):
            return
        numbers, scales = self._stored(table, "rows", _shape(table))
        axes = {"gather_axis": 0, "quantize_axis": 1}
        self._replace(node, "GatherBlockQuantized", [numbers, ids, scales], {"bits": 8, "block_size": BLOCK, **axes})

    def experts(self, node: ir.Node) -> None:
        """The same experts, if the rows of both their tensors are whole blocks."""
        x, router_logits, w_in, _, w_out = node.inputs
        assert w_in is not None
        assert w_out is not None
        if not (_has_blocks(w_in) and _has_blocks(w_out)):
            return
        read = [x, router_logits, *self._stored(w_in, "rows", _shape(w_in)), None]
        read += self._stored(w_out, "rows", _shape(w_out))
        routing = {name: attribute.value for name, attribute in node.attributes.items()}
        self._replace(node, "QMoE", read, {**routing, "expert_weight_bits": 8, "block_size": BLOCK})

    def _stored(self, weight: ir.Value, kind: str, shape: tuple[int, ...]) -> list[ir.Value]:
        """The bytes of a weight, in the shape that an operator wants, and their scales; quantized when first asked."""
        assert weight.const_value is not None
        bytes_, scales = f"{weight.name}/int8", f"{weight.name}/scales"
        if bytes_ not in self.made.tensors:
            numbers, self.made.tensors[scales] = quantize(weight.const_value.numpy())
            self.made.tensors[bytes_] = numbers.reshape(_shape(weight))
        numbers = self.made.tensors[bytes_].reshape(shape)
        return [
            self._initializer(f"{bytes_}/{kind}", bytes_, numbers),
            self._initializer(scales, scales, self.made.tensors[scales].astype(np.float32)),
        ]

    def _initializer(self, name: str, tensor: str, numbers: Array) -> ir.Value:
        if name not in self.graph.initializers:
            held = ir.tensor(numbers, name=name)
            type_, shape = ir.TensorType(held.dtype), ir.Shape(numbers.shape)
            self.graph.register_initializer(ir.Value(name=name, type=type_, shape=shape, const_value=held))
            self.made.initializers[name] = tensor
        return self.graph.initializers[name]

    def _replace(self, node: ir.Node, op: str, inputs: list[ir.Value | None], attributes: dict[str, Any]) -> None:
        (old,) = node.outputs
        new = ir.node(op, inputs, attributes, domain="com.microsoft", name=str(node.name).replace(node.op_type, op))
        new.outputs[0].shape, new.outputs[0].type = old.shape, old.type
        self.graph.insert_before(node, new)
        old.replace_all_uses_with(new.outputs[0], replace_graph_outputs=True)
        new.outputs[0].name, old.name = old.name, None
        self.graph.remove(node, safe=True)


def _has_blocks(weight: ir.Value) -> bool:
    """Whether it is stored, and its rows are whole blocks."""
    return weight.const_value is not None and _shape(weight)[-1] % BLOCK == 0


def _shape(weight: ir.Value) -> tuple[int, ...]:
    assert weight.const_value is not None
    return tuple(weight.const_value.shape.numpy())
