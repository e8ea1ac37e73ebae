"""Every task in the same loop: reproduced by its seed, resumed to the last bit, and learning something."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model.config import Config
from model.study.recipe import Recipe
from model.train import loop
from model.train.loop import Run, train
from model.train.masked_tokens import MaskedTokens
from model.train.next_token import NextTokenOfStream
from model.train.task import Task
from model.train.text_to_text import TextToText

BRIEF = Recipe(steps=6, lr=1e-2, batch_tokens=256, n_held_out=9, eval_every=3)
TASKS: dict[str, type[Task]] = {"tiny": NextTokenOfStream, "tiny_bert": MaskedTokens, "tiny_t5": TextToText}


@pytest.fixture(scope="module", params=TASKS)
def finished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, corpus: Path
) -> tuple[Config, type[Task], Path]:
    """A run of each task that was left in peace."""
    config, kind, out = (
        request.getfixturevalue(request.param),
        TASKS[request.param],
        tmp_path_factory.mktemp("finished"),
    )
    train(config, BRIEF, corpus, out, kind, 3)
    return config, kind, out


def left(out: Path) -> dict[str, Any]:
    """What a run left behind, without the clock."""
    state: dict[str, Any] = torch.load(out / "state.pt", weights_only=True)
    names = ("module", "optimizers", "batches", "step", "n_seen", "losses", "n_snapped")
    return {name: state[name] for name in names} | {"points": [(*point[:2], *point[3:]) for point in state["points"]]}


def test_a_run_that_is_interrupted_twice_ends_as_if_nothing_had_happened(
    monkeypatch: pytest.MonkeyPatch, finished: tuple[Config, type[Task], Path], tmp_path: Path, corpus: Path
):
    config, kind, undisturbed = finished
    take_step = Run.take_step
    for stop_after in (1, 4):

        def interrupted(run: Run, *arguments: Any, stop_after: int = stop_after) -> float:
            if run.step == stop_after:
                raise KeyboardInterrupt
            return take_step(run, *arguments)

        with monkeypatch.context() as patched:
            patched.setattr(loop, "SAVE_EVERY", 0)
            patched.setattr(Run, "take_step", interrupted)
            with pytest.raises(KeyboardInterrupt):
                train(config, BRIEF, corpus, tmp_path, kind, 3)
        assert left(tmp_path)["step"] == stop_after
    train(config, BRIEF, corpus, tmp_path, kind, 3)
    torch.testing.assert_close(left(tmp_path), left(undisturbed), rtol=0, atol=0)
    for name in ("tokenizer.json", "config.json", "model.safetensors"):
        assert (tmp_path / name).read_bytes() == (undisturbed / name).read_bytes()
    with np.load(tmp_path / "timelapse.npz") as again, np.load(undisturbed / "timelapse.npz") as once:
        assert again.files == once.files
        assert all(np.array_equal(again[name], once[name]) for name in once.files)


def test_a_longer_run_gets_better_on_what_is_held_out(
    finished: tuple[Config, type[Task], Path], tmp_path: Path, corpus: Path
):
    config, kind, _ = finished
    recipe = dataclasses.replace(BRIEF, steps=60, lr=5e-3, eval_every=5)
    points = train(config, recipe, corpus, tmp_path, kind)
    assert points[-1].held_out < points[0].held_out - 0.1
    assert (tmp_path / "curve.csv").read_text().splitlines()[0].endswith(f",{kind.figure},lr,clipped")


@pytest.mark.parametrize(("n", "progress", "due"), [
    (0, 1, 0), (1, 0, 1), (5, 0, 1), (5, 1 / 1000, 2), (5, 1 / 101, 2), (5, 1 / 99, 3), (5, 0.99, 4), (5, 1, 5),
])  # fmt: skip
def test_snapshots_are_due_on_a_log_scale(n: int, progress: float, due: int):
    assert loop.snapshots_due(n, 1000, progress) == due
