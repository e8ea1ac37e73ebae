"""T5's task: text in, text out. First what was cut out of texts, then translation, sentiment, grammar and gaps at once.

A prefix says what is wanted: `translate English to French:`, `sentiment:`, `grammar:`, `fill:`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tokenizers
import torch
from torch import nn

from model.config import Config
from model.study import spans
from model.study.objective import IGNORED
from model.study.recipe import Recipe
from model.train import corpora, objectives
from model.train.pools import Pools
from model.train.task import Batch, Loss, Measured
from model.train.text import MAIN, Split, find
from model.train.vocabulary import SENTINELS, T5_END, T5_PAD, id_of, unigram
from model.train.workers import Worker

PHASES = (
    (0.1, {"stories": 0.4, "articles": 0.3, "french": 0.3}),
    (0.45, {"translate": 0.55, "sentiment": 0.15, "grammar": 0.15, "fill": 0.15}),
    (1.0, {"translate": 0.35, "sentiment": 0.1, "grammar": 0.2, "fill": 0.35}),
)
"""Until when each part of the run lasts, from 0 to 1, and its shares of the examples: spans alone, all that have a
prefix, then more of what is learned last."""
CHARACTERS_A_TOKEN = 3.5
N_HELD_OUT = {"translate": 400, "sentiment": 300, "grammar": 300, "fill": 200}
"""Examples of each kind that the loss curve is measured on."""

PREFIX = {
    "translate": "translate English to French: ",
    "sentiment": "sentiment: ",
    "grammar": "grammar: ",
    "fill": spans.PREFIX,
}
SENTIMENT = {True: "positive", False: "negative"}
GRAMMAR = {True: "acceptable", False: "unacceptable"}

Item = tuple[Any, ...]


@dataclass(frozen=True)
class Pair:
    """One example: what is read and what is to be written, each with its `</s>`."""

    read: list[int]
    written: list[int]

    @property
    def lengths(self) -> tuple[int, int]:
        """Tokens of what is written and of what is read."""
        return len(self.written), len(self.read)


class TextToText:
    """Spans, then the mixture."""

    figure: ClassVar[str] = "accuracy"

    def __init__(
        self,
        config: Config,
        recipe: Recipe,
        items: dict[str, list[Item]],
        held_out: dict[str, list[Item]],
        tokenizer: tokenizers.Tokenizer,
    ) -> None:
        tokenizer.encode_special_tokens = True
        self.tokenizer, self.items, self.n_ctx, self.recipe = tokenizer, items, config.n_ctx, recipe
        self.pad, self.end = id_of(tokenizer, T5_PAD), id_of(tokenizer, T5_END)
        self.sentinels = [id_of(tokenizer, sentinel) for sentinel in SENTINELS]
        lengths = {name: len(found) for name, found in items.items()}
        self.pools = Pools(lengths, self.draw, lambda pair: pair.lengths, recipe.batch_tokens, recipe.seed)
        self.unseen, rng = held_out, np.random.default_rng(0)
        pairs = [self.make(name, item, rng) for name, n in N_HELD_OUT.items() for item in held_out[name][:n]]
        self.held_out = sorted(pairs, key=lambda pair: pair.lengths)

    @classmethod
    def learn(cls, config: Config, recipe: Recipe, data: Path) -> tokenizers.Tokenizer:
        items = cls.training(Split.choose(find(data), recipe.n_held_out), data, config.n_ctx)
        # A part of the articles, so that names of places and persons do not crowd out two languages' words.
        several = [items["stories"], items["articles"][::4], items["translate"], items["sentiment"], items["grammar"]]
        return unigram(
            (text for item in itertools.chain(*several) for text in item if isinstance(text, str)), config.d_vocab
        )

    @classmethod
    def load(cls, config: Config, recipe: Recipe, data: Path, tokenizer: tokenizers.Tokenizer) -> TextToText:
        split = Split.choose(find(data), recipe.n_held_out)
        training = cls.training(split, data, config.n_ctx)
        return cls(config, recipe, training, cls.held_back(split, data, config.n_ctx), tokenizer)

    @classmethod
    def training(cls, split: Split, data: Path, n_ctx: int) -> dict[str, list[Item]]:
        """What there is to train on, by the names in `PHASES`."""
        n = int(n_ctx * CHARACTERS_A_TOKEN)
        stories = corpora.passages(split.training(MAIN), n)
        translations = corpora.pairs(data)
        return {
            "stories": [(" ".join(passage),) for passage in stories],
            "articles": [(" ".join(passage),) for passage in corpora.passages(corpora.articles(data), n)],
            "french": [(french,) for _, french in translations],
            "translate": list(translations),
            "sentiment": list(corpora.phrases(data)),
            "grammar": list(corpora.minimal_pairs(data)),
            "fill": gaps(stories),
        }

    @classmethod
    def held_back(cls, split: Split, data: Path, n_ctx: int) -> dict[str, list[Item]]:
        """The same of what is held out, in the order of the corpora."""
        translations = corpora.references(data)
        return {
            "translate": [(english, *french) for english, french in translations.items()],
            "sentiment": list(corpora.phrases(data, held_out=True)),
            "grammar": list(corpora.minimal_pairs(data, held_out=True)),
            "fill": gaps(corpora.passages(split.held_out, int(n_ctx * CHARACTERS_A_TOKEN))),
        }

    def draw(self, name: str, index: int, rng: np.random.Generator) -> Pair:
        """An example of a training item."""
        return self.make(name, self.items[name][index], rng)

    def make(self, name: str, item: Item, rng: np.random.Generator) -> Pair:
        """An example of an item: of a text, cut anew; of a minimal pair, one of the two."""
        prefix = PREFIX.get(name, "")
        if name == "translate":
            return self.pair(prefix + item[0], item[1])
        if name == "sentiment":
            return self.pair(prefix + item[0], SENTIMENT[item[1]])
        if name == "grammar":
            good = bool(rng.random() < 0.5)
            return self.pair(prefix + item[not good], GRAMMAR[good])
        before, text = self.encode(prefix), self.encode(item[0])
        text = text[: self.n_ctx - len(before) - len(self.sentinels) - 1]
        if len(text) < 2:  # a single piece, of which nothing would be left to read
            return Pair([*before, self.sentinels[0], self.end], [self.sentinels[0], *text, self.end])
        read, written = spans.corrupt(text, self.sentinels, rng)
        return Pair([*before, *read, self.end], [*written, self.end])

    def encode(self, text: str) -> list[int]:
        """A text's ids, without `</s>`; sentinels written in it are plain text."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def pair(self, read: str, written: str) -> Pair:
        """Two texts as an example; what is too long loses its end."""
        ids = (self.encode(text)[: self.n_ctx - 1] for text in (read, written))
        return Pair(*([*several, self.end] for several in ids))

    def take(self, progress: float) -> Batch:
        shares = next(shares for until, shares in PHASES if progress < until)
        return self.collate(self.pools.take(shares))

    def collate(self, pairs: list[Pair]) -> Batch:
        """What is read, what the decoder begins with, and its targets. *Shape:* (batch, pos) each."""
        n_read, n_written = max(len(pair.read) for pair in pairs), max(len(pair.written) for pair in pairs)
        read = np.full((len(pairs), n_read), self.pad)
        begun, targets = np.full((len(pairs), n_written), self.pad), np.full((len(pairs), n_written), IGNORED)
        for row, pair in enumerate(pairs):
            read[row, : len(pair.read)] = pair.read
            begun[row, 1 : len(pair.written)] = pair.written[:-1]  # before it the pad, which starts every text
            targets[row, : len(pair.written)] = pair.written
        return torch.from_numpy(read), torch.from_numpy(begun), torch.from_numpy(targets)

    def state(self) -> dict[str, Any]:
        return self.pools.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.pools.restore(state)

    def loss(self, forward: nn.Module, batch: Batch) -> Loss:
        read, begun, targets = batch
        real = (read != self.pad)[:, None]
        logits = forward(read, begun, attention_mask=real, cross_mask=real).logits
        loss = objectives.cross_entropy(logits, targets, self.recipe.label_smoothing)
        return Loss(loss, loss.item(), int((targets != IGNORED).sum().item()))

    @torch.no_grad()
    def measure(self, module: nn.Module, worker: Worker) -> Measured:
        mine = self.held_out[worker.rank :: worker.n]
        n = worker.total(sum(len(pair.written) for pair in mine))
        loss = right = 0.0
        for at in range(0, len(mine), 32):
            read, begun, targets = (rows.to(worker.device) for rows in self.collate(mine[at : at + 32]))
            real = (read != self.pad)[:, None]
            with worker.autocast():
                logits = module(read, begun, attention_mask=real, cross_mask=real).logits
            loss += objectives.cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(-1) == targets).sum().item()
        return Measured(worker.total(loss) / n, worker.total(right) / n)


def gaps(passages: list[tuple[str, ...]]) -> list[Item]:
    """Two sentences at a time: texts to fill gaps in, as long as what somebody types."""
    return [(" ".join(passage[at : at + 2]),) for passage in passages for at in range(0, len(passage), 2)]
