"""Loss past the trained length."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from model.config import GPTConfig, PositionConfig
from model.train import lengths
from model.transformer.gpt import GPT

IDS = np.random.default_rng(0).integers(0, 300, 700)


@pytest.fixture(autouse=True)
def shorter(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lengths, "LENGTHS", (48, 96, 192))
    monkeypatch.setattr(lengths, "N_SCORED", 32)


def test_the_same_tokens_are_scored_at_every_length(tiny: GPTConfig):
    module = GPT(tiny)
    with torch.no_grad():
        module.embed.weight *= 20  # an untrained model is as bad everywhere; let it care about what it reads
    found = lengths.losses(module, IDS, None)
    for length, nats in found.items():
        losses = []
        for end in range(192, 700, 96):
            row = torch.from_numpy(IDS[max(0, end - length) : end + 1])[None]
            with torch.no_grad():
                log_p = module(row[:, :-1]).logits[0].log_softmax(-1)
            losses.append(-log_p[-32:].gather(1, row[0, -32:, None]).mean().item())
        assert nats == pytest.approx(np.mean(losses), rel=1e-4)


def test_a_model_without_such_positions_has_no_loss_there_and_null_in_the_table(tiny: GPTConfig, tmp_path: Path):
    module = GPT(dataclasses.replace(tiny, positions=PositionConfig("learned")))
    found = lengths.losses(module, IDS, module.positions.n_positions)
    assert [length for length, nats in found.items() if nats is None] == [96, 192]
    lengths.write(tmp_path, "gpt-learned", "learned", 48, found)
    table = json.loads((tmp_path / "lengths.json").read_text())
    assert table["nats"] == {str(length): nats for length, nats in found.items()}
    assert (table["model"], table["scheme"], table["trained_at"]) == ("gpt-learned", "learned", 48)
