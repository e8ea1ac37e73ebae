"""How a model fares on texts longer than those it was trained on.

The same tokens are scored every time; only how much text stands before them changes. So a model whose positions reach
far enough is as good at any length, and what another one loses is the positions' doing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from model.train import objectives

LENGTHS = (128, 256, 512, 1024)
N_SCORED = 64
"""Tokens at the end of each stretch that are scored, each of them with length - 64 tokens before it or more."""
FILE = "lengths.json"


@torch.no_grad()
def losses(module: nn.Module, ids: np.ndarray[Any, Any], n_positions: int | None) -> dict[int, float | None]:
    """Mean loss in nats a token by length; None where the model has no such positions.

    ids: a stream of held-out text, *Shape:* (position,).
    """
    longest = min(LENGTHS[-1], (len(ids) - 1) // N_SCORED * N_SCORED)
    ends = np.arange(longest, len(ids), longest // 2)
    found: dict[int, float | None] = {}
    for length in LENGTHS:
        if n_positions is not None and length > n_positions:
            found[length] = None
            continue
        total = 0.0
        for at in range(0, len(ends), 8):
            rows = torch.from_numpy(
                np.stack([ids[max(0, end - length) : end + 1] for end in ends[at : at + 8]]).astype(np.int64)
            )
            logits = module(rows[:, :-1]).logits[:, -N_SCORED:]
            total += objectives.cross_entropy(logits, rows[:, -N_SCORED:], reduction="sum").item()
        found[length] = total / (len(ends) * N_SCORED)
    return found


def write(out: Path, name: str, scheme: str, trained_at: int, found: dict[int, float | None]) -> None:
    """Writes `lengths.json`: what a page draws; null stands for positions that there are not."""
    table = {"model": name, "scheme": scheme, "trained_at": trained_at, "n_scored": N_SCORED, "nats": found}
    (out / FILE).write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
