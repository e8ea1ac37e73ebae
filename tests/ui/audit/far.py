"""Past the trained length, in Positions: six small models read held-out stories, and the text alone and behind them."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterator

import numpy as np
from tokenizers import Tokenizer

from tests.ui.audit.claims import Claim, Picture
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.passes import Checkpoint
from tests.ui.audit.sight import CHECKPOINTS, Sight

STORIES = CHECKPOINTS.parent / "stories" / "held_out.txt"
PARTED = "\n<|endoftext|>\n"
LENGTH, STRETCHES, BLOCK = 512, 8, 32
SIX = ("sinusoidal", "learned", "rope", "alibi", "t5bias", "nope")
"""In the order of the table, "gpt-" left out."""
READ = """() => {
  const cells = [...document.querySelectorAll('[data-exhibit="positions"] .far tbody td')];
  const status = document.querySelector('[data-exhibit="positions"] .far-status').textContent;
  return cells.length > 0 && cells.every((cell) => cell.textContent !== "…") && status === "";
}"""
ASKED = "([reader, text]) => window.cutaway.store.call('reads', { reader, text })"


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """All of it, where there is time, on one model's page: it is the same on every other's."""
    if seen.model != "gpt" or not seen.passes.whole:
        return
    seen.page.wait_for_function(READ)
    rows = seen.texts(".far tbody tr")
    yield Claim("far, models", str(len(rows)), len(SIX))
    ends = re.findall(r"from ([\d.]+) to ([\d.]+) nats", seen.text(".far canvas", "aria-label"))
    for index, name in enumerate(SIX):
        model = f"gpt-{name}"
        *lengths, alone, behind = seen.texts(f".far tbody tr:nth-child({index + 1}) td")
        trained = json.loads((CHECKPOINTS / model / "lengths.json").read_text(encoding="utf-8"))["nats"]
        for length, shown in zip((128, 256, 512, 1024), lengths, strict=True):
            nats = trained.get(str(length))
            yield Claim(f"far, {model}, measured at {length}", shown, "ends" if nats is None else nats)
        curve = _curve(model)
        told = seen.page.evaluate(ASKED, [model, seen.frame["text"]])
        yield Picture(f"far, {model}, stories", np.array(told["curve"]), curve, 2e-5)
        for shown, nats in zip(ends[index], curve[[0, -1]], strict=True):
            yield Claim(f"far, {model}, an end of its line", shown, float(nats))
        own = _text(model, seen.frame["text"])
        yield Claim(f"far, {model}, alone", alone, float(_losses(model, own).mean()))
        after = [*_stories(model)[: LENGTH - 1], *own]
        losses = "ends" if name == "learned" else float(_losses(model, after)[LENGTH - 1 :].mean())
        yield Claim(f"far, {model}, behind stories", behind, losses)


@functools.cache
def _checkpoint(model: str) -> Checkpoint:
    return Checkpoint(CHECKPOINTS / model)


def _text(model: str, text: str) -> list[int]:
    """The text's tokens behind the one that begins it."""
    tokenizer = Tokenizer.from_file(str(CHECKPOINTS / model / "tokenizer.json"))
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return [_checkpoint(model).config["bos_token_id"], *ids]


@functools.cache
def _stories(model: str) -> list[int]:
    """The stories' tokens, one behind the other."""
    told = STORIES.read_text(encoding="utf-8").removesuffix("\n").split(PARTED)
    every = itertools.chain.from_iterable(_text(model, story) for story in told)
    return list(itertools.islice(every, STRETCHES * LENGTH + 1))


def _losses(model: str, ids: list[int]) -> Array:
    """-ln p of every token but the first."""
    chances = softmax(_checkpoint(model)(ids[:-1]).logits)
    losses: Array = -np.log(chances[np.arange(len(ids) - 1), ids[1:]])
    return losses


@functools.cache
def _curve(model: str) -> Array:
    """The mean loss of each block of positions; a table of positions ends where it ends."""
    ids = _stories(model)
    config = _checkpoint(model).config
    length = config["n_ctx"] if config["positions"]["scheme"] == "learned" else LENGTH
    stretches = [_losses(model, ids[at : at + length + 1]) for at in range(0, STRETCHES * LENGTH, LENGTH)]
    curve: Array = np.mean(stretches, axis=0).reshape(-1, BLOCK).mean(axis=1)
    return curve
