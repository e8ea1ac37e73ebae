"""PyTorch by hand: the modules of `model.transformer`, with hooks on the probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from model import pretrained, taps
from model.transformer.capture import capture
from tests.bench.race.contestants.ours import patterns
from tests.bench.race.interface import N_THREADS, Contestant, Outcome, Task, place, timed


class ByHand(Contestant):
    """Eager."""

    def load(self, task: Task) -> None:
        torch.set_num_threads(N_THREADS)
        self.loaded = pretrained.load(place(task, "ours"))

    def ready(self, task: Task) -> Callable[[], Outcome]:
        config, module = self.loaded.config, self.loaded.module
        names = patterns(taps.table(config))
        ids = torch.tensor([task.ids(config.d_vocab)])
        given = (ids, ids) if config.family == "t5" else (ids,)

        def arrays() -> dict[str, Any]:
            with torch.inference_mode(), capture(module, names) as taken:
                logits = module(*given).logits
            return {"logits": logits.numpy(), "patterns": [taken[name].numpy() for name in names]}

        return timed(arrays)


CONTESTANT = ByHand
