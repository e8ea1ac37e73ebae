"""A model that is named at the start: a folder of ours as it is, one in Hugging Face layout exported once."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from app import cli
from app.engine import Engine
from app.page.answers import Answers
from app.running.offered import NotOfferedError, offered
from export.runtime import exported_models
from model import pretrained, zoo
from tests.export.conftest import write_vocabulary
from tests.model.published import DECODERS, random_peer, saved


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_checkpoint_with_its_graphs_is_served_where_it_lies() -> None:
    folder = zoo.CHECKPOINTS / "gpt"
    assert offered(str(folder)) == ("gpt", folder)


def test_a_folder_in_hugging_face_layout_is_exported_once_and_reads_as_the_peer(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "mine"
    source.mkdir()
    case = DECODERS["llama"]
    loaded = saved(random_peer(case), source)
    write_vocabulary(source)
    name, folder = offered(str(source))
    assert name == "mine"
    assert folder.is_relative_to(cache)
    engine = Engine()
    engine.open_with(name, folder)
    assert Answers(engine).catalog()["default"]["model"] == "mine"
    trace = engine.trace("a b", "mine")
    import torch

    ids = torch.tensor([[token.id for token in trace.tokens]])
    with torch.no_grad():
        expected = loaded.module(ids).logits.numpy()
    np.testing.assert_allclose(trace.logits, expected, atol=1e-4)
    begun = folder.stat().st_mtime_ns
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was begun to find what is there"))
        assert offered(str(source)) == (name, folder)
    assert cli.main(["export", str(source)]) == 0
    assert capsys.readouterr().out == f"mine: its graphs are in {folder}\n"
    assert folder.stat().st_mtime_ns == begun, "made once"


def test_an_adapter_is_exported_merged_into_its_base_and_anew_when_that_changes(tmp_path: Path, cache: Path) -> None:
    from tests.model.hub.test_lora import adapter, low_rank

    peer = random_peer(DECODERS["gpt2"])
    peer.save_pretrained(tmp_path / "base")
    write_vocabulary(tmp_path / "base")
    tensors = low_rank(peer, "transformer.h.0.attn.c_attn", in_out=True)
    there = adapter(tmp_path / "lora", tmp_path / "base", tensors, fan_in_fan_out=True)
    name, folder = offered(str(there))
    assert name == "lora"
    engine = Engine()
    engine.open_with(name, folder)
    import torch

    trace = engine.trace("a b", "lora")
    module = pretrained.load(there).module
    with torch.no_grad():
        expected = module(torch.tensor([[token.id for token in trace.tokens]])).logits.numpy()
    np.testing.assert_allclose(trace.logits, expected, atol=1e-4)
    assert exported_models.folder_of(there) == folder
    (tmp_path / "base" / "new").touch()
    assert exported_models.folder_of(there) != folder


def test_what_cannot_be_served_is_told_in_a_sentence(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotOfferedError, match="config.json"):
        offered(str(tmp_path / "empty"))
    with pytest.raises(NotOfferedError, match="OWNER/NAME"):
        offered("nothing")


def test_without_torch_a_model_without_graphs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotOfferedError, match="torch"):
        offered(str(tmp_path))


def test_a_model_of_the_hub_that_is_here_is_not_asked_for(cache: Path) -> None:
    here = exported_models.folder("someone/model", "c" * 40)
    shutil.copytree(zoo.CHECKPOINTS / "gpt-nope", here)
    assert offered("someone/model") == ("someone/model", here)
