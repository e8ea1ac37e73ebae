"""The baseline for gaps in a text: which tokens stood beside the neighbours of the gap in the training text.

Axes: gap: the places to guess; d_vocab.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]

WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Of the left side, when both are interpolated."""


class Bigrams:
    """Counts of neighbouring tokens."""

    def __init__(self, texts: Iterable[list[int]], d_vocab: int) -> None:
        pairs = [np.stack([ids[:-1], ids[1:]]) for ids in map(np.array, texts) if len(ids) > 1]
        left, right = np.concatenate(pairs, axis=1).astype(np.int64)
        counts = np.bincount(left * d_vocab + right, minlength=d_vocab * d_vocab)
        self.counts: Floats = counts.astype(np.float32).reshape(d_vocab, d_vocab)
        self.after = np.maximum(self.counts.sum(1), 1)
        self.before = np.maximum(self.counts.sum(0), 1)
        self.often = self.counts.sum(0) / self.counts.sum()

    def interpolated(self, left: Ints, right: Ints, weight: float) -> Ints:
        """The most probable tokens by weight p(w | left) + (1 - weight) p(w | right), or the most frequent ones.

        *Shape:* (gap,) each; -1 on the right where that neighbour is not known.
        """

        def score(left: Ints, right: Ints) -> Floats:
            known = (right >= 0)[:, None]
            by_left = self.counts[left] / self.after[left][:, None]
            by_right = np.where(known, self.counts.T[right] / self.before[right][:, None], 0)
            return weight * by_left + (1 - weight) * by_right + 1e-6 * self.often

        return self._best(score, left, right)

    def multiplied(self, left: Ints, right: Ints) -> Ints:
        """The most probable tokens by p(w | left) p(right | w): a chain in which nothing else is known."""

        def score(left: Ints, right: Ints) -> Floats:
            onward = (self.counts.T[right] + 1e-3) / self.after
            return (self.counts[left] / self.after[left][:, None] + 1e-6 * self.often) * onward

        return self._best(score, left, right)

    @staticmethod
    def _best(score: Any, left: Ints, right: Ints) -> Ints:
        """The argmax, a few hundred gaps at a time."""
        blocks = [slice(at, at + 256) for at in range(0, len(left), 256)]
        return np.concatenate([score(left[block], right[block]).argmax(1) for block in blocks])

    def best_weight(self, left: Ints, right: Ints, was: Ints) -> tuple[float, float]:
        """The weight with which most guesses are right, and the share of them."""
        return max(
            ((weight, float((self.interpolated(left, right, weight) == was).mean())) for weight in WEIGHTS),
            key=lambda found: found[1],
        )

    def span(self, left: int, right: int, length: int, weight: float) -> list[int]:
        """So many tokens between two known ones, from left to right, each the best guess; the last sees both sides."""
        found, previous = [], left
        for at in range(length):
            beside = right if at == length - 1 else -1
            previous = int(self.interpolated(np.array([previous]), np.array([beside]), weight)[0])
            found.append(previous)
        return found
