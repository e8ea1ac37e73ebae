"""Graphs from elsewhere: what ours hold passes, and whatever else a file may hold does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper

from export.runtime import confined
from export.runtime.confined import UnconfinedError
from model import zoo

GRAPHS = sorted(zoo.CHECKPOINTS.glob("*/*.onnx"))
SOURCE = zoo.CHECKPOINTS / "gpt-rope"


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_our_own_graphs_are_confined(path: Path) -> None:
    confined.check(path)


def outside(model: ModelProto) -> TensorProto:
    """A tensor that lies in the weights' file."""
    return next(tensor for tensor in model.graph.initializer if tensor.external_data)


def say(tensor: TensorProto, key: str, value: str) -> None:
    """Changes where a tensor is said to lie."""
    next(entry for entry in tensor.external_data if entry.key == key).value = value


def foreign_operator(model: ModelProto) -> None:
    model.graph.node[0].domain = "my.library"


def unknown_operator(model: ModelProto) -> None:
    model.graph.node[0].op_type = "ReadFile"


def contrib_operator(model: ModelProto) -> None:
    model.graph.node[0].domain, model.graph.node[0].op_type = "com.microsoft", "PyOp"


def control_flow(model: ModelProto) -> None:
    model.graph.node[0].op_type = "Loop"


def inner_graph(model: ModelProto) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("body", helper.make_graph([], "inner", [], [])))


def function(model: ModelProto) -> None:
    node = model.graph.node[0]
    model.functions.append(helper.make_function("own", "Own", [], [], [node], [helper.make_opsetid("", 23)]))


def sparse(model: ModelProto) -> None:
    tensor = helper.make_tensor("s", TensorProto.FLOAT, [1], [1.0])
    where = helper.make_tensor("i", TensorProto.INT64, [1], [0])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(tensor, where, [4]))


def attribute_outside(model: ModelProto) -> None:
    tensor = TensorProto()
    tensor.CopyFrom(outside(model))
    say(tensor, "location", "secret.bin")
    model.graph.node[0].attribute.append(helper.make_attribute("value", tensor))


def said_twice(model: ModelProto) -> None:
    entry = outside(model).external_data.add()
    entry.key, entry.value = "location", "model.safetensors"


def without_entries(model: ModelProto) -> None:
    tensor = outside(model)
    del tensor.external_data[:]
    tensor.data_location = TensorProto.EXTERNAL


def elsewhere(place: str) -> Callable[[ModelProto], None]:
    return lambda model: say(outside(model), "location", place)


def at(key: str, value: str) -> Callable[[ModelProto], None]:
    return lambda model: say(outside(model), key, value)


CHANGES: dict[str, tuple[Callable[[ModelProto], None], str]] = {
    "a library's operator": (foreign_operator, "asks for the operator"),
    "an unknown operator": (unknown_operator, "asks for the operator"),
    "another operator of Microsoft's": (contrib_operator, "asks for the operator"),
    "control flow": (control_flow, "asks for the operator"),
    "a graph in a node": (inner_graph, "a graph within a node"),
    "a function": (function, "functions of its own"),
    "a sparse tensor": (sparse, "sparse"),
    "a file of the system": (elsewhere("/etc/passwd"), "weights lie in model.safetensors alone"),
    "a file above": (elsewhere("../model.safetensors"), "weights lie in model.safetensors alone"),
    "a file beside": (elsewhere("tokenizer.json"), "weights lie in model.safetensors alone"),
    "another name of it": (elsewhere("./model.safetensors"), "weights lie in model.safetensors alone"),
    "an attribute outside": (attribute_outside, "weights lie in model.safetensors alone"),
    "a place past the end": (at("offset", "99999999999"), "past the end"),
    "a length past the end": (at("length", "99999999999"), "past the end"),
    "a place before the beginning": (at("offset", "-8"), "does not say where"),
    "a place that is no number": (at("offset", "0x10"), "does not say where"),
    "a place said twice": (said_twice, "says twice"),
    "no place": (without_entries, "weights lie in model.safetensors alone"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copyfile(SOURCE / "model.safetensors", tmp_path / "model.safetensors")
    return tmp_path


@pytest.mark.parametrize("name", CHANGES)
def test_what_none_of_ours_holds_is_refused(name: str, folder: Path) -> None:
    change, sentence = CHANGES[name]
    model = onnx.load(SOURCE / "tapped.onnx", load_external_data=False)
    path = folder / "tapped.onnx"
    path.write_bytes(model.SerializeToString())
    confined.check(path)
    change(model)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UnconfinedError, match=sentence):
        confined.check(path)


def test_a_file_cut_off_anywhere_or_of_nonsense_is_no_graph(folder: Path) -> None:
    whole, path = (SOURCE / "fused.onnx").read_bytes(), folder / "fused.onnx"
    for length in (0, 1, 7, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(UnconfinedError):
            confined.check(path)

    @given(st.binary(max_size=200))
    def nonsense(data: bytes) -> None:
        path.write_bytes(data)
        with pytest.raises(UnconfinedError):
            confined.check(path)

    nonsense()


def test_a_graph_has_a_largest_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MOST_BYTES", 1_000)
    shutil.copyfile(SOURCE / "fused.onnx", folder / "fused.onnx")
    with pytest.raises(UnconfinedError, match="1,000 are the most of a graph"):
        confined.check(folder / "fused.onnx")
