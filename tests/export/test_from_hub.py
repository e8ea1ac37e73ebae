"""The user's cache: made once, whole or not at all, by one of many."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants

from export import from_hub, progress, weights
from export.runtime import exported_models
from export.runtime.session import Session
from model import zoo
from model.hub import files
from tests.export.conftest import write_vocabulary
from tests.model.fake_hub import Hub
from tests.model.published import DECODERS, random_peer, saved

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path) -> None:
    (folder / "whole").touch()


def test_an_entry_is_made_once(tmp_path: Path):
    entry = from_hub.once(tmp_path / "model" / "commit", write)
    assert [path.name for path in entry.iterdir()] == ["whole"]

    def never(folder: Path) -> None:
        raise AssertionError("made twice")

    assert from_hub.once(entry, never) == entry


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_halfway_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]):
    def fail(folder: Path) -> None:
        write(folder)
        raise error

    entry = tmp_path / "commit"
    with pytest.raises(error):
        from_hub.once(entry, fail)
    assert not list(tmp_path.glob("commit.partial-*"))
    assert not entry.exists()
    assert (from_hub.once(entry, write) / "whole").is_file()


def test_what_a_killed_process_left_is_not_used_and_is_cleared_away(tmp_path: Path):
    abandoned = tmp_path / "commit.partial-x"
    abandoned.mkdir()
    entry = from_hub.once(tmp_path / "commit", write)
    assert entry.is_dir()
    assert not abandoned.exists()


def test_of_two_at_once_one_makes_the_entry_and_the_other_waits(tmp_path: Path):
    made: list[Path] = []
    begun = threading.Event()

    def slowly(folder: Path) -> None:
        made.append(folder)
        begun.set()
        time.sleep(0.3)
        assert not (tmp_path / "commit").exists(), "seen before it was whole"
        write(folder)

    seen: list[bool] = []
    first = threading.Thread(target=from_hub.once, args=(tmp_path / "commit", slowly))
    first.start()
    assert begun.wait(5)
    seen.append((from_hub.once(tmp_path / "commit", slowly) / "whole").is_file())
    first.join()
    assert seen == [True]
    assert len(made) == 1


MAKER = """
import sys, time
from pathlib import Path
from export import from_hub

entry, seconds = Path(sys.argv[1]), float(sys.argv[2])

def make(folder):
    (folder / "half").touch()
    print("begun", flush=True)
    time.sleep(seconds)
    (folder / "whole").touch()

from_hub.once(entry, make)
assert (entry / "whole").is_file()
"""


def maker(entry: Path, seconds: float) -> subprocess.Popen[str]:
    """A process that wants the entry, and takes so long to make it."""
    command = [sys.executable, "-c", MAKER, str(entry), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_of_two_processes_at_once_one_makes_the_entry_and_both_have_it(tmp_path: Path):
    both = [maker(tmp_path / "commit", 0.5) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said) == ["", "begun\n"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["commit", "commit.lock"]


def test_when_the_process_that_makes_an_entry_is_killed_the_one_that_waits_makes_it_anew(tmp_path: Path):
    first = maker(tmp_path / "commit", 600)
    assert first.stdout is not None
    assert first.stdout.readline() == "begun\n"
    second = maker(tmp_path / "commit", 0)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=1)
    assert list(tmp_path.glob("commit.partial-*/half"))
    assert not (tmp_path / "commit").exists()
    first.kill()
    first.communicate(timeout=60)
    assert second.communicate(timeout=60)[0] == "begun\n"
    assert second.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["commit", "commit.lock"]


def test_weights_are_kept_in_the_smallest_type_that_holds_them():
    exact = torch.tensor([1.0, 0.1, -3.5])
    assert weights.narrowed(exact.half().float()).dtype == torch.float16
    assert weights.narrowed(torch.tensor([1e30], dtype=torch.bfloat16).float()).dtype == torch.bfloat16
    assert weights.narrowed(exact) is exact


def test_a_hub_model_is_exported_on_first_use_and_found_on_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    published = tmp_path / "snapshots" / "0123abc"
    loaded = saved(random_peer(DECODERS["gpt2"]), published)
    write_vocabulary(published)
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(files, "from_hub", lambda name, revision, bytes_per_number, bar, reads_text: published)
    assert exported_models.newest("someone/tiny-gpt2") is None
    folder = from_hub.fetch("someone/tiny-gpt2")
    assert exported_models.newest("someone/tiny-gpt2") == folder
    assert folder == tmp_path / "cache" / "someone--tiny-gpt2" / f"0123abc-{exported_models.LAYOUT}"
    made = {"config.json", "model.safetensors", "tokenizer.json", "tapped.onnx", "fused.onnx"}
    assert {path.name for path in folder.iterdir()} == made
    assert "exporting someone/tiny-gpt2: 100%" in capsys.readouterr().err
    ids = np.arange(20)[None]
    with torch.no_grad():
        reference = loaded.module(torch.from_numpy(ids)).logits.numpy()
    for graph in ("tapped", "fused"):
        np.testing.assert_allclose(Session(folder, graph).run(ids).logits, reference, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(from_hub, "export", lambda *_: pytest.fail("exported again"))
    assert from_hub.fetch("someone/tiny-gpt2") == folder


def test_a_model_without_a_tokenizer_leaves_no_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nobody could ask it anything, and an entry is there for good."""
    source = tmp_path / "mine"
    saved(random_peer(DECODERS["gpt2"]), source)
    (source / "spiece.model").write_bytes(b"of SentencePiece")
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "cache"))
    with pytest.raises(FileNotFoundError, match=r"^mine has no tokenizer\.json \(only spiece\.model\)"):
        from_hub.local(source)
    assert not [path for path in tmp_path.glob("cache/*/*") if path.is_dir()]


def test_what_the_system_says_of_a_file_is_told_without_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    source = tmp_path / "mine"
    saved(random_peer(DECODERS["gpt2"]), source)
    (tmp_path / "file").touch()
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "file" / "cache"))  # no folder can be made there
    assert progress.main(str(source)) == 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert "Not a directory: " in said
    assert str(tmp_path) not in said


def test_a_model_that_could_be_held_but_not_exported_is_refused_before_the_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hub = tmp_path / "hub" / "some" / "tiny-gpt2" / ("a" * 40)
    saved(random_peer(DECODERS["gpt2"]), hub)
    write_vocabulary(hub)
    stored = (hub / "model.safetensors").stat().st_size // 2  # the hub does not say of what type the numbers are
    with Hub(tmp_path / "hub", {"main": "a" * 40}) as answering:
        monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "downloads"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", answering.url)
        monkeypatch.setattr(zoo, "available_memory", lambda: 5 * stored)
        with pytest.raises(ValueError, match=r"some/tiny-gpt2 needs .* of memory .* are free here; nothing of its"):
            from_hub.fetch("some/tiny-gpt2")
    assert not any("/resolve/" in request for request in answering.requests)
    assert not (tmp_path / "cache").exists()
