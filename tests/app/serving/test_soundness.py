"""A broken model stops nobody: it is not offered, and it is said why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.engine import Engine, UnknownModelError
from app.serving.soundness import SOUND, Inspector
from model import zoo

BROKEN = {
    "config.json": "config.json is not the one that was sealed",
    "model.safetensors": "model.safetensors is not the one that was sealed",
    "tokenizer.json": "tokenizer.json is not the one that was sealed",
    "tapped.onnx": "its graphs do not run",
}


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two bundled models, which a test may break."""
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "cache"))
    for name in ("gpt-nope", "gpt-rope"):
        shutil.copytree(zoo.CHECKPOINTS / name, tmp_path / "checkpoints" / name)
    return tmp_path / "checkpoints"


def inspected(checkpoints: Path) -> Inspector:
    inspector = Inspector(Engine(checkpoints))
    inspector.look()
    inspector.begin_to_read()
    inspector.wait(60)
    return inspector


def test_sound_models_are_offered(checkpoints: Path) -> None:
    assert inspected(checkpoints).told == {"gpt-nope": SOUND, "gpt-rope": SOUND}


@pytest.mark.parametrize(
    ("file", "sealed"), [*((file, True) for file in BROKEN), ("config.json", False), ("model.safetensors", False)]
)
def test_a_broken_model_is_not_offered_and_the_others_are(checkpoints: Path, file: str, sealed: bool) -> None:
    (checkpoints / "gpt-nope" / file).write_bytes(b"{")
    if not sealed:
        (checkpoints / "gpt-nope" / "sound.json").unlink()
    inspector = inspected(checkpoints)
    assert inspector.engine.names == ("gpt-rope",)
    why = inspector.told["gpt-nope"]
    assert why.startswith(f"withdrawn: {BROKEN[file] if sealed else 'it cannot be read'}")
    with pytest.raises(UnknownModelError):
        inspector.engine.config("gpt-nope")
