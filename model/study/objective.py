"""What a model is asked to be good at, token by token: cross-entropy, its gradient, and what short numbers make of it.

No torch here, and no model: logits come in as NumPy arrays, and everything is computed in float64. `model.train` steps
along the same losses in PyTorch (`model.train.objectives`).

Axes: target, the tokens that are to be predicted; d_vocab, the entries of the vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.softmax import log_softmax, log_sum_exp

IGNORED = -100
"""The target where nothing is to be predicted: `torch.nn.functional.cross_entropy` leaves it out."""

Vector = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Losses:
    """The loss of each target, in nats. *Shape:* (target,) each."""

    nats: Vector
    """-log p of what was to be predicted: its surprisal."""
    even: Vector
    """The mean of -log p over the whole vocabulary: the loss of a target that is every entry alike."""
    guess: Ids
    """The likeliest entry."""
    guessed: Vector
    """-log p of that one."""

    def smoothed(self, share: float) -> Vector:
        """With `share` of the target spread evenly over the vocabulary (Szegedy et al. 2016, section 7)."""
        mixed: Vector = (1 - share) * self.nats + share * self.even
        return mixed


@dataclass(frozen=True)
class Said:
    """What some rows of logits say, whatever was to be predicted. *Shape:* (row,) each."""

    log_sums: Vector
    """The logarithm of the sum of e to the power of each logit."""
    means: Vector
    """The mean logit."""
    guess: Ids
    """The likeliest entry."""
    highest: Vector
    """Its logit."""

    @classmethod
    def of(cls, logits: NDArray[np.floating]) -> Said:
        """Of logits, (row, d_vocab)."""
        scores = logits.astype(np.float64)
        return cls(log_sum_exp(scores), scores.mean(axis=-1), logits.argmax(axis=-1), scores.max(axis=-1))

    def losses(self, wanted: NDArray[np.floating]) -> Losses:
        """Where the logits of what was to be predicted are `wanted`."""
        return Losses(self.log_sums - wanted, self.log_sums - self.means, self.guess, self.log_sums - self.highest)


def losses(logits: NDArray[np.floating], targets: Ids) -> Losses:
    """The losses of some targets.

    Args:
        logits: *Shape:* (target, d_vocab).
        targets: what each of the rows was to predict. *Shape:* (target,).
    """
    return Said.of(logits).losses(logits[np.arange(len(targets)), targets])


def gradient(logits: NDArray[np.floating], target: int, share: float, n: int) -> Vector:
    """The gradient of the mean loss with respect to the logits of one target: (p - y) / n. *Shape:* (d_vocab,).

    Args:
        logits: *Shape:* (d_vocab,).
        target: the entry that was to be predicted.
        share: of the target, what label smoothing spreads evenly: y is then 1 - share on it, and share / d_vocab more
            on every entry.
        n: how many targets the mean is over.
    """
    wanted = np.full(logits.shape, share / logits.size)
    wanted[target] += 1 - share
    p: Vector = np.exp(log_softmax(logits.astype(np.float64)))
    pulled: Vector = (p - wanted) / n
    return pulled


def as_float16(values: Vector) -> Vector:
    """Each number as float16 holds it: the nearest, subnormal ones kept; infinite past 65,504."""
    with np.errstate(over="ignore"):
        kept: Vector = values.astype(np.float16).astype(np.float64)
    return kept


def as_bfloat16(values: Vector) -> Vector:
    """Each number as bfloat16 holds it, the upper half of a float32: the nearest, of two the even one."""
    bits = values.astype(np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    kept: Vector = rounded.view(np.float32).astype(np.float64)
    return kept


@dataclass(frozen=True)
class Flushed:
    """What of a gradient a format rounds to zero, of what is not zero."""

    entries: float
    """The share of the numbers."""
    size: float
    """Their share of the sum of all magnitudes."""

    @classmethod
    def of(cls, values: NDArray[Any], kept: NDArray[Any]) -> Flushed:
        """Of numbers, by what a format made of them."""
        there, sizes = values != 0, np.abs(values)
        gone = there & (kept == 0)
        return cls(float(gone.sum() / max(1, there.sum())), float(sizes[gone].sum() / (sizes.sum() or 1)))
