"""What a built graph looks like: its ports, its fused nodes, its names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnx_ir as ir
import onnxruntime as ort
import pytest
import torch
from torch import Tensor, nn

from export import census, families, graphs
from export.interface import Interface, Port
from export.runtime import GraphName
from model import taps
from tests.export.conftest import TINY, axes, load_graph

GRAPHS: tuple[GraphName, ...] = ("tapped", "fused")


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_has_exactly_one_fused_node_for_each_operation(tiny: Path, name: GraphName):
    nodes = census.in_file(tiny / f"{name}.onnx")
    assert nodes["Attention"] == 2
    assert nodes["RotaryEmbedding"] == 4
    assert nodes["RMSNormalization"] == 5
    assert nodes["MoE"] == 1
    assert not nodes.keys() & {"Softmax", "Einsum", "TopK", "OneHot", "If", "Loop"}, "something was decomposed"


def test_fused_nodes_follow_the_config():
    for interface in families.interfaces(TINY).values():
        assert interface.fused_nodes == {"Attention": 2, "RotaryEmbedding": 4, "RMSNormalization": 5, "MoE": 1}


def test_every_tap_is_an_output_with_the_axes_of_the_table(tiny: Path):
    outputs = {value.name: axes(value) for value in load_graph(tiny, "tapped").output}
    sizes: dict[str, int] = taps.sizes(TINY)
    for name, tap in taps.table(TINY).items():
        assert outputs[name] == tuple(sizes.get(axis, axis) for axis in tap.axes)
    assert outputs["logits"] == ("batch", "pos", 61)
    assert outputs["present.1.value"] == ("batch", 2, "key", 8)


def test_inputs_name_their_axes(tiny: Path):
    inputs = {value.name: axes(value) for value in load_graph(tiny, "tapped").input}
    assert inputs == {
        "input_ids": ("batch", "pos"),
        "attention_mask": ("batch", "query", "key"),
        "head_gate": (2, 4),
        "head_bias": (2, 4, 8),
        "mlp_gate": (2,),
        "mlp_bias": (2, 32),
        "neuron_gate": (2, 40),
        "expert_bias": (2, 4),
        **{f"past_key_values.{layer}.{role}": ("batch", 2, "past", 8) for layer in (0, 1) for role in ("key", "value")},
    }
    fused = [value.name for value in load_graph(tiny, "fused").input]
    assert fused == [name for name in inputs if not name.endswith(("_gate", "_bias"))]


@pytest.mark.parametrize("name", GRAPHS)
def test_angles_are_computed_once_for_all_blocks(tiny: Path, name: GraphName):
    nodes = census.in_file(tiny / f"{name}.onnx")
    assert (nodes["Cos"], nodes["Sin"], nodes["Range"]) == (1, 1, 1)


def test_an_identity_only_gives_a_second_name_to_a_tap(tiny: Path):
    assert census.in_file(tiny / "fused.onnx")["Identity"] == 0
    outputs = {value.name for value in load_graph(tiny, "tapped").output}
    for node in load_graph(tiny, "tapped").node:
        if node.op_type == "Identity":
            assert {*node.input, *node.output} <= outputs


def test_no_two_reshapes_follow_each_other_and_each_has_a_constant_target(tiny: Path):
    graph = load_graph(tiny, "tapped")
    made = {node.output[0] for node in graph.node if node.op_type == "Reshape"}
    constants = {value.name for value in graph.initializer}
    for node in graph.node:
        if node.op_type == "Reshape":
            assert node.input[0] not in made
            assert node.input[1] in constants


@pytest.mark.parametrize("name", GRAPHS)
def test_nodes_are_named_after_their_modules(tiny: Path, name: GraphName):
    names = Counter(node.name for node in load_graph(tiny, name).node)
    assert {
        "blocks.0.attn.q/MatMul",
        "blocks.1.attn/Attention",
        "blocks.1.mlp/MoE",
        "ln_final/RMSNormalization",
    } <= set(names)
    assert set(names.values()) == {1}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_says_nothing_of_the_machine_that_built_it(tiny: Path, name: GraphName):
    text = (tiny / f"{name}.onnx").read_bytes()
    assert b".py" not in text
    assert str(Path.cwd()).encode() not in text
    assert len(text) < 300_000


def test_lengths_are_read_from_the_first_input_that_has_them(tiny: Path):
    read = {(node.input[0]) for node in load_graph(tiny, "tapped").node if node.op_type == "Shape"}
    assert read == {"input_ids", "past_key_values.0.key"}


N_LONG = 2049
"""Numbers of a constant that the exporter's own tidying leaves as it is."""


class _ShiftedTwice(nn.Module):
    """Two constants that come to be alike in two ways, too long to be called what they hold."""

    def forward(self, ids: Tensor) -> Tensor:
        first, second = torch.arange(N_LONG).flip(0), N_LONG - 1 - torch.arange(N_LONG)
        return ids[:, None] * first + (ids[:, None] - second)


def test_of_two_constants_that_are_alike_one_stays_and_a_long_one_has_a_short_name():
    """DeBERTa's buckets of distances, one constant for each term of its scores, have thousands of numbers."""
    ids = Port("input_ids", ("pos",), torch.int64)
    shifted = Port("shifted", ("pos", N_LONG), torch.int64)
    module = _ShiftedTwice()
    interface = Interface((ids,), (shifted,), lambda module, inputs: {"shifted": module(inputs["input_ids"])}, {})
    model = graphs.build(module, interface)
    held = [value for value in model.graph.initializers.values() if value.shape == (N_LONG,)]
    assert len(held) == 1
    assert len(held[0].name or "") < 60
    session = ort.InferenceSession(ir.to_proto(model).SerializeToString())
    given = np.array([3, -4])
    (found,) = session.run(None, {"input_ids": given})
    np.testing.assert_array_equal(found, module(torch.from_numpy(given)).numpy())
