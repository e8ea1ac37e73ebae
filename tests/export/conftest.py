"""Small random checkpoints with their graphs, built once and shared: tracing is slow, running is not."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnx_ir as ir
import pytest
import tokenizers
import torch
from safetensors.torch import save_file

from export import __main__ as command_line
from export import families, graphs, parity, weights
from export.__main__ import main
from export.runtime import GraphName
from export.runtime.session import Session
from model import config as configs
from model.config import BertConfig, Config, ExpertsConfig, GPTConfig, PositionConfig, T5Config

TINY = GPTConfig(
    name="tiny",
    d_vocab=61,
    n_ctx=24,
    d_model=32,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    d_mlp=40,
    experts=ExpertsConfig(n_experts=4, top_k=2, d_expert=8, every=2),
)
"""As the bundled GPT: rotary positions, grouped queries, SwiGLU in one block and experts in the other."""


TINY_BERT = BertConfig(name="tiny-bert", d_vocab=61, n_ctx=48, d_model=32, n_layers=2, n_heads=4, d_mlp=40)
TINY_T5 = T5Config(
    name="tiny-t5",
    d_vocab=61,
    n_ctx=24,
    d_model=32,
    n_layers=2,
    n_decoder_layers=3,
    n_heads=4,
    d_head=12,
    d_mlp=40,
    positions=PositionConfig("t5", n_buckets=8, max_distance=20),
)
"""T5 v1.0; heads wider than d_model / n_heads, a decoder deeper than the encoder."""


def write_checkpoint(folder: Path, config: Config) -> Path:
    """A folder with config.json and random weights, large enough that every part of the model matters."""
    torch.manual_seed(0)
    module = families.FAMILIES[config.family].module(config)

    def drawn(name: str, tensor: torch.Tensor) -> torch.Tensor:
        if "ln" in name:
            return 1 + 0.2 * torch.randn_like(tensor)
        # T5 does not scale its scores: its q is as much smaller.
        return (0.08 if config.family == "t5" and name.endswith(".q.weight") else 0.3) * torch.randn_like(tensor)

    state = {name: drawn(name, tensor).half() for name, tensor in module.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(configs.to_json(config), encoding="utf-8")
    save_file(state, folder / "model.safetensors")
    return folder


SPECIAL = ["[UNK]", "[MASK]", "<extra_id_0>", "<extra_id_1>"]


def write_vocabulary(folder: Path) -> None:
    """A tokenizer.json: one token a letter, with what BERT and T5 need besides, within the tiny models' 61 entries."""
    letters = [*SPECIAL, *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,!"]
    ids = {letter: id for id, letter in enumerate(letters)}
    vocabulary = tokenizers.Tokenizer(tokenizers.models.BPE(ids, [], unk_token="[UNK]"))
    vocabulary.add_special_tokens(SPECIAL)
    vocabulary.save(str(folder / "tokenizer.json"))


def build(folder: Path, *names: GraphName) -> Path:
    """Writes the named graphs into a checkpoint's folder."""
    interfaces = families.interfaces(configs.load(folder))
    for name in names:
        model = graphs.build(families.load(folder), interfaces[name])
        weights.point_into(model, folder / "model.safetensors")
        ir.save(model, folder / f"{name}.onnx")
    return folder


def load_graph(folder: Path, name: GraphName) -> onnx.GraphProto:
    """A graph as its file has it, the weights left where they are."""
    return onnx.load(folder / f"{name}.onnx", load_external_data=False).graph


def axes(value: onnx.ValueInfoProto) -> tuple[str | int, ...]:
    """The names of the lengths that a run chooses, and the lengths that are fixed."""
    return tuple(axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim)


def failures(differences: parity.Differences) -> list[str]:
    """Every output that is past the tolerance, in words."""
    return [
        f"{program}, {kind}: {difference}"
        for kind, by_program in differences.items()
        for program, difference in by_program.items()
        if difference.beyond
    ]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint TINY with both its graphs, as the command line builds them."""
    folder = write_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny", TINY)
    assert main(["build", str(folder)]) == 0
    files = {"config.json", "model.safetensors", "tapped.onnx", "fused.onnx"}
    assert {path.name for path in folder.iterdir()} == files, "something half-written was left behind"
    return folder


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of TINY_BERT with both its graphs."""
    return build(write_checkpoint(tmp_path_factory.mktemp("bert"), TINY_BERT), "tapped", "fused")


@pytest.fixture(scope="session")
def tiny_t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of TINY_T5 with its three graphs."""
    return build(write_checkpoint(tmp_path_factory.mktemp("t5"), TINY_T5), "tapped", "encoder", "decoder")


@dataclass(frozen=True)
class Verified:
    """What `python -m export verify --all` did where a BERT, a T5 and a GPT with ALiBi are bundled."""

    checkpoints: Path
    status: int
    printed: str
    differences: Mapping[str, parity.Differences]


@pytest.fixture(scope="session")
def verified(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_t5: Path) -> Verified:
    """One run for all tests that ask whether graphs compute what PyTorch computes."""
    checkpoints = tmp_path_factory.mktemp("bundled")
    shutil.copytree(tiny_bert, checkpoints / "bert")
    shutil.copytree(tiny_t5, checkpoints / "t5")
    alibi = dataclasses.replace(TINY, n_layers=1, n_kv_heads=4, experts=None, positions=PositionConfig("alibi"))
    build(write_checkpoint(checkpoints / "gpt-alibi", alibi), "tapped", "fused")
    differences, compare = {}, parity.compare

    def recorded(folder: Path) -> parity.Differences:
        differences[folder.name] = compare(folder)
        return differences[folder.name]

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
        patch.setattr(command_line, "CHECKPOINTS", checkpoints)
        patch.setattr(parity, "compare", recorded)
        status = main(["verify", "--all"])
    return Verified(checkpoints, status, printed.getvalue(), differences)


def change_graph(folder: Path, name: GraphName, change: Callable[[ir.Graph], None]) -> None:
    """Changes a graph file."""
    model = ir.load(folder / f"{name}.onnx")
    change(model.graph)
    graphs.save(model, folder / f"{name}.onnx")


@pytest.fixture(scope="session")
def tapped(tiny: Path) -> Session:
    return Session(tiny, "tapped")


@pytest.fixture(scope="session")
def fused(tiny: Path) -> Session:
    return Session(tiny, "fused")


@pytest.fixture(scope="session")
def module(tiny: Path) -> torch.nn.Module:
    """TINY in PyTorch, in float64."""
    return families.load(tiny, torch.float64)


@pytest.fixture
def copied(tiny: Path, tmp_path: Path) -> Path:
    """A copy of TINY's folder, to be damaged."""
    for path in tiny.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def edit(copied: Path) -> Callable[[GraphName, Callable[[ir.Graph], None]], Path]:
    """Changes one graph of a copy of TINY and gives the copy's folder."""

    def apply(name: GraphName, change: Callable[[ir.Graph], None]) -> Path:
        change_graph(copied, name, change)
        return copied

    return apply
