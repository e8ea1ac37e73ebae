"""How fast this machine reads memory: what bounds decoding, which reads every weight once a token.

The best of three ways to read a gigabyte with two threads counts: a sum, a product with a vector by PyTorch, and one by
NumPy. "seconds" are those of one gigabyte.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from tests.bench.race.interface import N_THREADS, Contestant, Outcome, Task

ROWS, COLUMNS = 2**17, 2**11
"""Of float32: 2**30 bytes, far more than any cache."""


class Reading(Contestant):
    """It reads, and computes as little as it can."""

    def load(self, task: Task) -> None:
        torch.set_num_threads(N_THREADS)
        self.block = torch.ones(ROWS, COLUMNS)

    def ready(self, task: Task) -> Callable[[], Outcome]:
        vector, array = torch.ones(COLUMNS), self.block.numpy()
        ways: tuple[Callable[[], object], ...] = (
            lambda: self.block.sum(),
            lambda: torch.mv(self.block, vector),
            lambda: array @ vector.numpy(),
        )

        def run() -> Outcome:
            taken = []
            for way in ways:
                begun = time.perf_counter()
                way()
                taken.append(time.perf_counter() - begun)
            return Outcome(min(taken) * 1e9 / array.nbytes, {})

        return run


CONTESTANT = Reading
