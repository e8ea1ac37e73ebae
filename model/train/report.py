"""What a card is made from: a trained model with its held-out data, and what its family's measurements say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tokenizers

from model.config import Config
from model.study.recipe import Recipe


@dataclass(frozen=True)
class Trained:
    """What a run left, ready to be measured."""

    config: Config
    module: Any
    """The model with its best weights, in float32."""
    tokenizer: tokenizers.Tokenizer
    task: Any
    """The task, of the class that the plan names."""
    recipe: Recipe
    out: Path

    @property
    def millions(self) -> str:
        """How many million numbers the model is made of."""
        return f"{sum(parameter.numel() for parameter in self.module.parameters()) / 1e6:.2f}"


@dataclass(frozen=True)
class Report:
    """The parts of a card that depend on the family, in Markdown."""

    what: str
    """What the model does and what it is here for."""
    data: str
    held_out: str
    """Figures beside baselines."""
    samples: str
    """Ten, unedited."""
    limits: str
    baselines: Mapping[str, float] = field(default_factory=dict)
    """Losses in nats a token that the curve is held against, by name."""


def quoted(text: str) -> str:
    """A text as a Markdown quotation."""
    return "\n".join("> " + line for line in text.splitlines())


def rows(*cells: tuple[object, ...]) -> str:
    """Rows of a Markdown table."""
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in cells)
