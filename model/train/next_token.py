"""The GPTs' task: predict the next token of stories."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tokenizers
import torch
from torch import nn

from model.config import Config
from model.study.objective import IGNORED
from model.study.recipe import Recipe
from model.train import objectives
from model.train.data import Batches, Tokens
from model.train.task import Batch, Loss, Measured
from model.train.text import Split, find, train_tokenizer
from model.train.workers import Worker
from model.transformer.gpt import GPT


@dataclass(frozen=True)
class HeldOut:
    """The stories that no step sees."""

    tokens: Tokens
    n_bytes: int
    """Of their text in UTF-8."""

    @classmethod
    def encode(cls, tokenizer: tokenizers.Tokenizer, split: Split) -> HeldOut:
        """The held-out stories of a split."""
        n_bytes = sum(len(story.encode()) for story in split.held_out)
        return cls(Tokens.encode(tokenizer, split.held_out), n_bytes)

    def per_byte(self, loss: float) -> float:
        """A loss in nats a token as nats a byte. The `<|endoftext|>` after each story is predicted and has no byte."""
        return loss * self.tokens.n_predicted / self.n_bytes

    @torch.no_grad()
    def loss(self, module: GPT, worker: Worker) -> float:
        """Mean loss in nats a token, each token read after at least n_ctx // 2 of its story where there are so many."""
        windows = self.tokens.windows(module.config.n_ctx)
        windows = windows[np.argsort(windows[:, 1], kind="stable")][worker.rank :: worker.n]
        total = 0.0
        for at in range(0, len(windows), 16):
            inputs, targets = (rows.to(worker.device) for rows in self.tokens.rows(windows[at : at + 16]))
            with worker.autocast():
                logits = module(inputs).logits
            total += objectives.cross_entropy(logits, targets, reduction="sum").item()
        return worker.total(total) / self.tokens.n_predicted


class NextToken:
    """Each story read from its beginning."""

    figure: ClassVar[str] = "held_out_per_byte"

    def __init__(self, config: Config, recipe: Recipe, by_source: dict[str, Tokens], held_out: HeldOut) -> None:
        self.recipe, self.held_out = recipe, held_out
        self.batches = Batches(by_source, config.n_ctx, recipe.batch_tokens, recipe.seed)

    @classmethod
    def learn(cls, config: Config, recipe: Recipe, data: Path) -> tokenizers.Tokenizer:
        return train_tokenizer(Split.choose(find(data), recipe.n_held_out), config.d_vocab)

    @classmethod
    def load(cls, config: Config, recipe: Recipe, data: Path, tokenizer: tokenizers.Tokenizer) -> NextToken:
        split = Split.choose(find(data), recipe.n_held_out)
        by_source = {name: Tokens.encode(tokenizer, split.training(name)) for name in split.files}
        return cls(config, recipe, by_source, HeldOut.encode(tokenizer, split))

    def take(self, progress: float) -> Batch:
        return self.batches.take(progress < self.recipe.mixed_until)

    def state(self) -> dict[str, Any]:
        return self.batches.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.batches.restore(state)

    def loss(self, forward: nn.Module, batch: Batch) -> Loss:
        inputs, targets = batch
        output = forward(inputs)
        loss = objectives.cross_entropy(output.logits, targets, self.recipe.label_smoothing)
        n_predicted = int((targets != IGNORED).sum().item())
        return Loss(loss + self.recipe.balance * output.balance_loss, loss.item(), n_predicted)

    def measure(self, module: nn.Module, worker: Worker) -> Measured:
        assert isinstance(module, GPT)
        loss = self.held_out.loss(module, worker)
        return Measured(loss, self.held_out.per_byte(loss))


class NextTokenOfStream(NextToken):
    """All stories as one stream, cut anywhere, so that every position of a row has every kind of text.

    What is learned of a position is then about the position and not about how stories begin, and a text longer than the
    rows can be put together from held-out stories without looking unlike what was trained on.
    """

    def __init__(self, config: Config, recipe: Recipe, by_source: dict[str, Tokens], held_out: HeldOut) -> None:
        joined = {name: tokens.joined() for name, tokens in by_source.items()}
        super().__init__(config, recipe, joined, HeldOut(held_out.tokens.joined(), held_out.n_bytes))
