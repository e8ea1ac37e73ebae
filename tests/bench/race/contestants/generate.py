"""`transformers.generate`, greedy, with the attention that it takes by itself and its growing cache."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from transformers.generation.streamers import BaseStreamer

from tests.bench.race.contestants.transformers_eager import read
from tests.bench.race.interface import N_DECODED, CannotError, Contestant, Outcome, Task, decoded


class Moments(BaseStreamer):  # type: ignore[misc]  # transformers has no types
    """When each token was there."""

    def __init__(self) -> None:
        self.moments: list[float] = []

    def put(self, value: Any) -> None:
        self.moments.append(time.perf_counter())

    def end(self) -> None:
        pass


class Generate(Contestant):
    """What is read first does not count."""

    settings: dict[str, Any]

    def load(self, task: Task) -> None:
        if task.precision != "float32":
            raise CannotError(f"has no {task.precision} on a CPU without further packages")
        self.model = read(task, "sdpa")
        self.settings = {}

    def ready(self, task: Task) -> Callable[[], Outcome]:
        ids = torch.tensor([task.ids(self.model.config.vocab_size)])

        def run() -> Outcome:
            moments = Moments()
            with torch.inference_mode():
                out = self.model.generate(
                    ids,
                    attention_mask=torch.ones_like(ids),
                    max_new_tokens=N_DECODED + 1,
                    min_new_tokens=N_DECODED + 1,
                    do_sample=False,
                    streamer=moments,
                    pad_token_id=0,
                    eos_token_id=None,
                    **self.settings,
                )
            return decoded(moments.moments[-N_DECODED - 1 :], out[0, ids.shape[1] :].numpy())

        return run


CONTESTANT = Generate
