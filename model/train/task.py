"""What the loop asks of an objective: batches in a fixed order, a loss to step along, and held-out figures.

The loop knows no model family and no objective by name; `next_token`, `masked_tokens` and `text_to_text` each fill this
protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import tokenizers
from torch import Tensor, nn

from model.config import Config
from model.study.recipe import Recipe
from model.train.workers import Worker

Batch = tuple[Tensor, ...]


@dataclass(frozen=True)
class Loss:
    """The loss on one batch."""

    minimized: Tensor
    """What the step goes along; a scalar."""
    nats: float
    """What the loss curve shows: mean nats a predicted token, auxiliary losses left out."""
    n_predicted: int


@dataclass(frozen=True)
class Measured:
    """Figures on what is held out."""

    loss: float
    """Mean nats a predicted token; the weights where it is lowest are kept."""
    figure: float
    """A second figure, which the task names."""


class Task(Protocol):
    """One objective on its data."""

    figure: ClassVar[str]
    """Name of the second held-out figure."""

    @classmethod
    def learn(cls, config: Config, recipe: Recipe, data: Path) -> tokenizers.Tokenizer:
        """The vocabulary, learned from training text only."""

    @classmethod
    def load(cls, config: Config, recipe: Recipe, data: Path, tokenizer: tokenizers.Tokenizer) -> Task:
        """The task on a data folder. Raises FileNotFoundError where a source is missing."""

    def take(self, progress: float) -> Batch:
        """The next batch, at a progress of the run from 0 to 1."""

    def state(self) -> dict[str, Any]:
        """The place in the data, for `restore`."""

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""

    def loss(self, forward: nn.Module, batch: Batch) -> Loss:
        """The loss of a model on a batch."""

    def measure(self, module: nn.Module, worker: Worker) -> Measured:
        """The held-out figures; all processes take part and get the same."""
