"""The processes that train together: one on a CPU or a GPU, or as many as `torchrun` starts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist


@dataclass(frozen=True)
class Worker:
    """This process among those that train together, and its device."""

    rank: int
    n: int
    device: torch.device

    @classmethod
    @contextmanager
    def join(cls) -> Iterator[Worker]:
        """Joins the group that `torchrun` describes in the environment; alone without one."""
        n, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        cuda = torch.cuda.is_available()
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(device)
        if n > 1:
            dist.init_process_group("nccl" if cuda else "gloo")
        try:
            yield cls(rank, n, device)
        finally:
            if n > 1:
                dist.destroy_process_group()

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and speaks."""
        return self.rank == 0

    def agree(self, value: float) -> float:
        """The first process's value, in all of them."""
        if self.n == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return shared.item()

    def total(self, value: float) -> float:
        """The sum of a value over all processes."""
        if self.n == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.all_reduce(shared)
        return shared.item()

    def wait(self) -> None:
        """Goes on when all processes have come here."""
        if self.n > 1:
            dist.barrier()

    def autocast(self) -> torch.autocast:
        """bfloat16 where the device is fast at it: on CUDA. float32 on a CPU."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")
