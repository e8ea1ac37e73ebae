"""Loading from the hub: its real client against a hub on this machine, then without any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from model import pretrained, zoo
from tests.model.fake_hub import Hub
from tests.model.published import DECODERS, random_peer

NEW, OLD = "a" * 40, "b" * 40


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the hub has: a model in two revisions, one in several files, one that is a pickle."""
    root = tmp_path_factory.mktemp("hub")
    peer = random_peer(DECODERS["llama"])
    for commit, shift in {NEW: 0.0, OLD: 1.0}.items():
        folder = root / "some" / "llama" / commit
        peer.save_pretrained(folder)
        weights = load_file(folder / "model.safetensors")
        save_file({name: tensor + shift for name, tensor in weights.items()}, folder / "model.safetensors")
    (folder / "pytorch_model.bin").write_bytes(b"never read")
    peer.save_pretrained(root / "some" / "parts" / NEW, max_shard_size="30KB")
    pickled = root / "some" / "pickled" / NEW
    pickled.mkdir(parents=True)
    (pickled / "config.json").write_text((folder / "config.json").read_text())
    (pickled / "pytorch_model.bin").write_bytes(b"never read")
    for name, file in {"adapter": "adapter_model.safetensors", "pickled-adapter": "adapter_model.bin"}.items():
        adapted = root / "some" / name / NEW
        adapted.mkdir(parents=True)
        told = {"peft_type": "LORA", "base_model_name_or_path": "some/llama", "revision": "v1", "lora_alpha": 2, "r": 1}
        (adapted / "adapter_config.json").write_text(json.dumps(told))
        module = "base_model.model.model.layers.0.mlp.up_proj"
        parts = {f"{module}.lora_A.weight": torch.ones(1, 32), f"{module}.lora_B.weight": torch.ones(48, 1)}
        save_file(parts, adapted / file)
    return root


@pytest.fixture
def hub(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """That hub, and an empty cache."""
    hub = Hub(root, {"main": NEW, "v1": OLD})
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}")
    return hub


def number_of(name: str, revision: str | None = None) -> float:
    """One number of the embedding of a model on the hub."""
    number: float = pretrained.load(name, revision=revision).module.get_parameter("embed.weight")[7, 3].item()
    return number


def downloads(hub: Hub) -> list[str]:
    """The files that were asked for, each with its commit."""
    return sorted(path.split("/resolve/")[1] for path in hub.requests if path.startswith("GET") and "/resolve/" in path)


def test_a_revision_is_the_one_asked_for_and_only_what_is_needed_is_downloaded(hub: Hub) -> None:
    with hub:
        newest, pinned, by_commit = number_of("some/llama"), number_of("some/llama", "v1"), number_of("some/llama", OLD)
    assert pinned == by_commit == pytest.approx(newest + 1.0)
    # Both commits have the same settings: they come once.
    settings = [f"{NEW}/config.json", f"{NEW}/generation_config.json"]
    assert downloads(hub) == [*settings, f"{NEW}/model.safetensors", f"{OLD}/model.safetensors"]


def test_an_adapter_brings_its_base_in_the_revision_that_it_names(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub:
        loaded, base = pretrained.load("some/adapter"), pretrained.load("some/llama", revision="v1")
    assert loaded.config.name == "some/adapter"
    ours, before = (model.module.get_parameter("blocks.0.mlp.up.weight") for model in (loaded, base))
    assert torch.allclose(ours, before + 2.0)
    assert f"{NEW}/adapter_model.safetensors" in downloads(hub)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert torch.equal(pretrained.load("some/adapter").module.get_parameter("blocks.0.mlp.up.weight"), ours)


def test_a_pickled_adapter_is_refused_and_not_downloaded(hub: Hub) -> None:
    with hub, pytest.raises(FileNotFoundError, match="some/pickled-adapter holds no adapter_model.safetensors; adap"):
        pretrained.load("some/pickled-adapter")
    assert not downloads(hub)


def test_a_model_in_several_files_is_downloaded_whole(hub: Hub) -> None:
    with hub:
        assert number_of("some/parts") == number_of("some/llama")


@pytest.mark.parametrize("offline", [True, False], ids=["HF_HUB_OFFLINE=1", "the hub is gone"])
def test_what_was_loaded_once_is_found_again_without_the_hub(
    offline: bool, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hub:
        newest, pinned = number_of("some/llama"), number_of("some/llama", "v1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    assert number_of("some/llama") == newest
    assert number_of("some/llama", "v1") == pinned
    with pytest.raises(FileNotFoundError, match="some/parts is not in the cache, and the hub is out of reach"):
        pretrained.load("some/parts")


def test_what_the_hub_does_not_have_is_said(hub: Hub) -> None:
    with hub:
        with pytest.raises(FileNotFoundError, match="the hub has no model 'some/nothing' that you may read"):
            pretrained.load("some/nothing")
        with pytest.raises(FileNotFoundError, match="some/llama has no revision 'v9' on the hub"):
            pretrained.load("some/llama", revision="v9")


def test_a_pickle_is_refused_before_it_is_downloaded(hub: Hub) -> None:
    with hub, pytest.raises(FileNotFoundError, match=r"some/pickled holds its weights only as pytorch_model\.bin"):
        pretrained.load("some/pickled")
    assert downloads(hub) == []


def test_a_model_too_large_for_the_machine_is_refused_before_it_is_downloaded(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo, "available_memory", lambda: 50_000)
    with hub, pytest.raises(ValueError, match=r"some/llama needs 0\.2 MB of memory .* 0\.1 MB are free"):
        pretrained.load("some/llama")
    assert downloads(hub) == []


def test_loading_shows_its_progress(hub: Hub, capfd: pytest.CaptureFixture[str]) -> None:
    with hub:
        pretrained.load("some/llama")
    assert "100%" in capfd.readouterr().err
