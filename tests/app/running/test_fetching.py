"""Fetching a hub model while the page goes on: real downloads from a hub on this machine, and a real export."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from app.engine import Engine
from app.page import shell
from app.page.answers import Answers
from app.running.fetching import BUSY, CANCELLED, NO_TORCH, STALLED, TOO_LONG, Fetcher, Progress
from app.running.limits import Limits
from export.runtime import exported_models
from model import zoo
from tests.model.fake_hub import Hub

ROOT = Path(__file__).resolve().parents[3]
NAME, COMMIT = "distilbert/distilgpt2", "c" * 40
PATIENCE_S = 300


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub that has a small random GPT-2 under a name of the zoo, with the vocabulary of the bundled GPT."""
    folder = tmp_path_factory.mktemp("hub") / NAME / COMMIT
    torch.manual_seed(0)
    sizes = {"vocab_size": 4096, "n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4}
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes)).save_pretrained(folder)
    shutil.copyfile(zoo.CHECKPOINTS / "gpt" / "tokenizer.json", folder / "tokenizer.json")
    return folder.parents[2]


@pytest.fixture
def hub(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """That hub, for processes that begin from here, and no cache yet."""
    hub = Hub(root, {"main": COMMIT})
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hf" / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "cutaway"))
    yield hub
    hub.close()


def fetched(fetcher: Fetcher) -> list[Progress]:
    """Everything that is told of one fetch, until it is over."""
    told, deadline = [fetcher.fetch(NAME)], time.monotonic() + PATIENCE_S
    while not told[-1].over:
        assert time.monotonic() < deadline, told[-1]
        time.sleep(0.05)
        progress = fetcher.progress(NAME)
        assert progress is not None
        told.append(progress)
    return told


def test_of_two_who_fetch_at_once_one_exports_and_both_have_the_model_without_the_hub(hub: Hub, root: Path) -> None:
    command = [sys.executable, "-m", "export.progress", NAME]
    with hub:
        other = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        told = fetched(Fetcher())
        lines = [json.loads(line) for line in other.communicate(timeout=PATIENCE_S)[0].splitlines()]
    folder = exported_models.newest(NAME)
    assert told[-1].error is None
    assert (told[-1].folder, lines[-1]) == (folder, {"folder": str(folder)})
    here = any(progress.unit == "file" and "exporting" in progress.doing for progress in told)
    there = any(line.get("unit") == "file" and "exporting" in line["doing"] for line in lines[:-1])
    assert here != there
    assert not list(Path(os.environ["CUTAWAY_CACHE"]).rglob("*.partial-*"))
    assert Fetcher().fetch(NAME).folder == folder
    engine = Engine()
    assert NAME in engine.names
    trace = engine.trace("The little dog", NAME)
    reference = transformers.GPT2LMHeadModel.from_pretrained(root / NAME / COMMIT, attn_implementation="eager")
    with torch.no_grad():
        expected = reference(torch.tensor([[token.id for token in trace.tokens]])).logits.numpy()
    np.testing.assert_allclose(trace.logits, expected, rtol=1e-4, atol=1e-4)
    empty = engine.read("", NAME)
    assert len(empty.trace.tokens) == 1
    assert "has no token in front of a text" in empty.notices[-1]


def test_without_the_hub_and_without_a_copy_it_says_so(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    told = fetched(Fetcher())
    assert told[-1].error is not None
    assert told[-1].error.startswith(f"{NAME} is not in the cache, and the hub is out of reach")


def test_the_page_is_told_why_a_model_cannot_be_had(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    answers, deadline = Answers(Engine()), time.monotonic() + PATIENCE_S
    answer = answers.fetch({"model": NAME})
    while not answer["refused"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        answer = answers.fetched({"model": NAME})
    assert answer["refused"].startswith(f"{NAME} is not in the cache")
    assert answers.fetched({"model": NAME})["refused"] == answer["refused"], "asking again does not try again"


def test_a_model_that_could_not_be_had_is_tried_again_when_it_is_asked_for_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetcher, tries = Fetcher(), list[str]()

    def fail(fetcher: Fetcher, name: str) -> None:
        tries.append(name)
        fetcher._progress[name] = Progress(error=f"Try {len(tries)} failed.")

    monkeypatch.setattr(Fetcher, "_run", fail)
    for count in (1, 2):
        assert fetched(fetcher)[-1].error == f"Try {count} failed."
        assert fetcher.progress(NAME) == Progress(error=f"Try {count} failed."), "looking is no try"
    assert tries == [NAME, NAME]


def test_one_model_is_fetched_at_a_time(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = Fetcher()
    monkeypatch.setattr(Fetcher, "_run", lambda *_: None)
    assert not fetcher.fetch(NAME).over
    assert fetcher.fetch("openai-community/gpt2").error == BUSY.format(other=NAME)


def test_a_server_without_torch_says_that_it_cannot_export(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert Fetcher().fetch(NAME).error == NO_TORCH


def told_by(fetcher: Fetcher, script: str, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """What comes of a fetch whose other process is a script."""
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **how: real([sys.executable, "-c", script], **how))
    return fetched(fetcher)[-1]


PRINTS = "import sys, time; out = sys.stdout.buffer; "


def test_what_is_no_line_of_ours_is_passed_over(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte that is no UTF-8, and JSON of another's, once ended the reader, and all fetches waited for ever."""
    foreign = [b"\xff\xfe", b"[1]", b"7", b"null", b'{"what": 1}', b'{"doing": 3, "done": "x"}', b'{"folder": "/etc"}']
    script = f"{PRINTS} [out.write(line + b'\\n') for line in {foreign!r}]; out.write(b'{{\"error\": \"No.\"}}\\n')"
    assert told_by(Fetcher(), script, monkeypatch) == Progress(error="No.")


def test_a_fetched_model_is_on_the_next_page_though_nobody_asked_how_far_it_was(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked for it has closed or reloaded the page meanwhile."""
    folder = exported_models.directory() / "a-model"
    shutil.copytree(zoo.CHECKPOINTS / "gpt-nope", folder)
    answers = Answers(Engine())
    told = told_by(answers.fetcher, f"print({json.dumps({'folder': str(folder)})!r})", monkeypatch)
    assert told.folder == folder
    assert answers.catalog()["models"][NAME]["family"] == "gpt"
    assert f"&quot;{NAME}&quot;: {{" in shell.html(answers.catalog())


def test_a_fetch_that_stands_still_is_ended(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = Fetcher(Limits(fetch_stall_s=0.5))
    told = told_by(fetcher, "import time; time.sleep(60)", monkeypatch)
    assert told.error == STALLED.format(name=NAME, seconds=0.5)


def test_a_fetch_that_trickles_is_ended_too(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    trickles = f"""{PRINTS}
for done in range(1000):
    out.write(b'{{"done": %d}}\\n' % done); out.flush(); time.sleep(0.05)
"""
    fetcher = Fetcher(Limits(fetch_s=1.5))
    assert told_by(fetcher, trickles, monkeypatch).error == TOO_LONG.format(name=NAME, seconds=1.5)


def test_whoever_waits_may_cancel_and_the_last_one_ends_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    real, begun = subprocess.Popen, list[subprocess.Popen[bytes]]()

    def begin(command: list[str], **how: object) -> subprocess.Popen[bytes]:
        begun.append(real([sys.executable, "-c", "import time; time.sleep(60)"], **how))  # type: ignore[call-overload]
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", begin)
    fetcher, cancelled = Fetcher(), Progress(error=CANCELLED.format(name=NAME))
    for ticket in ("mine", "yours"):
        assert not fetcher.fetch(NAME, ticket).over
    while not fetcher._processes:
        time.sleep(0.01)
    fetcher.cancel(NAME, "nobody's")
    fetcher.cancel(NAME, "mine")
    assert fetcher.progress(NAME, "mine") == cancelled
    assert not fetcher.progress(NAME, "yours").over  # type: ignore[union-attr]
    fetcher.cancel(NAME, "yours")
    assert fetcher.progress(NAME) == cancelled
    assert begun[0].wait(timeout=30) != 0


def test_the_other_process_ends_with_the_one_that_began_it() -> None:
    script = (
        "from export import progress; import time; progress.end_with_input(); print('up', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    with process:
        assert process.stdout.readline() == b"up\n"
        process.stdin.close()
        assert process.wait(timeout=30) == 1
