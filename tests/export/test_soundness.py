"""A bundled model is what it was when it was sealed, or it is said in what it is not."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from export import families
from export.runtime import soundness
from export.runtime.soundness import UnsoundError
from model import config as configs
from model import zoo
from tests.export.conftest import TINY, TINY_BERT, TINY_T5, build, write_checkpoint

NAMES = sorted(graph.parent.name for graph in zoo.CHECKPOINTS.glob("*/tapped.onnx"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a small bundled model."""
    return shutil.copytree(zoo.CHECKPOINTS / "gpt-rope", tmp_path / "gpt-rope")


@pytest.mark.parametrize("name", NAMES)
def test_every_bundled_model_is_sealed_and_sound(name: str) -> None:
    """Where one was made again: `python -m export.runtime.soundness NAME`."""
    sealed = soundness.seal(zoo.CHECKPOINTS / name)
    assert set(sealed["sha256"]) == set(soundness.SEALED)
    graphs = {graph.stem for graph in (zoo.CHECKPOINTS / name).glob("*.onnx") if "." not in graph.stem}
    assert set(sealed["outputs"]) == graphs
    soundness.check_files(zoo.CHECKPOINTS / name)
    soundness.check_outputs(zoo.CHECKPOINTS / name)


def test_a_flipped_bit_in_the_weights_is_found(folder: Path) -> None:
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-7] ^= 0x40
    weights.write_bytes(content)
    with pytest.raises(UnsoundError, match="model.safetensors is not the one that was sealed"):
        soundness.check_files(folder)


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(UnsoundError, match="tokenizer.json is missing"):
        soundness.check_files(folder)


def test_a_graph_that_gives_other_numbers_is_found(folder: Path) -> None:
    sealed = soundness.seal(folder)
    sealed["outputs"]["fused"][5] += 0.01 * max(map(abs, sealed["outputs"]["fused"]))
    (folder / soundness.SEAL).write_text(json.dumps(sealed))
    with pytest.raises(UnsoundError, match=r"fused.onnx differs by 1.0e-02"):
        soundness.check_outputs(folder)


@pytest.mark.parametrize("content", [b"", b"no graph"])
def test_a_graph_that_does_not_run_is_found(folder: Path, content: bytes) -> None:
    (folder / "fused.onnx").write_bytes(content)
    with pytest.raises(UnsoundError, match="do not run"):
        soundness.check_outputs(folder)


def test_a_model_without_a_seal_is_held_against_nothing(folder: Path) -> None:
    (folder / soundness.SEAL).unlink()
    soundness.check_files(folder)
    soundness.check_outputs(folder)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_seal_that_cannot_be_read_is_no_seal(folder: Path, content: str) -> None:
    (folder / soundness.SEAL).write_text(content)
    with pytest.raises(UnsoundError, match="sound.json"):
        soundness.check_files(folder)


@pytest.mark.parametrize("config", [TINY, TINY_BERT, TINY_T5], ids=lambda config: config.family)
def test_a_model_that_predicts_no_tokens_is_sealed_too(config: Any, tmp_path: Path) -> None:
    bundled = zoo.CHECKPOINTS / config.family
    changed = {"head": "none", "d_vocab": configs.load(bundled).d_vocab, "n_ctx": 128}
    folder = write_checkpoint(tmp_path, dataclasses.replace(config, **changed))
    build(folder, *families.interfaces(configs.load(folder)))
    shutil.copy(bundled / "tokenizer.json", folder)
    soundness.write(folder)
    assert all(len(values) > 8 for values in soundness.seal(folder)["outputs"].values())
    soundness.check_outputs(folder)
