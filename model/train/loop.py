"""The training loop: warm-up and cosine, clipping, a held-out loss, and checkpoints that resume exactly.

A run lives in one folder. `state.pt` is everything that resuming needs (weights, optimizer, place in the data, random
state), replaced atomically at least once a minute and before every measurement. `config.json`, `tokenizer.json` and
`model.safetensors` are the model at its best held-out loss, in float16. `recipe.json` says how it is trained;
`curve.csv` is the loss curve, with the learning rate and the clipped steps.

Several processes take the batches of one order in turn, so n processes see n batches a step.
"""

from __future__ import annotations

import dataclasses
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import tokenizers
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from model.config import Config, from_json, to_json
from model.pretrained import MODULES
from model.study import points as curve
from model.study import recipe as recipes
from model.study import timelapse
from model.study.recipe import Recipe
from model.train.next_token import NextToken
from model.train.optimizers import Optimizers, optimizers_for
from model.train.task import Task
from model.train.workers import Worker

SAVE_EVERY = 45.0
"""Seconds between two checkpoints."""


def train(
    config: Config, recipe: Recipe, data: Path, out: Path, kind: type[Task] = NextToken, n_snapshots: int = 0
) -> list[curve.Point]:
    """Trains, or goes on with the run that `out` holds, until the recipe's end. Returns the loss curve.

    Args:
        kind: the task.
        n_snapshots: moments of the run that `timelapse.npz` keeps.

    Raises ValueError when the run in `out` has another config or recipe.
    """
    with Worker.join() as worker:
        tokenizer = vocabulary(kind, config, recipe, data, out, worker)
        task = kind.load(config, recipe, data, tokenizer)
        torch.manual_seed(recipe.seed)
        module = MODULES[config.family](config).to(worker.device)
        run = Run(config, recipe, out, module, optimizers_for(module, recipe), task, worker, n_snapshots)
        run.resume()
        if worker.first:
            recipes.write(recipe, worker.n, out)
        run.go()
        return run.points


def vocabulary(
    kind: type[Task], config: Config, recipe: Recipe, data: Path, out: Path, worker: Worker
) -> tokenizers.Tokenizer:
    """The vocabulary in `out`; where there is none yet it is learned and left there, and the config with it."""
    path = out / "tokenizer.json"
    if worker.first and not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.json").write_text(to_json(config) + "\n", encoding="utf-8")
        tokenizer = kind.learn(config, recipe, data)
        replace(path, lambda beside: tokenizer.save(str(beside), pretty=False))
    worker.wait()
    return tokenizers.Tokenizer.from_file(str(path))


def float16_weights(module: nn.Module) -> dict[str, Tensor]:
    """The state dict in float16."""
    return {name: tensor.to(torch.float16).contiguous().cpu() for name, tensor in module.state_dict().items()}


def replace(path: Path, write: Callable[[Path], None]) -> None:
    """Writes a file beside `path`, then puts it in its place at once: an interruption leaves the old file whole."""
    beside = path.with_name(path.name + ".new")
    write(beside)
    os.replace(beside, path)


@dataclass
class Run:
    """A run in progress: what changes from step to step, and how it is saved."""

    config: Config
    recipe: Recipe
    out: Path
    module: nn.Module
    optimizers: Optimizers
    task: Task
    worker: Worker
    n_snapshots: int = 0
    step: int = 0
    n_seen: int = 0
    """Tokens predicted so far, by all processes."""
    seconds: float = 0.0
    """Of training so far."""
    losses: list[float] = dataclasses.field(default_factory=list)
    """Of this process's batches since the last point of the curve."""
    n_clipped: int = 0
    """Steps since then whose gradient was longer than the recipe's limit."""
    lr: float = 0.0
    """Of the last step."""
    n_snapped: int = 0
    """Snapshots taken so far."""
    points: list[curve.Point] = dataclasses.field(default_factory=list)

    @property
    def progress(self) -> float:
        """How far the run is, from 0 to 1."""
        return self.recipe.progress(self.step, self.seconds)

    def made_by(self) -> dict[str, Any]:
        """What a resumed run must share with the one it goes on with."""
        return {"config": to_json(self.config), **self.recipe.fixed(), "workers": self.worker.n}

    def resume(self) -> None:
        """Goes on from `state.pt` where there is one."""
        path = self.out / "state.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.worker.device, weights_only=True)
        made_by, then = self.made_by(), state["made_by"]
        then["config"] = to_json(from_json(then["config"]))  # a field that came later has its default
        if different := sorted(name for name in made_by if then.get(name) != made_by[name]):
            raise ValueError(
                f"the run in {self.out} has another {', '.join(different)}; give the same, or another --out"
            )
        self.module.load_state_dict(state["module"])
        self.optimizers.load_state_dict(state["optimizers"])
        self.task.restore(state["batches"])
        torch.set_rng_state(state["rng"].cpu())
        self.step, self.n_seen, self.seconds = state["step"], state["n_seen"], state["seconds"]
        self.losses, self.n_snapped = state["losses"], state.get("n_snapped", 0)
        self.n_clipped, self.lr = state.get("n_clipped", 0), state.get("lr", 0.0)
        self.points = [curve.Point(*point) for point in state["points"]]

    def save(self) -> None:
        """Writes everything that `resume` needs; the first process does so for all."""
        if not self.worker.first:
            return
        state = {
            "made_by": self.made_by(),
            "lasts": {"steps": self.recipe.steps, "hours": self.recipe.hours, "snapshots": self.n_snapshots or None},
            "module": self.module.state_dict(),
            "optimizers": self.optimizers.state_dict(),
            "batches": self.task.state(),
            "rng": torch.get_rng_state(),
            "step": self.step,
            "n_seen": self.n_seen,
            "seconds": self.seconds,
            "losses": self.losses,
            "n_clipped": self.n_clipped,
            "lr": self.lr,
            "n_snapped": self.n_snapped,
            "points": [dataclasses.astuple(point) for point in self.points],
        }
        replace(self.out / "state.pt", lambda beside: torch.save(state, beside))

    def go(self) -> None:
        """Steps until the end. A run that was interrupted while it was measured is measured first."""
        worker, recipe = self.worker, self.recipe
        forward = DistributedDataParallel(self.module) if worker.n > 1 else self.module
        bar = tqdm(total=recipe.steps, initial=self.step, unit="step", disable=not worker.first, mininterval=5)
        started, saved = time.monotonic() - self.seconds, time.monotonic()
        while True:
            if self.is_due or self.snapshots_due > self.n_snapped:
                self.save()  # measuring takes long: what led here is not to be lost over it
                self.snap()
                if self.is_due:
                    self.measure()
                saved = -math.inf
            if time.monotonic() - saved > SAVE_EVERY:
                self.save()
                saved = time.monotonic()
            if self.progress == 1:
                break
            self.losses.append(self.take_step(forward))
            self.seconds = worker.agree(time.monotonic() - started)
            bar.update()
            bar.set_postfix(loss=f"{self.losses[-1]:.3f}", lr=f"{recipe.lr_at(self.progress):.1e}", refresh=False)
        bar.close()

    def take_step(self, forward: nn.Module) -> float:
        """One step of the optimizer. Returns this process's mean loss in nats a token, without auxiliary losses."""
        progress, self.lr = self.progress, self.recipe.lr_at(self.progress + 1 / self.recipe.steps)
        batches = [self.task.take(progress) for _ in range(self.worker.n)]
        batch = tuple(rows.to(self.worker.device) for rows in batches[self.worker.rank])
        with self.worker.autocast():
            loss = self.task.loss(forward, batch)
        loss.minimized.backward()
        norm = nn.utils.clip_grad_norm_(self.module.parameters(), self.recipe.clip)
        self.n_clipped += int(norm.item() > self.recipe.clip)
        self.optimizers.step(self.lr)
        self.optimizers.zero_grad()
        self.step += 1
        self.n_seen += int(self.worker.total(loss.n_predicted))
        return loss.nats

    @property
    def is_due(self) -> bool:
        """Whether the curve is to have a point at this step, and has none yet."""
        last = self.points[-1].step if self.points else 0
        return self.step > last and (self.step % self.recipe.eval_every == 0 or self.progress == 1)

    @property
    def snapshots_due(self) -> int:
        """How many snapshots the time-lapse is to have by now."""
        return snapshots_due(self.n_snapshots, self.recipe.steps, self.progress)

    def measure(self) -> None:
        """Adds a point to the loss curve, and keeps the weights if they are the best so far."""
        measured, learned = self.task.measure(self.module, self.worker), float(np.mean(self.losses))
        best = min((point.held_out for point in self.points), default=math.inf)
        seen, logged = (self.step, self.n_seen, self.seconds / 3600), (self.lr, self.n_clipped)
        point = curve.Point(*seen, learned, measured.loss, measured.figure, *logged)
        self.points.append(point)
        self.losses.clear()
        self.n_clipped = 0
        if not self.worker.first:
            return
        tqdm.write(point.line(self.task.figure))
        curve.write(self.points, self.out, self.task.figure)
        if measured.loss < best:
            weights = float16_weights(self.module)
            replace(self.out / "model.safetensors", lambda beside: safetensors.torch.save_file(weights, beside))

    def snap(self) -> None:
        """Keeps the weights of this moment for the time-lapse, if it is one of those that are wanted."""
        path = self.out / timelapse.FILE
        if self.snapshots_due <= self.n_snapped:
            return
        held_out = self.task.measure(self.module, self.worker).loss
        self.n_snapped = self.snapshots_due
        if self.worker.first:
            weights = {name: tensor.float().cpu().numpy() for name, tensor in self.module.state_dict().items()}
            timelapse.add(path, timelapse.Moment(self.step, self.n_seen, held_out), weights)


def snapshots_due(n: int, steps: int, progress: float) -> int:
    """How many of `n` snapshots belong to the part of a run until `progress`.

    The first is of the untrained weights, the last of the run's end; the others lie between the first step and the end
    on a log scale.
    """
    if n < 2:
        return n
    wanted = [0.0, *np.geomspace(1 / steps, 1, n - 1).tolist()]
    return sum(progress >= at * (1 - 1e-9) for at in wanted)
