"""Whole runs of a tiny model: reproduced, interrupted, resumed, ended by the clock, and shared by two processes."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from model import config as configs
from model.config import GPTConfig
from model.study import points as measured
from model.study import recipe as recipes
from model.study.recipe import Recipe
from model.train import loop, objectives
from model.train.data import Batches, Tokens
from model.train.loop import Run, replace, train
from model.train.next_token import HeldOut, NextToken
from model.train.optimizers import optimizers_for
from model.train.text import Split, find
from model.train.workers import Worker
from model.transformer.gpt import GPT

ALONE = Worker(0, 1, torch.device("cpu"))


def state(out: Path) -> dict[str, Any]:
    """What a run left behind, without the clock."""
    left: dict[str, Any] = torch.load(out / "state.pt", weights_only=True)
    left["points"] = [(step, n, train, *held) for step, n, _, train, *held in left["points"]]
    return {name: left[name] for name in ("module", "optimizers", "batches", "step", "n_seen", "points", "losses")}


def assert_same(a: Any, b: Any) -> None:
    """Equal to the last bit."""
    torch.testing.assert_close(a, b, rtol=0, atol=0)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny: GPTConfig, brief: Recipe, data: Path) -> Path:
    """A run that was left in peace."""
    out = tmp_path_factory.mktemp("finished")
    train(tiny, brief, data, out)
    return out


def test_the_same_seed_gives_the_same_run(finished: Path, tmp_path: Path, tiny: GPTConfig, brief: Recipe, data: Path):
    train(tiny, brief, data, tmp_path)
    assert_same(state(tmp_path), state(finished))
    for name in ("tokenizer.json", "config.json", "model.safetensors"):
        assert (tmp_path / name).read_bytes() == (finished / name).read_bytes()


def test_another_seed_gives_another_run(finished: Path, tmp_path: Path, tiny: GPTConfig, brief: Recipe, data: Path):
    train(tiny, dataclasses.replace(brief, seed=1), data, tmp_path)
    assert (tmp_path / "tokenizer.json").read_bytes() == (finished / "tokenizer.json").read_bytes()
    assert (tmp_path / "model.safetensors").read_bytes() != (finished / "model.safetensors").read_bytes()


@pytest.mark.parametrize("stop_after", [1, 3, 4, 7])
def test_an_interrupted_run_ends_as_if_nothing_had_happened(
    monkeypatch: pytest.MonkeyPatch,
    finished: Path,
    tmp_path: Path,
    tiny: GPTConfig,
    brief: Recipe,
    data: Path,
    stop_after: int,
):
    take_step = Run.take_step

    def interrupted(run: Run, *arguments: Any) -> float:
        if run.step == stop_after:
            raise KeyboardInterrupt
        return take_step(run, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(loop, "SAVE_EVERY", 0)
        patched.setattr(Run, "take_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(tiny, brief, data, tmp_path)
    assert state(tmp_path)["step"] == stop_after
    train(tiny, brief, data, tmp_path)
    assert_same(state(tmp_path), state(finished))


@pytest.mark.parametrize("nth", [1, 2])
def test_what_led_to_a_measurement_is_not_lost_over_it(
    nth: int,
    monkeypatch: pytest.MonkeyPatch,
    finished: Path,
    tmp_path: Path,
    tiny: GPTConfig,
    brief: Recipe,
    data: Path,
):
    """However rarely the clock would have saved; and the measurement is made up for."""
    measure, begun = Run.measure, []

    def interrupted(run: Run) -> None:
        begun.append(run.step)
        if len(begun) == nth:
            raise KeyboardInterrupt
        measure(run)

    with monkeypatch.context() as patched:
        patched.setattr(loop, "SAVE_EVERY", 1e9)
        patched.setattr(Run, "measure", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(tiny, brief, data, tmp_path)
    assert state(tmp_path)["step"] == begun[-1] == nth * brief.eval_every
    train(tiny, brief, data, tmp_path)
    assert_same(state(tmp_path), state(finished))


def test_no_more_than_a_minute_is_lost_when_a_run_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny: GPTConfig, brief: Recipe, data: Path
):
    """By a clock on which a step takes 14 seconds, and a measurement an hour."""
    now = [0.0]
    take_step, measure, save, seen = Run.take_step, Run.measure, Run.save, []

    def step(run: Run, *arguments: Any) -> float:
        now[0] += 14.0
        return take_step(run, *arguments)

    def measured(run: Run) -> None:
        assert run.step == kept(), "training is lost while it is measured"
        now[0] += 3600.0
        measure(run)

    def saved(run: Run) -> None:
        save(run)
        seen.append((now[0], run.step))

    def kept() -> int:
        return seen[-1][1]

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Run, "take_step", step)
    monkeypatch.setattr(Run, "measure", measured)
    monkeypatch.setattr(Run, "save", saved)
    train(tiny, brief, data, tmp_path)
    waits = [later - earlier for (earlier, _), (later, _) in pairwise([(0.0, 0), *seen])]
    assert max(wait for wait in waits if wait < 3600) <= 60
    assert kept() == brief.steps


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path):
    (tmp_path / "a").write_text("old")

    def half(beside: Path) -> None:
        beside.write_text("ne")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(tmp_path / "a", half)
    assert (tmp_path / "a").read_text() == "old"


def test_a_run_is_not_resumed_with_another_recipe(finished: Path, tiny: GPTConfig, brief: Recipe, data: Path):
    with pytest.raises(ValueError, match="has another lr; give the same"):
        train(tiny, dataclasses.replace(brief, lr=1e-4), data, finished)


def test_a_finished_run_is_left_as_it_is(finished: Path, tiny: GPTConfig, brief: Recipe, data: Path):
    before = (finished / "state.pt").read_bytes()
    assert train(tiny, brief, data, finished)[-1].step == brief.steps
    assert (finished / "state.pt").read_bytes() == before


def test_a_run_learns_and_keeps_its_best_weights_in_float16(tmp_path: Path, tiny: GPTConfig, brief: Recipe, data: Path):
    points = train(tiny, dataclasses.replace(brief, steps=60, lr=1e-2, eval_every=20), data, tmp_path)
    assert [point.step for point in points] == [20, 40, 60]
    assert points[-1].held_out < points[0].held_out - 0.3
    assert measured.read(tmp_path)[-1].held_out == pytest.approx(points[-1].held_out, rel=1e-5)

    weights = safetensors.torch.load_file(tmp_path / "model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    assert configs.load(tmp_path) == tiny
    module = GPT(tiny)
    module.load_state_dict(weights)
    tokenizer = loop.vocabulary(NextToken, tiny, brief, data, tmp_path, ALONE)
    held_out = HeldOut.encode(tokenizer, Split.choose(find(data), brief.n_held_out))
    best = min(point.held_out for point in points)
    assert held_out.loss(module, ALONE) == pytest.approx(best, abs=2e-3)  # float16 keeps three digits


def test_a_run_with_hours_ends_annealed_when_they_are_over(tmp_path: Path, tiny: GPTConfig, brief: Recipe, data: Path):
    recipe = dataclasses.replace(brief, steps=1_000_000, hours=3 / 3600, lr=1e-2)
    points = train(tiny, recipe, data, tmp_path)
    left = torch.load(tmp_path / "state.pt", weights_only=True)
    assert points[-1].step == left["step"] < recipe.steps
    assert points[-1].hours == pytest.approx(3 / 3600, rel=0.5)
    assert left["optimizers"][0]["param_groups"][0]["lr"] < 0.25 * recipe.lr


def test_held_out_loss_is_that_of_each_story_read_alone(tiny: GPTConfig, brief: Recipe, finished: Path, data: Path):
    split = Split.choose(find(data), 9)
    held_out = HeldOut.encode(loop.vocabulary(NextToken, tiny, brief, data, finished, ALONE), split)
    module, stride = GPT(tiny), tiny.n_ctx // 2
    assert (held_out.tokens.starts[1:] - held_out.tokens.starts[:-1]).max() > tiny.n_ctx + stride
    total = 0.0
    for start, end in zip(held_out.tokens.starts[:-1], held_out.tokens.starts[1:], strict=True):
        ids = torch.tensor(held_out.tokens.ids[start : end + 1].astype("int64"))
        for at in range(len(ids) - 1):
            # The last token that this one's window must reach back to: its document's first, or half a context ago.
            first = 0 if at < tiny.n_ctx else at - stride - (at - tiny.n_ctx) % stride
            log_p = module(ids[None, first : at + 1]).logits[0, -1].log_softmax(-1)
            total -= log_p[ids[at + 1]].item()
    assert held_out.loss(module, ALONE) == pytest.approx(total / held_out.tokens.n_predicted, rel=1e-4)
    assert held_out.n_bytes == sum(len(story.encode()) for story in split.held_out)


def test_the_rate_and_the_clipped_steps_are_logged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny: GPTConfig, brief: Recipe, data: Path
):
    norms, clip = [], torch.nn.utils.clip_grad_norm_

    def watched(parameters: Any, limit: float) -> torch.Tensor:
        norm = clip(parameters, limit)
        norms.append(norm.item())
        return norm

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", watched)
    for limit in (1e9, 0.0):  # nothing is longer than the one, everything than the other
        train(tiny, dataclasses.replace(brief, clip=limit), data, tmp_path / str(limit))
        found = measured.read(tmp_path / str(limit))
        assert [point.clipped for point in found] == [0 if limit else brief.eval_every] * 2
    limit = sorted(norms[: brief.steps])[brief.steps // 2]
    norms.clear()
    recipe = dataclasses.replace(brief, clip=limit)
    points = train(tiny, recipe, data, tmp_path / "some")
    halves = norms[: brief.eval_every], norms[brief.eval_every :]
    assert [point.clipped for point in points] == [sum(norm > limit for norm in half) for half in halves]
    assert [point.lr for point in points] == [recipe.lr_at(point.step / recipe.steps) for point in points]
    assert recipes.read(tmp_path / "some") == (recipe, 1)


SHARED = """
import sys
import time
from itertools import pairwise
from pathlib import Path
from model.config import from_json
from model.train.loop import train
from model.study.recipe import Recipe
if __name__ == "__main__":
    train(from_json(sys.argv[1]), Recipe(**eval(sys.argv[2])), Path(sys.argv[3]), Path(sys.argv[4]))
"""


def test_two_processes_step_along_the_mean_of_their_gradients(
    tmp_path: Path, tiny: GPTConfig, brief: Recipe, data: Path
):
    recipe = dataclasses.replace(brief, steps=3)
    script = tmp_path / "shared.py"
    script.write_text(SHARED)
    arguments = [configs.to_json(tiny), repr(dataclasses.asdict(recipe)), str(data), str(tmp_path)]
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | {"PYTHONPATH": str(Path(loop.__file__).parents[2])}
    subprocess.run([*launch, str(script), *arguments], env=environment, check=True, capture_output=True, timeout=120)

    split = Split.choose(find(data), recipe.n_held_out)
    tokenizer = loop.vocabulary(NextToken, tiny, recipe, data, tmp_path, ALONE)
    by_source = {name: Tokens.encode(tokenizer, split.training(name)) for name in split.files}
    batches = Batches(by_source, tiny.n_ctx, recipe.batch_tokens, recipe.seed)
    torch.manual_seed(recipe.seed)
    module = GPT(tiny)
    optimizer = optimizers_for(module, recipe)
    for step in range(recipe.steps):
        mixed = recipe.progress(step, 0) < recipe.mixed_until
        for inputs, targets in [batches.take(mixed), batches.take(mixed)]:
            output = module(inputs)
            loss = objectives.cross_entropy(output.logits, targets) + recipe.balance * output.balance_loss
            (loss / 2).backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), recipe.clip)
        optimizer.step(recipe.lr_at((step + 1) / recipe.steps))
        optimizer.zero_grad()
    left = state(tmp_path)
    assert left["batches"] == batches.state()
    torch.testing.assert_close(left["module"], dict(module.state_dict()), rtol=1e-4, atol=1e-5)
