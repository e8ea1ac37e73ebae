"""BERT's task: guess masked tokens of stories and articles, and say whether two segments belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tokenizers
import torch
from torch import Tensor, nn

from model.config import Config
from model.study.corruption import FOLLOWS, IS_RANDOM, Masked, Special, around, fit, mask
from model.study.objective import IGNORED
from model.study.recipe import Recipe
from model.train import corpora, objectives
from model.train.pools import Pools
from model.train.task import Batch, Loss, Measured
from model.train.text import MAIN, Split, find
from model.train.vocabulary import CLS, MASK, PAD, SEP, id_of, word_piece
from model.train.workers import Worker

SHARES = {MAIN: 0.6, "picturebooks": 0.05, "wikipedia": 0.35}
"""Of the examples while sources are mixed; then the stories are alone."""
CHARACTERS_A_TOKEN = 3.75
"""Fewer than there are on average, so that few passages are cut."""
ALONE = 0.2
"""The share of the examples that are one short segment, as somebody types it."""

Passages = list[tuple[str, ...]]


def texts(split: Split, data: Path) -> dict[str, list[str]]:
    """The training documents of each source that the folder holds."""
    found = {name: list(split.training(name)) for name in split.files if name in SHARES}
    return found | {"wikipedia": list(corpora.articles(data))}


class MaskedTokens:
    """Masked tokens and next sentences."""

    figure: ClassVar[str] = "accuracy"

    def __init__(
        self,
        config: Config,
        recipe: Recipe,
        passages: dict[str, Passages],
        held_out: Passages,
        tokenizer: tokenizers.Tokenizer,
    ) -> None:
        tokenizer.encode_special_tokens = True
        self.tokenizer, self.passages, self.n_ctx, self.recipe = tokenizer, passages, config.n_ctx, recipe
        pad, cls, sep, masked = (id_of(tokenizer, name) for name in (PAD, CLS, SEP, MASK))
        self.pad = pad
        self.special = Special(cls, sep, masked, max(pad, cls, sep, masked) + 1, tokenizer.get_vocab_size())
        lengths = {name: len(found) for name, found in passages.items()}
        self.pools = Pools(lengths, self.make, lambda example: (len(example.ids),), recipe.batch_tokens, recipe.seed)
        self.unseen, self.held_out = held_out, self.hide(held_out)

    @classmethod
    def learn(cls, config: Config, recipe: Recipe, data: Path) -> tokenizers.Tokenizer:
        found = texts(Split.choose(find(data), recipe.n_held_out), data)
        return word_piece((text for several in found.values() for text in several), config.d_vocab)

    @classmethod
    def load(cls, config: Config, recipe: Recipe, data: Path, tokenizer: tokenizers.Tokenizer) -> MaskedTokens:
        split = Split.choose(find(data), recipe.n_held_out)
        n = int(config.n_ctx * CHARACTERS_A_TOKEN)
        passages = {name: corpora.passages(several, n) for name, several in texts(split, data).items()}
        return cls(config, recipe, passages, corpora.passages(split.held_out, n), tokenizer)

    def encode(self, sentences: tuple[str, ...]) -> list[int]:
        """Sentences as one segment's ids."""
        return self.tokenizer.encode(" ".join(sentences), add_special_tokens=False).ids

    def make(self, name: str, index: int, rng: np.random.Generator) -> Masked:
        """A passage as two segments, the second of which is another passage's every other time; or a part of it."""
        passage, follows = self.passages[name][index], IGNORED
        second: tuple[str, ...] = ()
        if len(passage) == 1 or rng.random() < ALONE:
            start = int(rng.integers(len(passage)))
            first = passage[start : start + int(rng.integers(1, 4))]
        else:
            cut = int(rng.integers(1, len(passage)))
            first, second, follows = passage[:cut], passage[cut:], FOLLOWS
            if rng.random() < 0.5:
                other = self.passages[name][int(rng.integers(len(self.passages[name])))]
                second, follows = other[int(rng.integers(len(other))) :], IS_RANDOM
        ids, segments = around(*fit(self.encode(first), self.encode(second), self.n_ctx - 3), self.special)
        read, targets = mask(ids, self.special, rng)
        return Masked(read, segments, targets, follows)

    def hide(self, passages: Passages) -> list[Masked]:
        """Passages as single segments, the same 15 % of whose tokens are masked every time, all of them by [MASK]."""
        rng, found = np.random.default_rng(0), []
        for passage in passages:
            ids, segments = around(self.encode(passage)[: self.n_ctx - 2], [], self.special)
            read, targets = mask(ids, self.special, rng, always=True)
            found.append(Masked(read, segments, targets, IGNORED))
        return sorted(found, key=lambda example: len(example.ids))

    def take(self, progress: float) -> Batch:
        mixed = {name: share for name, share in SHARES.items() if name in self.passages}
        return self.collate(self.pools.take(mixed if progress < self.recipe.mixed_until else {MAIN: 1.0}))

    def collate(self, examples: list[Masked]) -> Batch:
        """Ids, segments, targets, *Shape:* (batch, pos) each, and next-sentence targets, *Shape:* (batch,)."""
        shape = (len(examples), max(len(example.ids) for example in examples))
        ids, segments, targets = np.full(shape, self.pad), np.zeros(shape, np.int64), np.full(shape, IGNORED)
        for row, example in enumerate(examples):
            ids[row, : len(example.ids)] = example.ids
            segments[row, : len(example.ids)] = example.segments
            targets[row, : len(example.ids)] = example.targets
        follows = torch.tensor([example.follows for example in examples])
        return torch.from_numpy(ids), torch.from_numpy(segments), torch.from_numpy(targets), follows

    def state(self) -> dict[str, Any]:
        return self.pools.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.pools.restore(state)

    def loss(self, forward: nn.Module, batch: Batch) -> Loss:
        ids, segments, targets, follows = batch
        chosen = targets != IGNORED
        output = forward(ids, segments, (ids != self.pad)[:, None], guessed=chosen)
        masked = objectives.cross_entropy(output.logits, targets[chosen], self.recipe.label_smoothing)
        # A sum over how many there are: a batch without any pair has a loss of zero, and no mean.
        pairs = objectives.cross_entropy(output.next_sentence, follows, reduction="sum")
        n_pairs = (follows != IGNORED).sum().clamp(min=1)
        return Loss(masked + pairs / n_pairs, masked.item(), int(chosen.sum().item()))

    def measure(self, module: nn.Module, worker: Worker) -> Measured:
        mine = self.held_out[worker.rank :: worker.n]
        n = worker.total(float(sum((example.targets != IGNORED).sum() for example in mine)))
        loss = right = 0.0
        for logits, targets in self.guesses(module, worker):
            loss += objectives.cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(-1) == targets).sum().item()
        return Measured(worker.total(loss) / n, worker.total(right) / n)

    @torch.no_grad()
    def guesses(self, module: nn.Module, worker: Worker) -> list[tuple[Tensor, Tensor]]:
        """This process's part of the held-out guesses: logits, *Shape:* (guessed, d_vocab), and what it was."""
        mine, found = self.held_out[worker.rank :: worker.n], []
        for at in range(0, len(mine), 16):
            ids, segments, targets, _ = (rows.to(worker.device) for rows in self.collate(mine[at : at + 16]))
            chosen = targets != IGNORED
            with worker.autocast():
                output = module(ids, segments, (ids != self.pad)[:, None], guessed=chosen)
            found.append((output.logits, targets[chosen]))
        return found
