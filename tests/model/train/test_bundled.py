"""The GPT that ships is as good as its card says, on stories that it never saw."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from model.train import card
from model.train.next_token import HeldOut
from model.train.text import Split, find
from model.train.workers import Worker

FOLDER = Path(card.__file__).parents[1] / "checkpoints" / "gpt"
N_STORIES = 60
"""Of the held-out ones; enough for a mean within a few per cent of that over all."""


def nats_a_byte(written: str, who: str) -> float:
    """A figure of the card's table."""
    (figure,) = re.findall(rf"^\| {who} \| [\d.]+ \| ([\d.]+) \|", written, flags=re.MULTILINE)
    return float(figure)


def test_the_bundled_gpt_is_15_per_cent_better_than_a_5_gram_as_its_card_says(corpora: Path):
    written = (FOLDER / "CARD.md").read_text(encoding="utf-8")
    (n_held_out,) = re.findall(r"On the (\d+) held-out stories", written)
    split = Split.choose(find(corpora), int(n_held_out))
    module, tokenizer = card.load(FOLDER)
    held_out = HeldOut.encode(tokenizer, Split(split.files, split.held_out[:N_STORIES]))
    with Worker.join() as worker:
        loss = held_out.per_byte(held_out.loss(module, worker))
    assert loss == pytest.approx(nats_a_byte(written, "this model"), rel=0.05)
    assert loss < 0.85 * nats_a_byte(written, "5-gram, absolute discounting")
