"""The graphs of a T5: the whole of it tapped, and the encoder and the decoder that generate text."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export import census, families, parity
from export.runtime import GraphName
from export.runtime.session import Cache, Session
from model import taps
from model.config import Place
from model.transformer.capture import capture
from tests.export.conftest import TINY_T5, Verified, axes, build, failures, load_graph, write_checkpoint

GRAPHS: tuple[GraphName, ...] = ("tapped", "encoder", "decoder")
RNG = np.random.default_rng(1)
READ = RNG.integers(0, TINY_T5.d_vocab, (3, 45))
WRITTEN = RNG.integers(0, TINY_T5.d_vocab, (3, 30))
"""Both longer than n_ctx and than the largest distance that has a bucket of its own."""
REAL = np.arange(45) < np.array([[45], [30], [9]])


@pytest.fixture(scope="module")
def cross(tiny_t5: Path) -> Cache:
    """What the decoder looks across at, of READ without its padding."""
    given = Session(tiny_t5, "encoder").run(READ, attention_mask=REAL[:, None]).cross
    assert given is not None
    return given


@pytest.mark.parametrize(
    ("name", "attentions", "norms"), [("tapped", 8, 15), ("encoder", 2, 5), ("decoder", 6, 10)], ids=GRAPHS
)
def test_a_graph_has_exactly_one_fused_node_for_each_operation(
    tiny_t5: Path, name: GraphName, attentions: int, norms: int
):
    nodes = census.in_file(tiny_t5 / f"{name}.onnx")
    assert (nodes["Attention"], nodes["RMSNormalization"]) == (attentions, norms)
    assert not nodes.keys() & {"Softmax", "ReduceMean", "Einsum", "If", "Loop"}, "something was decomposed"
    assert not census.missing(tiny_t5, name)


def test_of_one_that_says_nothing_the_decoders_last_stream_is_given(tmp_path: Path):
    silent = dataclasses.replace(TINY_T5, head="none", n_layers=1, n_decoder_layers=1)
    build(write_checkpoint(tmp_path, silent), *GRAPHS)
    differences = parity.compare(tmp_path, GRAPHS)
    assert not failures(differences)
    assert "logits" not in differences
    assert differences["hidden"].keys() == {"eager float32", "tapped", "decoder"}
    assert not any(census.missing(tmp_path, graph) for graph in GRAPHS)


@pytest.mark.parametrize(("name", "stacks"), [("tapped", 2), ("encoder", 1), ("decoder", 1)], ids=GRAPHS)
def test_distances_become_buckets_once_for_all_blocks_of_a_stack(tiny_t5: Path, name: GraphName, stacks: int):
    assert census.in_file(tiny_t5 / f"{name}.onnx")["Log"] == stacks


@pytest.mark.parametrize("name", GRAPHS)
def test_scores_are_not_scaled_and_self_attention_adds_its_bias_in_the_mask(tiny_t5: Path, name: GraphName):
    graph = load_graph(tiny_t5, name)
    masks = {}
    makers = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        if node.op_type == "Attention":
            scale = next(attribute.f for attribute in node.attribute if attribute.name == "scale")
            assert scale == 1.0
            masks[node.name] = makers[node.input[3]].op_type
    assert {mask for name, mask in masks.items() if "cross_attn" not in name} == {"Where"}
    assert {mask for name, mask in masks.items() if "cross_attn" in name} <= {"Unsqueeze"}


def test_ports_name_their_axes(tiny_t5: Path):
    def ports(name: GraphName, side: str) -> dict[str, tuple[str | int, ...]]:
        return {value.name: axes(value) for value in getattr(load_graph(tiny_t5, name), side)}

    roles = [(layer, role) for layer in range(3) for role in ("key", "value")]
    text = {"input_ids": ("batch", "pos"), "attention_mask": ("batch", "query", "key")}
    assert ports("encoder", "input") == text
    assert ports("encoder", "output") == {f"cross_key_values.{n}.{role}": ("batch", "pos", 48) for n, role in roles}
    assert ports("decoder", "input") == {
        **text,
        "cross_attention_mask": ("batch", "query", "encoder"),
        **{f"past_key_values.{n}.{role}": ("batch", 4, "past", 12) for n, role in roles},
        **{f"cross_key_values.{n}.{role}": ("batch", "encoder", 48) for n, role in roles},
    }
    assert ports("decoder", "output") == {
        "logits": ("batch", "pos", 61),
        **{f"present.{n}.{role}": ("batch", 4, "key", 12) for n, role in roles},
    }
    tapped = ports("tapped", "input")
    assert tapped["input_ids"] == ("batch", "encoder")
    assert tapped["decoder_input_ids"] == ("batch", "decoder")
    assert tapped["cross_attention_mask"] == ("batch", "decoder", "encoder")
    assert (tapped["head_gate"], tapped["decoder_head_gate"], tapped["cross_head_gate"]) == ((2, 4), (3, 4), (3, 4))
    assert (tapped["mlp_gate"], tapped["decoder_mlp_gate"], tapped["cross_head_bias"]) == ((2,), (3,), (3, 4, 12))
    assert (tapped["neuron_gate"], tapped["decoder_neuron_gate"]) == ((2, 40), (3, 40))
    assert not {"cross_mlp_gate", "cross_neuron_gate"} & tapped.keys()
    outputs = ports("tapped", "output")
    assert outputs.keys() == {"logits", *taps.table(TINY_T5)}
    assert outputs["decoder.blocks.2.cross_attn.hook_pattern"] == ("batch", 4, "decoder", "encoder")
    assert outputs["decoder.blocks.2.cross_attn.hook_k"] == ("batch", "encoder", 4, 12)


def test_all_graphs_agree_with_pytorch_on_every_output(verified: Verified):
    differences = verified.differences["t5"]
    assert not failures(differences)
    assert set(differences["logits"]) == {"eager float32", "tapped", "decoder"}
    assert set(differences["cross_key_values.*.value"]) == {"eager float32", "encoder"}
    assert {"encoder.blocks.*.attn.hook_attn_bias", "decoder.blocks.*.cross_attn.hook_pattern"} <= set(differences)


def test_cases_reach_past_the_largest_distance_in_both_streams():
    for name, interface in families.interfaces(TINY_T5).items():
        plan = list(parity.plan(TINY_T5, interface))
        assert max(shape.past + shape.pos for shape in plan) > TINY_T5.positions.max_distance + 20
        assert any(shape.past for shape in plan) == (name == "decoder")
        if name != "encoder":
            assert max(shape.encoder for shape in plan) > TINY_T5.positions.max_distance + 20
            assert min(shape.encoder for shape in plan) == 1


def test_a_session_gives_what_pytorch_gives(tiny_t5: Path):
    module = families.load(tiny_t5, torch.float64)
    mask = torch.from_numpy(REAL[:, None])
    with torch.no_grad(), capture(module, taps.table(TINY_T5)) as taken:
        reference = module(torch.from_numpy(READ), torch.from_numpy(WRITTEN), mask, cross_mask=mask)
    run = Session(tiny_t5).run(
        READ,
        decoder_ids=WRITTEN,
        attention_mask=REAL[:, None],
        cross_attention_mask=REAL[:, None],
        taps=taps.table(TINY_T5),
    )
    np.testing.assert_allclose(run.logits, reference.logits.numpy(), rtol=1e-4, atol=1e-4)
    assert run.taps.keys() == taken.keys()
    for name, value in run.taps.items():
        np.testing.assert_allclose(value, taken[name].numpy(), rtol=1e-4, atol=1e-3, err_msg=name)


def test_decoding_with_both_caches_matches_one_pass(tiny_t5: Path, cross: Cache):
    mask = REAL[:, None]
    whole = Session(tiny_t5).run(READ, decoder_ids=WRITTEN, attention_mask=mask, cross_attention_mask=mask).logits
    decoder, past, logits = Session(tiny_t5, "decoder"), None, []
    start = 0
    for length in (1, 1, 4, 24):
        written = WRITTEN[:, start : start + length]
        run = decoder.run(written, cross=cross, past=past, cache=True, cross_attention_mask=mask)
        logits.append(run.logits)
        past, start = run.cache, start + length
    np.testing.assert_allclose(np.concatenate(logits, axis=1), whole, rtol=1e-4, atol=1e-4)


def test_padding_of_the_text_that_was_read_leaves_the_writing_as_it_was(tiny_t5: Path, cross: Cache):
    alone = Session(tiny_t5, "encoder").run(READ[2, :9]).cross
    decoder = Session(tiny_t5, "decoder")
    padded = decoder.run(WRITTEN, cross=cross, cross_attention_mask=REAL[:, None]).logits[2]
    np.testing.assert_allclose(padded, decoder.run(WRITTEN[2], cross=alone).logits[0], rtol=1e-4, atol=1e-4)


def test_writing_needs_neither_torch_nor_onnx_and_says_nothing(tiny_t5: Path):
    script = """
import sys
from pathlib import Path
from export.runtime.session import Session
folder = Path(sys.argv[1])
cross = Session(folder, "encoder").run([1, 2, 3]).cross
run = Session(folder, "decoder").run([0], cross=cross, cache=True)
Session(folder, "decoder").run([5], cross=cross, past=run.cache)
Session(folder).run([1, 2, 3], decoder_ids=[0, 5])
heavy = {"torch", "onnx", "onnx_ir", "onnxscript", "transformers"} & sys.modules.keys()
assert not heavy, heavy
"""
    run = subprocess.run([sys.executable, "-c", script, str(tiny_t5)], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("which", "place"), [("head_gate", "encoder"), ("decoder_head_gate", "decoder"), ("cross_head_gate", "cross")]
)
def test_a_closed_gate_is_a_head_whose_output_is_zero(tiny_t5: Path, which: str, place: Place):
    gate = np.ones((2 if place == "encoder" else 3, 4))
    gate[1, 2] = 0.0
    closed: dict[str, Any] = {which: gate}
    tapped, z = Session(tiny_t5), taps.Z.at(place).name(1)
    run = tapped.run(READ, decoder_ids=WRITTEN, taps=[z], **closed)
    assert not run.taps[z][:, :, 2].any()
    assert run.taps[z].any()
    assert np.abs(run.logits - tapped.run(READ, decoder_ids=WRITTEN).logits).max() > 1e-2


@pytest.mark.parametrize(
    ("graph", "arguments", "message"),
    [
        ("tapped", {"ids": [1]}, "the tapped graph of tiny-t5 needs decoder_ids"),
        ("decoder", {"ids": [1]}, "the decoder graph of tiny-t5 needs cross"),
        ("decoder", {"ids": [1], "cross": ((np.zeros((1, 2, 48)),) * 2,)}, "cross holds 2 tensors"),
        ("encoder", {"ids": [1], "head_gate": np.ones((2, 4))}, "the encoder graph of tiny-t5 takes no head_gate"),
        ("tapped", {"ids": [1], "decoder_ids": [61]}, "ids lie in 61..61; the vocabulary's are 0..60"),
        (
            "tapped",
            {"ids": [[1], [2]], "decoder_ids": [1, 2]},
            "decoder_input_ids has shape (1, 2); (batch, decoder) should be (2, 2)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_numbers(
    tiny_t5: Path, graph: GraphName, arguments: dict[str, Any], message: str
):
    with pytest.raises(ValueError, match=re.escape(message)):
        Session(tiny_t5, graph).run(**arguments)
