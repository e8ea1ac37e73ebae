"""Both graphs against PyTorch, for every kind of part a GPT can have; and that a broken graph does not pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx_ir as ir
import pytest

from export import __main__ as command_line
from export import census, families, parity
from export.__main__ import main
from export.runtime import GraphName
from model import taps
from model.config import GPTConfig, PositionConfig
from tests.export.conftest import TINY, build, failures, write_checkpoint

Edit = Callable[[GraphName, Callable[[ir.Graph], None]], Path]

DENSE = dataclasses.replace(TINY, experts=None, n_layers=1)
VARIANTS: dict[str, tuple[GPTConfig, tuple[GraphName, ...]]] = {
    # GPT-2's parts; multi-head attention.
    "learned": (
        dataclasses.replace(
            DENSE,
            positions=PositionConfig("learned"),
            n_kv_heads=4,
            norm="layer",
            bias=True,
            activation="gelu_tanh",
            gated_mlp=False,
        ),
        ("tapped",),
    ),
    # The first transformer's positions and activation; multi-query attention.
    "sinusoidal": (
        dataclasses.replace(
            DENSE, positions=PositionConfig("sinusoidal"), n_kv_heads=1, activation="relu", gated_mlp=False
        ),
        ("tapped",),
    ),
    "alibi": (
        dataclasses.replace(DENSE, positions=PositionConfig("alibi"), n_kv_heads=4, norm="layer", activation="gelu"),
        ("tapped",),
    ),
    "t5": (
        dataclasses.replace(DENSE, positions=PositionConfig("t5", n_buckets=8, max_distance=16)),
        ("tapped", "fused"),
    ),
    # GPT-NeoX's block and partial rotation; a sliding window.
    "partly rotary": (
        dataclasses.replace(
            DENSE, positions=PositionConfig("rope", fraction=0.5), parallel=True, norm="layer", window=5
        ),
        ("tapped",),
    ),
    "none": (dataclasses.replace(DENSE, positions=PositionConfig("none"), tied_embeddings=False), ("tapped",)),
}


@pytest.fixture(scope="module")
def differences(tiny: Path) -> parity.Differences:
    return parity.compare(tiny)


def test_both_graphs_agree_with_pytorch_on_every_output(differences: parity.Differences):
    assert not failures(differences)
    kinds = {name.replace(".0.", ".*.").replace(".1.", ".*.") for name in taps.table(TINY)}
    assert differences.keys() == kinds | {"logits", "present.*.key", "present.*.value"}
    assert differences["logits"].keys() == {"eager float32", "tapped", "fused"}
    assert 0 < differences["logits"]["tapped"].absolute < 1e-4


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_agrees_with_pytorch_and_stays_fused(name: str, tmp_path: Path):
    config, graphs = VARIANTS[name]
    build(write_checkpoint(tmp_path, config), *graphs)
    differences = parity.compare(tmp_path, graphs)
    assert not failures(differences)
    assert differences["logits"].keys() == {"eager float32", *graphs}
    for graph in graphs:
        assert not census.missing(tmp_path, graph)


def test_cases_reach_past_every_threshold():
    tapped = families.interfaces(TINY)["tapped"]
    plan = list(parity.plan(TINY, tapped))
    totals = {(shape.past > 0, shape.past + shape.pos > TINY.n_ctx) for shape in plan}
    assert totals == {(False, False), (False, True), (True, False), (True, True)}
    assert {shape.batch for shape in plan} == {1, 3}
    assert {which for shape in plan for which in shape.chosen} == {
        "attention_mask",
        "expert_bias",
        "head_gate",
        "head_bias",
        "mlp_gate",
        "mlp_bias",
        "neuron_gate",
    }
    learned = dataclasses.replace(TINY, positions=PositionConfig("learned"))
    assert max(shape.past + shape.pos for shape in parity.plan(learned, tapped)) == TINY.n_ctx


def test_a_difference_is_the_worst_seen():
    difference = parity.Difference()
    reference = np.array([1000.0, -np.inf])
    difference.add("near", np.array([1000.05, -np.inf]), reference)
    assert difference.absolute == pytest.approx(0.05)
    assert difference.relative == pytest.approx(5e-5)
    assert not difference.beyond
    difference.add("far", np.array([1001.0, -np.inf]), reference)
    difference.add("nearer", np.array([1000.0, -np.inf]), reference)
    assert difference.relative == pytest.approx(1e-3)
    assert difference.beyond == ["far"]


def test_the_limit_is_a_ten_thousandth():
    reference = np.array([1.0, 0.5])
    for distance, passes in ((9.9e-5, True), (1.01e-4, False)):
        difference = parity.Difference()
        difference.add("near", reference + distance, reference)
        assert (not difference.beyond) == passes


@pytest.mark.parametrize(
    "value", [np.array([np.nan, 0.0]), np.array([np.inf, 0.0]), np.array([1.0]), np.array([1.0, -np.inf])]
)
def test_what_is_no_number_or_of_another_shape_is_infinitely_far(value: np.ndarray):
    difference = parity.Difference()
    difference.add("broken", value, np.array([1.0, 0.0]))
    assert difference.absolute == np.inf
    assert difference.beyond == ["broken"]


def test_routers_that_nearly_tie_are_told_from_those_that_do_not():
    assert parity.nearly_tied([np.array([[[3.0, 1.0, 1.00001, 0.0]]])], TINY)
    assert not parity.nearly_tied([np.array([[[3.0, 3.0, 1.0, 1.0]]])], TINY)


def test_verify_prints_a_table_and_passes(
    tiny: Path,
    differences: parity.Differences,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(parity, "compare", lambda folder: differences)
    assert main(["verify", str(tiny)]) == 0
    printed = capsys.readouterr().out
    assert "blocks.*.attn.hook_pattern" in printed
    assert "RotaryEmbedding                        4  4 on CPU" in printed
    assert printed.rstrip().endswith("Everything agrees.")


def test_verify_fails_on_a_slightly_wrong_graph(edit: Edit, capsys: pytest.CaptureFixture[str]):
    def soften(graph: ir.Graph) -> None:
        node = next(node for node in graph if node.op_type == "Attention")
        node.attributes["scale"] = ir.AttrFloat32("scale", 1.01 * node.attributes["scale"].as_float())

    assert main(["verify", str(edit("fused", soften))]) == 1
    printed = capsys.readouterr().out
    assert "fused differs in logits" in printed
    assert "tapped differs" not in printed


def test_verify_fails_when_a_fused_op_was_taken_apart(edit: Edit, capsys: pytest.CaptureFixture[str]):
    def unfuse(graph: ir.Graph) -> None:
        """The same numbers by other operators."""
        norm = next(node for node in graph if node.name == "ln_final/RMSNormalization")
        x, weight = norm.inputs
        two = ir.Value(name="two", const_value=ir.tensor(np.float32(2.0)))
        eps = ir.Value(name="eps", const_value=ir.tensor(np.float32(TINY.norm_eps)))
        last = ir.Value(name="last", const_value=ir.tensor(np.array([-1])))
        for value in (two, eps, last):
            graph.register_initializer(value)
        square = ir.node("Pow", [x, two])
        mean = ir.node("ReduceMean", [square.outputs[0], last])
        shifted = ir.node("Add", [mean.outputs[0], eps])
        root = ir.node("Sqrt", [shifted.outputs[0]])
        scaled = ir.node("Div", [x, root.outputs[0]])
        weighted = ir.node("Mul", [scaled.outputs[0], weight])
        chain = [square, mean, shifted, root, scaled, weighted]
        for index, node in enumerate(chain):
            node.outputs[0].name = f"unfused {index}"
        graph.insert_before(norm, chain)
        norm.outputs[0].replace_all_uses_with(weighted.outputs[0])
        graph.remove(norm)

    assert main(["verify", str(edit("fused", unfuse))]) == 1
    printed = capsys.readouterr().out
    assert "fused.onnx holds 4 RMSNormalization nodes; there should be 5" in printed
    assert "differs" not in printed


def test_verify_fails_when_an_op_is_gone(edit: Edit, capsys: pytest.CaptureFixture[str]):
    def drop(graph: ir.Graph) -> None:
        node = next(node for node in graph if node.op_type == "RotaryEmbedding")
        rotated, flat = node.outputs[0], node.inputs[0]
        assert flat is not None
        rotated.replace_all_uses_with(flat)
        graph.remove(node)

    assert main(["verify", str(edit("tapped", drop))]) == 1
    printed = capsys.readouterr().out
    assert "tapped.onnx holds 3 RotaryEmbedding nodes; there should be 4" in printed
    assert "tapped differs in blocks.*.attn.hook_rot_q" in printed


def test_verify_takes_all_bundled_checkpoints_and_fails_if_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name in ("bert", "gpt", "half-trained"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").touch()
    (tmp_path / "bert" / "model.safetensors").touch()
    (tmp_path / "gpt" / "model.safetensors").touch()
    monkeypatch.setattr(command_line, "CHECKPOINTS", tmp_path)
    asked, broken = [], set[str]()

    def verify(folder: Path) -> int:
        asked.append(folder.name)
        return int(folder.name in broken)

    monkeypatch.setattr(command_line, "verify", verify)
    assert main(["verify", "--all"]) == 0
    broken.add("bert")
    assert main(["verify", "--all"]) == 1
    assert asked == ["bert", "gpt"] * 2
    assert "gpt\n===" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["verify"])
    assert "one of the arguments name --all is required" in capsys.readouterr().err


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        main(["build", str(tmp_path)])
    assert stopped.value.code == 2
    assert "has no config.json and no model.safetensors" in capsys.readouterr().err
