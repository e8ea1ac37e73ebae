"""Measures what it costs to make a checkpoint smaller, one slider of the exhibit Smaller at a time, on held-out text.

Every setting of `model.study.shrinking` is one tapped graph over other weights; heads and layers go through its gates,
one after the other in the order of what each costs alone on this text. What is compared are the predictions of
`export.predictions`, over the same passages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export import predictions
from export.predictions import Pass
from export.runtime import shrinking as kept
from export.runtime.session import PREFIX, WEIGHTS, Session
from model import stored
from model.config import Config
from model.study import shrinking
from model.study.shrinking import BITS, GRAINS, NOTHING, ZEROED, Removed, Setting, heads_of, layer_of, layers_of
from model.tokenizer import Tokenizer

Array = NDArray[Any]
POINTS = 12
"""About how many numbers of heads are measured between none and all of them."""


def write(folder: Path) -> int:
    """Measures a checkpoint and writes the file; gives the number of predictions that were compared.

    Raises:
        FileNotFoundError: a graph, the weights or the tokenizer are missing.
        ValueError: the model predicts no tokens, or its weights are of a type that cannot be replaced.
    """
    told = Measured(folder, predictions.passages()).told()
    kept.write(folder, kept.FILE, told)
    count: int = told["predictions"]
    return count


class Measured:
    """A checkpoint, the passes over some passages, and what it says on them as it is.

    Args:
        folder: of the checkpoint.
        passages: to read.
    """

    def __init__(self, folder: Path, passages: Sequence[str]) -> None:
        self.folder = folder
        self.session = Session(folder)
        self.config: Config = self.session.config
        self.passes = predictions.passes(self.config, Tokenizer.of(self.config, folder / "tokenizer.json"), passages)
        self.before = list(said(self.session, self.passes))
        self.parts = kept.parts_of(folder / WEIGHTS)

    def told(self) -> dict[str, Any]:
        """All curves, as `export.runtime.shrinking` describes them."""
        tensors = stored.load(self.folder / WEIGHTS)

        def over(setting: Setting) -> Session:
            weights = shrinking.weights(tensors, setting) if setting else None
            return Session(self.folder, weights=weights)

        return {
            "predictions": sum(len(one.at) for one in self.passes),
            "bits": {
                grain: [self.point(bits, over(Setting(bits, grain)), Setting(bits, grain)) for bits in BITS]
                for grain in GRAINS
            },
            "zeroed": [self.point(share, over(Setting(zeroed=share)), Setting(zeroed=share)) for share in ZEROED],
            "heads": self.removing([Removed([head]) for head in heads_of(self.config)], POINTS),
            "layers": self.removing([layer_of(self.config, *layer) for layer in layers_of(self.config)], None),
        }

    def removing(self, each: Sequence[Removed], points: int | None) -> dict[str, Any]:
        """The parts from the one that costs least alone, and what it costs to remove the first so many."""
        costs = [self.change(self.session, one)[0] for one in each]
        order = [each[at] for at in np.argsort(costs, kind="stable")]
        step = 1 if points is None else -(-len(order) // points)
        counts = sorted({*range(0, len(order), step), len(order)})
        return {
            "order": [name_of(one) for one in order],
            "points": [self.point(count, self.session, Setting(), together(order[:count])) for count in counts],
        }

    def point(self, at: int, session: Session, setting: Setting, removed: Removed = NOTHING) -> list[Any]:
        """One point of a curve."""
        divergence, same = self.change(session, removed)
        size = shrinking.n_bytes(self.parts, self.config, setting, removed)
        return [at, size, float(f"{divergence:.4g}"), round(same, 4)]

    def change(self, session: Session, removed: Removed) -> tuple[float, float]:
        """The mean divergence in bits, and the share of predictions with the same likeliest entry."""
        divergence, same = [], []
        for p, q in zip(self.before, said(session, self.passes, gates(self.config, removed)), strict=True):
            divergence.append(predictions.kl_bits(p, q))
            same.append(p.argmax(axis=-1) == q.argmax(axis=-1))
        return float(np.concatenate(divergence).mean()), float(np.concatenate(same).mean())


def said(session: Session, passes: Sequence[Pass], gates: dict[str, Any] | None = None) -> Iterator[Array]:
    """The logits of each pass where they count. *Shape:* (position, entry)."""
    for one in passes:
        yield session.run(one.read, decoder_ids=one.written, **(gates or {})).logits[0, one.at]


def together(parts: Sequence[Removed]) -> Removed:
    """Several at once."""
    return Removed({head for one in parts for head in one.heads}, {mlp for one in parts for mlp in one.mlps})


def name_of(removed: Removed) -> str:
    """A head as "kind.layer.head", a block as "stack.layer"."""
    ((place, *at),) = removed.mlps or removed.heads
    return ".".join(map(str, [place, *at]))


def gates(config: Config, removed: Removed) -> dict[str, Any]:
    """What the tapped graph takes for it."""
    found: dict[str, Any] = {}
    for place, layer, head in removed.heads:
        open_heads = np.ones((config.stacks[place].layers, config.n_heads), np.float32)
        found.setdefault(f"{PREFIX[place]}head_gate", open_heads)[layer, head] = 0
    for place, layer in removed.mlps:
        open_mlps = np.ones(config.stacks[place].layers, np.float32)
        found.setdefault(f"{PREFIX[place]}mlp_gate", open_mlps)[layer] = 0
    return found
