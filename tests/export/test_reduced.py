"""Half-precision and 8-bit graphs: what is in the files, what they compute, and what the command says of them."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import pytest
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

from export import census, families, graphs, predictions, reduced, runtime
from export.__main__ import CHECKPOINTS, main
from export.interface import Interface, Port
from export.runtime import Precision, layout
from export.runtime.session import Session
from model.config import Config, ExpertsConfig, PositionConfig, Scheme
from tests.export.conftest import TINY, TINY_BERT, TINY_T5, build, write_checkpoint, write_vocabulary

FAMILIES: dict[str, Config] = {
    "gpt": dataclasses.replace(TINY, d_mlp=64, experts=ExpertsConfig(n_experts=4, top_k=2, d_expert=32, every=2)),
    "bert": dataclasses.replace(TINY_BERT, n_layers=1, d_mlp=64),
    "t5": dataclasses.replace(TINY_T5, n_layers=1, n_decoder_layers=1, d_head=8, d_mlp=64),
}
"""Small, with rows of whole blocks."""
PASSAGES = ["The bear and the mouse shared a garden, and each of them sang.", "Ben had a kite. There was no wind!"]
PRECISIONS: tuple[Precision, ...] = ("fp16", "int8")
FUSED_INT8 = {
    "gpt": {"MatMulNBits": 12, "GatherBlockQuantized": 1, "QMoE": 1, "MatMul": 1, "MoE": 0, "Attention": 2},
    "bert": {"MatMulNBits": 8, "GatherBlockQuantized": 1, "MatMul": 0, "Gemm": 2, "Attention": 1},
    "t5": {"MatMulNBits": 9, "GatherBlockQuantized": 1, "MatMul": 0, "Attention": 2},
}
"""Of the graph that predicts. GPT: 8 of attention, 3 of the MLP, the head; the router stays. BERT: 6, and 2 of its
head; pooler and next sentence stay. T5's decoder: 6 of its attentions, the encoder having made cross keys and values, 2
of the MLP, the head."""


@pytest.fixture(scope="module", params=FAMILIES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of each family with the graphs of all precisions; each graph is traced once, which takes longest."""
    family: str = request.param
    made = write_checkpoint(tmp_path_factory.mktemp("reduced") / family, FAMILIES[family])
    write_vocabulary(made)
    traced: dict[tuple[Port, ...], ir.Model] = {}
    trace = graphs.build

    def once(module: nn.Module, interface: Interface) -> ir.Model:
        if interface.outputs not in traced:
            traced[interface.outputs] = trace(module, interface)
        return traced[interface.outputs].clone()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graphs, "build", once)
        build(made, *reduced.names(made))
        for precision in PRECISIONS:
            reduced.build(made, precision)
    return made


def predicting(folder: Path, precision: Precision) -> Path:
    """The graph that gives the predictions."""
    return runtime.file(folder, reduced.names(folder)[-1], precision)


def test_half_precision_reads_the_stored_weights_where_they_lie(folder: Path):
    graph = onnx.load(predicting(folder, "fp16"), load_external_data=False).graph
    pointing = {tensor.name: tensor for tensor in graph.initializer if tensor.external_data}
    stored = load_file(folder / "model.safetensors")
    assert pointing.keys() <= stored.keys()
    for tensor in pointing.values():
        assert tensor.data_type == onnx.TensorProto.FLOAT16
        assert {entry.key: entry.value for entry in tensor.external_data}["location"] == "model.safetensors"
    cast = {name for node in graph.node if node.op_type == "Cast" for name in node.input}
    assert not cast & pointing.keys(), "a weight is widened"


def test_half_precision_is_fused_as_float32_is(folder: Path):
    for graph in reduced.names(folder):
        whole, half = (census.in_file(runtime.file(folder, graph, precision)) for precision in ("float32", "fp16"))
        for op in ("Attention", "RotaryEmbedding", "RMSNormalization", "LayerNormalization", "MoE", "MatMul", "Gelu"):
            assert whole[op] == half[op]


def test_caches_are_halved_and_heads_are_not(folder: Path):
    for graph in reduced.names(folder):
        session = Session(folder, graph, precision="fp16")
        for node in [*session.inner.get_inputs(), *session.inner.get_outputs()]:
            is_cache = node.name.startswith(("past_key_values", "present", "cross_key_values"))
            if node.type.startswith("tensor(float"):
                assert node.type == ("tensor(float16)" if is_cache else "tensor(float)"), node.name


def test_angles_are_not_computed_in_half_precision(folder: Path):
    """At position 3,000 a float16 cannot tell neighbours apart."""
    graph = onnx.load(predicting(folder, "fp16"), load_external_data=False).graph
    types = {value.name: value.type.tensor_type.elem_type for value in graph.value_info}
    for node in graph.node:
        if node.op_type in ("Cos", "Sin", "Log"):
            assert types[node.output[0]] == onnx.TensorProto.FLOAT


def test_large_weights_are_read_as_bytes_and_routers_are_not(folder: Path):
    nodes = census.in_file(predicting(folder, "int8"))
    expected = FUSED_INT8[folder.name]
    assert {op: nodes[op] for op in expected} == expected


def test_a_table_that_embeds_and_unembeds_is_stored_once(folder: Path):
    graph = onnx.load(predicting(folder, "int8"), load_external_data=False).graph
    places = {
        tensor.name: (tuple(tensor.dims), {entry.key: entry.value for entry in tensor.external_data})
        for tensor in graph.initializer
    }
    rows, place = places["embed.weight/int8/rows"]
    blocks, same = places["embed.weight/int8/blocks"]
    assert (rows, blocks) == ((61, 32), (61, 1, 32))
    assert place == same
    assert place["location"] == "model.int8.safetensors"
    bytes_ = sum(tensor.nbytes for tensor in load_file(folder / "model.int8.safetensors").values())
    assert 0 < reduced.weight_bytes(predicting(folder, "int8"))["model.int8.safetensors"] <= bytes_


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_predictions_change_but_little(folder: Path, precision: Precision):
    change = predictions.change(folder, precision, PASSAGES)
    assert change.finite
    assert 0 < change.divergence.mean() < {"fp16": 1e-3, "int8": 0.03}[precision]
    assert (~change.same).sum() <= max(1, {"fp16": 0.02, "int8": 0.15}[precision] * change.same.size)
    if folder.name != "t5":
        assert change.same.size == sum(map(len, PASSAGES)), "each token is predicted once"


def test_running_needs_neither_torch_nor_onnx_and_says_nothing(folder: Path):
    """BERT in all precisions; GPT and T5 in those that no other test starts a process for."""
    script = """
import sys
from pathlib import Path
from export.runtime.session import Session
folder, *graphs = Path(sys.argv[1]), *sys.argv[2:]
for precision in ("float32", "fp16", "int8"):
    cross = None
    for graph in graphs:
        run = Session(folder, graph, precision=precision).run([1, 2, 3], cross=cross)
        cross = run.cross
    assert run.logits.shape == (1, 3, 61)
heavy = {"torch", "onnx", "onnx_ir", "onnxscript", "transformers"} & sys.modules.keys()
assert not heavy, heavy
"""
    run = subprocess.run(
        [sys.executable, "-c", script, str(folder), *reduced.names(folder)], capture_output=True, text=True
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_what_is_built_is_reported(folder: Path, tmp_path: Path):
    text = "\n".join(reduced.report(folder, "int8", predictions.change(folder, "int8", PASSAGES)))
    assert re.search(
        r"int8\.onnx: [\d.]+ kB, reads [\d.]+ kB of model\.int8\.safetensors, [\d.]+ kB of model\.saf", text
    )
    assert re.search(r"int8\.onnx on CPU, 8-bit weights: GatherBlockQuantized 1, MatMulNBits \d+", text)
    assert re.search(r"bits of KL divergence from float32, a prediction: mean [\d.e-]+", text)
    assert re.search(r"the same entry is likeliest: [\d.]+%", text)
    half = "\n".join(reduced.report(folder, "fp16", predictions.change(folder, "fp16", PASSAGES)))
    assert re.search(r"fp16\.onnx on CPU, float32: .*MatMul \d+", half), "the CPU has no float16 kernel for a product"
    assert "casts to float32 and back where it has no float16 kernel" in half


one_family = pytest.mark.parametrize("folder", ["gpt"], indirect=True)


@pytest.fixture
def damaged(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder."""
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@one_family
def test_bytes_made_of_other_weights_are_refused(damaged: Path):
    path = damaged / "model.safetensors"
    weights = load_file(path)
    save_file(weights | {"embed.weight": weights["embed.weight"] + np.float16(1)}, path)
    Session(damaged, "fused", precision="fp16")
    with pytest.raises(ValueError, match=r"model\.int8\.safetensors was made of another .* --precision int8 mends it"):
        Session(damaged, "fused", precision="int8")


@one_family
def test_a_graph_beside_other_bytes_is_refused(damaged: Path):
    path = damaged / "model.int8.safetensors"
    longer = load_file(path) | {"z": np.zeros(9, np.uint8)}
    save_file(longer, path, layout.metadata(path))
    with pytest.raises(ValueError, match=r"fused\.int8\.onnx points into another model\.int8\.safetensors"):
        Session(damaged, "fused", precision="int8")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.int8\.safetensors is missing; fused\.int8\.onnx holds no"):
        Session(damaged, "fused", precision="int8")


@one_family
@pytest.mark.parametrize("missing", ["tokenizer.json", "fused.onnx"])
def test_what_cannot_be_compared_is_refused_before_the_work(
    damaged: Path, missing: str, capsys: pytest.CaptureFixture[str]
):
    (damaged / missing).unlink()
    assert main(["build", str(damaged), "--precision", "int8"]) == 1
    captured = capsys.readouterr()
    assert f"{missing} is missing" in captured.err
    assert "tracing" not in captured.out


@one_family
def test_a_text_without_words_is_refused(damaged: Path, capsys: pytest.CaptureFixture[str]):
    (damaged / "empty.txt").write_text("\n\n \n")
    assert main(["build", str(damaged), "--precision", "fp16", "--text", str(damaged / "empty.txt")]) == 1
    assert "holds no text; passages are divided by empty lines" in capsys.readouterr().err


@pytest.mark.parametrize("scheme", ["sinusoidal", "alibi"])
def test_positions_of_every_kind_survive_half_precision(scheme: Scheme, tmp_path: Path):
    config = dataclasses.replace(TINY, n_layers=1, n_kv_heads=4, experts=None, positions=PositionConfig(scheme))
    folder = write_checkpoint(tmp_path, config)
    reduced.build(folder, "fp16")
    ids = np.arange(1, 20)
    whole = families.load(folder)(torch.from_numpy(ids)[None]).logits.numpy()
    half = Session(folder, "fused", precision="fp16").run(ids).logits
    assert 0 < np.abs(half - whole).max() < 0.01 * np.abs(whole).max()


@one_family
def test_predictions_that_are_no_numbers_are_a_failure(
    damaged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    broken = predictions.Change(np.array([0.1, np.inf]), np.array([True, False]))
    monkeypatch.setattr(predictions, "change", lambda *_: broken)
    monkeypatch.setattr(reduced, "build", lambda *_: None)
    assert main(["build", str(damaged), "--precision", "fp16"]) == 1
    assert "float16 overflowed. Use --precision int8, or float32." in capsys.readouterr().err


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_bundled_gpt_keeps_its_mind(precision: Precision, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    bundled = CHECKPOINTS / "gpt"
    if not (bundled / "fused.onnx").is_file():
        pytest.skip(f"{bundled} has no graphs; python -m export build gpt")
    for name in ("config.json", "model.safetensors", "tokenizer.json", "fused.onnx"):
        (tmp_path / name).write_bytes((bundled / name).read_bytes())
    assert main(["build", str(tmp_path), "--precision", precision]) == 0
    printed = capsys.readouterr().out
    agreement = re.search(r"the same entry is likeliest: ([\d.]+)%", printed)
    mean = re.search(r"mean ([\d.e-]+)", printed)
    assert agreement is not None
    assert mean is not None
    assert float(agreement[1]) > {"fp16": 99.5, "int8": 97.0}[precision]
    assert 0 < float(mean[1]) < {"fp16": 1e-4, "int8": 0.01}[precision]
    if precision == "int8":
        stored = (tmp_path / "model.int8.safetensors").stat().st_size / (tmp_path / "model.safetensors").stat().st_size
        assert 0.5 < stored < 0.55, "8 bits and a sixteenth of a half, in place of 16"


def test_every_family_has_graphs_of_lower_precision_but_no_tapped_one(folder: Path):
    assert set(reduced.names(folder)) == families.interfaces(FAMILIES[folder.name]).keys() - {"tapped"}
