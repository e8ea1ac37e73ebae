"""Where in held-out stories each hidden neuron of a checkpoint is furthest from zero, read from a small file beside it.

No torch here. Who looks for the places is `export.passages`. For every block, under "<place>.<layer>.", there lie
`story`, `start`, `end` (which of `model.stories.held_out()`, and the characters of the token in it) and `activation`,
*Shape:* (neuron, `KEPT`) each, the furthest first; in a block with experts the neurons of one stand behind the other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import load_file

from export.runtime.layout import is_made_of
from export.runtime.session import WEIGHTS
from model import stories
from model.config import Config, Place

FILE = "passages.safetensors"
KEPT = 3
"""Passages of each neuron, no two of one story."""
ROOM = 36
"""Characters that are shown on either side of the token, up to a whole word."""


@dataclass(frozen=True)
class Passages:
    """The passages of one checkpoint's neurons."""

    config: Config
    found: Mapping[str, NDArray[Any]]

    def of(self, place: Place, layer: int, expert: int | None, neuron: int) -> list[dict[str, Any]] | None:
        """One neuron's passages, {before, token, after, activation}; None for a block that nobody looked into."""
        block = f"{place}.{layer}."
        if f"{block}story" not in self.found:
            return None
        experts = self.config.experts
        row = neuron if expert is None or experts is None else expert * experts.d_expert + neuron
        told = stories.held_out()
        return [
            {**around(told[story], start, end), "activation": activation}
            for story, start, end, activation in zip(
                *(self.found[block + name][row].tolist() for name in ("story", "start", "end", "activation")),
                strict=True,
            )
        ]


def around(story: str, start: int, end: int) -> dict[str, str]:
    """A token of a story between the words beside it."""
    low, high = max(0, start - ROOM), min(len(story), end + ROOM)
    before, after = story[low:start], story[end:high]
    if low and " " in before:
        before = before[before.index(" ") :]
    if high < len(story) and " " in after:
        after = after[: after.rindex(" ")]
    before, after = (part.replace("\n", " ") for part in (before, after))
    return {"before": before.lstrip(), "token": story[start:end], "after": after}


def load(folder: Path, config: Config) -> Passages | None:
    """The passages of a checkpoint; None where its folder holds none.

    Raises:
        ValueError: they are those of other weights.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    if not is_made_of(path, folder / WEIGHTS):
        raise ValueError(f"{FILE} was measured on another {WEIGHTS}; python -m export passages {folder.name} mends it")
    return Passages(config, load_file(path))
