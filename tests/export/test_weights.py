"""Weights that stay in the safetensors file, and graphs that point there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime as ort
import pytest
from safetensors.numpy import load_file, save_file

from export import weights
from export.runtime import GraphName, layout
from model.config import PRESETS, GPTConfig
from tests.export.conftest import TINY


def adder(shape: list[int]) -> ir.Model:
    """A graph that adds the weight `w` to its input."""
    x = ir.Value(name="x", type=ir.TensorType(ir.DataType.FLOAT), shape=ir.Shape(shape))
    w = ir.Value(
        name="w",
        type=ir.TensorType(ir.DataType.FLOAT),
        shape=ir.Shape(shape),
        const_value=ir.tensor(np.zeros(shape, np.float32)),
    )
    node = ir.node("Add", [x, w])
    (y,) = node.outputs
    y.name, y.type, y.shape = "y", x.type, x.shape
    graph = ir.Graph([x], [y], nodes=[node], initializers=[w], opset_imports={"": 23})
    return ir.Model(graph, ir_version=10)


@pytest.mark.parametrize("name", ["tapped", "fused"])
def test_every_weight_points_at_its_bytes_in_the_safetensors_file(tiny: Path, name: GraphName):
    stored = load_file(tiny / "model.safetensors")
    whole = (tiny / "model.safetensors").read_bytes()
    graph = onnx.load(tiny / f"{name}.onnx", load_external_data=False).graph
    pointing = {tensor.name: tensor for tensor in graph.initializer if tensor.external_data}
    assert pointing.keys() == stored.keys()
    for tensor in pointing.values():
        place = {entry.key: entry.value for entry in tensor.external_data}
        assert place["location"] == "model.safetensors"
        begin, length = int(place["offset"]), int(place["length"])
        assert whole[begin : begin + length] == stored[tensor.name].tobytes()
        assert tensor.data_type == onnx.TensorProto.FLOAT16


@pytest.mark.parametrize("name", ["tapped", "fused"])
def test_a_graph_holds_no_weights_of_its_own(tiny: Path, name: GraphName):
    graph = onnx.load(tiny / f"{name}.onnx", load_external_data=False).graph
    held = {
        tensor.name: onnx.numpy_helper.to_array(tensor).nbytes
        for tensor in graph.initializer
        if not tensor.external_data
    }
    assert held.pop("positions.frequencies") == 4 * TINY.head_width / 2
    assert all(size <= 32 for size in held.values()), held
    assert not [node for node in graph.node if node.op_type == "Constant"]


@pytest.mark.parametrize(("dtype", "n_casts"), [(np.float32, 0), (np.float16, 1)])
def test_weights_in_half_precision_pass_through_one_cast(tmp_path: Path, dtype: type, n_casts: int):
    values: np.ndarray = np.array([[1.5, -2.0]], dtype)
    save_file({"other": np.zeros(3, dtype), "w": values}, tmp_path / "model.safetensors")
    model = adder([1, 2])
    weights.point_into(model, tmp_path / "model.safetensors")
    assert [node.op_type for node in model.graph].count("Cast") == n_casts
    ir.save(model, tmp_path / "add.onnx")
    session = ort.InferenceSession(tmp_path / "add.onnx", providers=["CPUExecutionProvider"])
    (sums,) = session.run(None, {"x": np.ones((1, 2), np.float32)})
    np.testing.assert_array_equal(sums, [[2.5, -1.0]])


def test_a_weight_of_another_shape_is_refused(tmp_path: Path):
    save_file({"w": np.zeros((2, 2), np.float16)}, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=r"w has shape \(2, 2\)"):
        weights.point_into(adder([1, 2]), tmp_path / "model.safetensors")


def test_a_weight_of_a_type_that_is_none_of_a_weight_is_refused(tmp_path: Path):
    save_file({"w": np.zeros((1, 2), np.int8)}, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="w is of type I8"):
        weights.point_into(adder([1, 2]), tmp_path / "model.safetensors")


def test_slots_are_where_safetensors_says(tmp_path: Path):
    tensors: dict[str, np.ndarray] = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.arange(3, dtype=np.float16),
    }
    path = tmp_path / "model.safetensors"
    save_file(tensors, path, metadata={"format": "np"})
    found = layout.slots(path)
    assert found.keys() == tensors.keys()
    for name, slot in found.items():
        assert slot.shape == tensors[name].shape
        assert path.read_bytes()[slot.offset : slot.offset + slot.length] == tensors[name].tobytes()


def test_a_fingerprint_knows_the_layout_and_not_the_values(tmp_path: Path):
    def fingerprint(**tensors: np.ndarray) -> str:
        save_file(tensors, tmp_path / "model.safetensors")
        return layout.fingerprint(tmp_path / "model.safetensors")

    zeros = fingerprint(a=np.zeros(4), b=np.zeros(2))
    assert fingerprint(a=np.ones(4), b=np.ones(2)) == zeros
    assert fingerprint(a=np.zeros(2), b=np.zeros(4)) != zeros
    assert fingerprint(a=np.zeros(4), c=np.zeros(2)) != zeros


def test_the_preset_is_one_that_these_tests_speak_for():
    """TINY has every kind of part that the bundled GPT has."""
    bundled = PRESETS["gpt"]
    assert isinstance(bundled, GPTConfig)
    assert isinstance(bundled, GPTConfig)
    assert bundled.positions == TINY.positions
    assert (bundled.norm, bundled.activation, bundled.gated_mlp, bundled.bias) == (
        TINY.norm,
        TINY.activation,
        TINY.gated_mlp,
        TINY.bias,
    )
    assert 1 < bundled.kv_heads < bundled.n_heads
    assert bundled.experts is not None
    assert 0 < len(bundled.expert_layers) < bundled.n_layers
