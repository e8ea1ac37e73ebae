"""Ready models: uploaded by the command line to a hub on this machine, and taken from there without torch."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.engine import Engine
from app.page.answers import Answers
from app.running import fetching
from app.running.fetching import Fetcher
from app.running.limits import Limits
from app.serving.offers import Offers
from export.runtime import exported_models, ready
from export.runtime.ready import MANIFEST, Ready, UnfitError
from model import zoo
from tests.model.fake_hub import TOKEN, Hub

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "someone/gpt-rope-ready"
SCRIPT = "import sys; from app.cli import main; sys.exit(main(sys.argv[1:]))"


def upload(**settings: str) -> subprocess.CompletedProcess[str]:
    """`cutaway export gpt-rope --upload`, as a person runs it."""
    command = [sys.executable, "-c", SCRIPT, "export", "gpt-rope", "--upload", REPOSITORY]
    return subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True)


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder of a hub to which a model was uploaded, its commit, and what the command said of how to offer it."""
    root = tmp_path_factory.mktemp("hub")
    home = str(tmp_path_factory.mktemp("home"))
    settings = {"HF_HOME": home, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    with Hub(root, {}) as hub:
        done = upload(HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN, **settings)
        assert done.returncode == 0, done.stderr
        refused = upload(HF_ENDPOINT=hub.url, HF_TOKEN="hf_another", **settings)
        assert refused.returncode == 1
        assert "does not let this token write" in refused.stderr
        silent = upload(HF_ENDPOINT=hub.url, HF_TOKEN="", **settings)
        assert (
            silent.stderr
            == f"gpt-rope: HF_TOKEN is not set; set it to a token of the hub that may write to {REPOSITORY}\n"
        )
        return root, hub.revisions["main"], done.stdout.split()[-1]


@pytest.fixture
def hub(uploaded: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A copy of that hub, for processes that begin from here; no cache yet, and no torch."""
    root, commit, _ = uploaded
    shutil.copytree(root, tmp_path / "hub")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "cutaway"))
    monkeypatch.setattr(fetching, "importlib", SimpleNamespace(util=SimpleNamespace(find_spec=lambda name: None)))
    with Hub(tmp_path / "hub", {"main": commit}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def fetched(listed: str) -> dict[str, Any]:
    """What the page is told in the end when it asks for the model."""
    entry = zoo.Entry(REPOSITORY, "gpt", 1, 1, "Apache-2.0")
    answers = Answers(Engine(), lambda: (entry,))
    answers.fetcher = Fetcher(Limits(models=listed))
    assert REPOSITORY in [one["name"] for one in answers.catalog()["hub"]]
    told, deadline = answers.fetch({"model": REPOSITORY}), time.monotonic() + 120
    while not (told["refused"] or told["description"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
        told = answers.fetched({"model": REPOSITORY})
    if told["description"]:
        mine, theirs = (answers.engine.trace("The little dog", name).logits for name in ("gpt-rope", REPOSITORY))
        np.testing.assert_array_equal(mine, theirs)
    return told


def test_an_uploaded_model_is_fetched_and_read_where_no_torch_is(hub: Hub, uploaded: tuple[Path, str, str]) -> None:
    told = fetched(uploaded[2])
    assert told["refused"] is None
    assert told["description"]["family"] == "gpt"
    n_asked = len(hub.requests)
    assert fetched(uploaded[2])["description"]
    assert len(hub.requests) == n_asked, "what is here is not asked for again"
    assert not list(Path(os.environ["CUTAWAY_CACHE"]).rglob("*.partial-*"))


def test_what_was_changed_since_is_not_taken(hub: Hub, uploaded: tuple[Path, str, str]) -> None:
    folder = next(path.parent for path in hub.root.rglob(MANIFEST))
    told = json.loads((folder / MANIFEST).read_text())
    (folder / "tapped.onnx").write_bytes((zoo.CHECKPOINTS / "gpt-nope" / "tapped.onnx").read_bytes())
    assert "tapped.onnx is not the one that cutaway.json tells of" in fetched(REPOSITORY)["refused"]
    digest = hashlib.sha256((folder / "tapped.onnx").read_bytes()).hexdigest()
    told["files"]["tapped.onnx"] = {"bytes": (folder / "tapped.onnx").stat().st_size, "sha256": digest}
    (folder / MANIFEST).write_text(json.dumps(told))
    assert "is not what it was when it was listed" in fetched(uploaded[2])["refused"]


def test_a_graph_that_is_not_confined_is_not_taken_though_its_owner_says_so(hub: Hub) -> None:
    folder = next(path.parent for path in hub.root.rglob(MANIFEST))
    told = json.loads((folder / MANIFEST).read_text())
    graph = folder / "fused.onnx"
    graph.write_bytes(graph.read_bytes().replace(b"model.safetensors", b"../../../etc/pass"))
    told["files"]["fused.onnx"]["sha256"] = hashlib.sha256(graph.read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(told))
    assert "weights lie in model.safetensors alone" in fetched(REPOSITORY)["refused"]
    assert not list(Path(os.environ["CUTAWAY_CACHE"]).glob("*/*")), "nothing of it stays"


def manifest(**changes: Any) -> bytes:
    """A manifest, of which some fields are others."""
    files = {name: {"bytes": 10, "sha256": "0" * 64} for name in ready.NEEDED}
    told = {"layout": exported_models.LAYOUT, "name": "gpt", "family": "gpt", "parameters": 5, "licence": "MIT"}
    return json.dumps(told | {"files": files} | changes).encode()


FILE = {"bytes": 10, "sha256": "0" * 64}
NEEDED = dict.fromkeys(ready.NEEDED, FILE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        manifest(layout="0"),
        manifest(family="other"),
        manifest(parameters=-1),
        manifest(licence="x" * 1_000),
        manifest(files={}),
        manifest(files=NEEDED | {"../evil": FILE}),
        manifest(files=NEEDED | {"run.py": FILE}),
        manifest(files=NEEDED | {"config.json": {"bytes": -1, "sha256": "0" * 64}}),
        manifest(files=NEEDED | {"config.json": {"bytes": 10**9, "sha256": "0" * 64}}),
        manifest(files=NEEDED | {"config.json": {"bytes": 10, "sha256": "abc"}}),
        manifest(files=NEEDED | {"config.json": 3}),
    ],
)
def test_a_manifest_that_is_none_is_refused(body: bytes) -> None:
    assert ready.read(manifest(), Ready("a/b")).parameters == 5
    with pytest.raises(UnfitError):
        ready.read(body, Ready("a/b"))


def test_a_list_of_repositories_is_read_or_named() -> None:
    digest = "0123456789abcdef" * 4
    assert ready.listed(f"a/b, c/d@{digest},") == (Ready("a/b"), Ready("c/d", digest))
    for wrong in ("a", "a/b@1", "a/b/c", "../b", "a/b@" + "g" * 64, "a/b c/d"):
        with pytest.raises(ValueError, match="is no repository"):
            ready.listed(wrong)


def test_what_tells_of_itself_is_offered_and_who_is_out_of_reach_is_asked_again() -> None:
    asked: list[str] = []

    def ask(one: Ready) -> ready.Manifest:
        asked.append(one.repository)
        if one.repository == "a/wrong":
            raise UnfitError("no.")
        if one.repository == "a/away" and asked.count("a/away") < 2:
            raise FileNotFoundError("out of reach.")
        return ready.read(manifest(), one)

    offers = Offers(ready.listed("a/here,a/wrong,a/away"), ask)
    offers.look()
    assert [entry.name for entry in offers.entries()] == ["a/here"]
    offers.look()
    assert [entry.name for entry in offers.entries()] == ["a/here", "a/away"]
    offers.look()
    assert asked == ["a/here", "a/wrong", "a/away", "a/away"]
