"""What the device could do at best, measured on it: bytes a second of a copy, operations a second of a product.

A pass reads every weight once and multiplies by each that it reaches; it can end no sooner than either allows,

    bound = max(operations / peak, bytes / bandwidth)

(the roofline, Williams et al. 2009), and its share of the ceiling is the bound over the time that it took. Activations,
caches and probabilities, which are read and written besides, count for nothing here, so that a share errs downwards.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from export.runtime.layout import slots
from export.runtime.session import WEIGHTS
from model import config as configs
from model.config import Config, GPTConfig
from model.relatives.flops import pairs
from tests.bench.gpu.machine import Device
from tests.bench.race.turns import rounded

BYTES, SIDE, TIMES = 2**30, 8192, 20
QUICK_BYTES, QUICK_SIDE, QUICK_TIMES = 2**24, 256, 3
BYTES_A_WEIGHT = 2
"""In float16."""


@dataclass(frozen=True)
class Ceilings:
    """Of one device."""

    bandwidth: float
    """Bytes a second, read and written."""
    peak: float
    """Operations a second; a multiplication and an addition are two."""

    def bound(self, work: Work) -> float:
        """Seconds below which the work cannot be done."""
        return max(work.operations / self.peak, work.bytes / self.bandwidth)

    def told(self) -> dict[str, Any]:
        """As a row."""
        return {"bandwidth_gb_s": rounded(self.bandwidth / 1e9), "peak_tflop_s": rounded(self.peak / 1e12)}


@dataclass(frozen=True)
class Work:
    """What a pass cannot do without."""

    operations: float
    bytes: float


def measure(device: Device, quick: bool) -> Ceilings:
    """The medians of some copies and products, each from an idle device to an idle device."""
    n_bytes, side, times = (QUICK_BYTES, QUICK_SIDE, QUICK_TIMES) if quick else (BYTES, SIDE, TIMES)
    source = torch.ones(n_bytes, dtype=torch.uint8, device=device.name)
    target = torch.empty_like(source)
    one, other = (torch.randn(side, side, device=device.name, dtype=device.dtype) for _ in range(2))
    product = torch.empty_like(one)

    def median(call: Any) -> float:
        call()
        return statistics.median(device.seconds(call) for _ in range(times))

    copied = median(lambda: target.copy_(source))
    multiplied = median(lambda: torch.mm(one, other, out=product))
    return Ceilings(2 * n_bytes / copied, 2 * side**3 / multiplied)


def work(folder: Path, n: int) -> Work:
    """What reading n tokens takes, logits at each of them.

    Every matrix of m entries that a token passes costs it 2 m operations, of the experts those of the chosen ones; and
    every pair of tokens that may attend 4 n_heads d_head a layer (Kaplan et al. 2020, table 1, each pair counted once).
    """
    config: Config = configs.load(folder)
    if not isinstance(config, GPTConfig):
        raise ValueError(f"{config.name} is no GPT; operations are counted for those alone")
    reached = stored = 0.0
    for name, slot in slots(folder / WEIGHTS).items():
        entries = math.prod(slot.shape)
        stored += entries
        if len(slot.shape) == 3 and config.experts is not None:
            reached += entries * config.experts.top_k / config.experts.n_experts
        elif len(slot.shape) == 2 and (name != "embed.weight" or config.tied_embeddings):
            reached += entries
    mixed = 4 * config.n_heads * config.head_width * config.n_layers * pairs(n)
    return Work(2 * n * reached + mixed, BYTES_A_WEIGHT * stored)
