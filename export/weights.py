"""Safetensors as ONNX external data: a graph's weights stay where they are, in the checkpoint's one file.

An ONNX initializer may name a file, an offset and a length in place of its numbers. Weights stored in half precision
pass through a Cast, which ONNX Runtime folds when it loads the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import onnx_ir as ir
import torch

from export.runtime.layout import FINGERPRINT, Slot, fingerprint, slots

FLOATS = {"F32": ir.DataType.FLOAT, "F16": ir.DataType.FLOAT16, "BF16": ir.DataType.BFLOAT16}
DTYPES = FLOATS | {"U8": ir.DataType.UINT8}


def narrowed(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers in the smallest type that holds every one of them: what a published file had, exactly."""
    for dtype in (torch.float16, torch.bfloat16):
        if torch.equal(tensor.to(dtype).to(tensor.dtype), tensor):
            return tensor.to(dtype)
    return tensor


def point_into(model: ir.Model, path: Path, stored: Mapping[str, str] | None = None) -> None:
    """Makes every initializer that the safetensors file holds point into it.

    The file is named relatively: the graph belongs into the same folder.

    Args:
        stored: which tensor of the file each initializer is, its bytes perhaps in another shape; the one of the same
            name and shape unless given.

    Raises:
        ValueError: a tensor of the file has another shape than the graph's, or a type that no graph takes as weights.
    """
    graph = model.graph
    file = slots(path)
    for name, value in list(graph.initializers.items()):
        if stored is None and name in file:
            _externalize(graph, value, file[name], path)
        elif stored is not None and name in stored:
            assert value.shape is not None
            _externalize(graph, value, replace(file[stored[name]], shape=value.shape.numpy()), path)
    model.metadata_props[FINGERPRINT] = fingerprint(path)


def _externalize(graph: ir.Graph, value: ir.Value, slot: Slot, path: Path) -> None:
    name = value.name
    if slot.dtype not in FLOATS and DTYPES.get(slot.dtype) != value.dtype:
        raise ValueError(f"{name} is of type {slot.dtype} in {path}; weights may be {', '.join(FLOATS)}")
    if value.shape is None or tuple(value.shape) != slot.shape:
        raise ValueError(f"{name} has shape {slot.shape} in {path}, but {value.shape} in the graph")
    assert name is not None
    dtype, shape = DTYPES[slot.dtype], ir.Shape(slot.shape)
    place = ir.ExternalTensor(path.name, slot.offset, slot.length, dtype, shape=shape, name=name, base_dir=path.parent)
    stored = ir.Value(name=name, type=ir.TensorType(dtype), shape=shape, const_value=place)
    graph.initializers.pop(name)
    graph.register_initializer(stored)
    if dtype == value.dtype:
        value.replace_all_uses_with(stored)
        return
    assert value.dtype is not None
    cast = ir.node("Cast", [stored], {"to": value.dtype}, name=f"{name}/Cast")
    widened = cast.outputs[0]
    widened.name, widened.shape, widened.type = cast.name, shape, value.type
    value.replace_all_uses_with(widened)
    graph.insert_before(graph[0], cast)
