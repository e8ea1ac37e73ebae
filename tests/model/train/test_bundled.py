"""The GPT that ships is as good as its card says on stories that it never saw; the BERT fills gaps as its card says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from model import pretrained
from model.train import card
from model.train.next_token import HeldOut
from model.train.text import Split, find
from model.train.workers import Worker

CHECKPOINTS = Path(card.__file__).parents[1] / "checkpoints"
FOLDER = CHECKPOINTS / "gpt"
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


def test_the_bundled_bert_fills_each_sentence_as_its_card_says():
    samples = (CHECKPOINTS / "bert" / "CARD.md").read_text(encoding="utf-8").partition("## Ten samples")[2]
    shown = re.findall(r"^> (.*\[MASK\].*)\n\n(.*)$", samples, flags=re.MULTILINE)
    assert len(shown) == 10
    bert = pretrained.load("bert")
    assert bert.tokenizer is not None
    assert bert.tokenizer.mask_id is not None
    for sentence, written in shown:
        ids = [token.id for token in bert.tokenizer.encode(sentence).tokens]
        with torch.no_grad():
            logits = bert.module(torch.tensor([ids])).logits
        chances = logits[0, ids.index(bert.tokenizer.mask_id)].softmax(dim=-1)
        for word, percent in re.findall(r"(\S+) ([\d.]+)%", written):
            chance = 100 * chances[bert.tokenizer.inner.token_to_id(word)].item()
            assert chance == pytest.approx(float(percent), abs=0.1), (sentence, word)


def test_the_bundled_bert_says_of_the_little_girl_how_she_felt():
    bert = pretrained.load("bert")
    assert bert.tokenizer is not None
    assert bert.tokenizer.mask_id is not None
    ids = [token.id for token in bert.tokenizer.encode("The little girl was very [MASK].").tokens]
    with torch.no_grad():
        likeliest = bert.module(torch.tensor([ids])).logits[0, ids.index(bert.tokenizer.mask_id)].topk(3).indices
    feelings = {
        "happy",
        "sad",
        "surprised",
        "excited",
        "proud",
        "scared",
        "angry",
        "tired",
        "curious",
        "brave",
        "sorry",
    }
    assert {bert.tokenizer.text_of(id) for id in likeliest.tolist()} <= feelings
