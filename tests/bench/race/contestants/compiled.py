"""`torch.compile` over a step of `transformers`, with a cache of fixed length, as its handbook has it."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from transformers import StaticCache

from tests.bench.race.contestants.transformers_eager import read
from tests.bench.race.interface import N_DECODED, CannotError, Contestant, Outcome, Task, decoded


class Compiled(Contestant):
    """One graph for a step; it is compiled before anything counts."""

    def load(self, task: Task) -> None:
        if task.precision != "float32":
            raise CannotError(f"has no {task.precision} on a CPU without further packages")
        self.model = read(task, "sdpa")

    def ready(self, task: Task) -> Callable[[], Outcome]:
        torch.compiler.reset()
        ids = torch.tensor([task.ids(self.model.config.vocab_size)])
        length = task.n_past + N_DECODED + 1

        @torch.compile(dynamic=False)
        def step(token: torch.Tensor, position: torch.Tensor, cache: StaticCache) -> torch.Tensor:
            return self.model(token, position_ids=position[None], past_key_values=cache, use_cache=True).logits

        def run() -> Outcome:
            with torch.inference_mode():
                cache = StaticCache(config=self.model.config, max_cache_len=length)
                logits = self.model(ids, past_key_values=cache, use_cache=True).logits
                written, moments = [int(logits[0, -1].argmax())], [time.perf_counter()]
                for index in range(N_DECODED):
                    position = torch.tensor([task.n_past + index])
                    logits = step(torch.tensor([[written[-1]]]), position, cache)
                    written.append(int(logits[0, -1].argmax()))
                    moments.append(time.perf_counter())
            return decoded(moments, written)

        run()
        return run


CONTESTANT = Compiled
