"""The endless order in which examples are seen, and how they are cut into batches that waste little on padding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import numpy as np

Example = TypeVar("Example")
POOL = 8192
"""Examples that are drawn, and sorted by length, together."""
NEAR = 4
"""Tokens by which an example's first lengths may differ for the last one to decide about its place in the order."""

Lengths = tuple[int, ...]


class Pools(Generic[Example]):
    """A function of the seed, resumed exactly from `state`.

    Items are drawn without replacement from each source, epoch after epoch. Every `POOL` of them become examples, are
    sorted by length and cut into batches of at most `n_tokens`, padding included, which are taken in random order.

    Args:
        lengths: how many items each source has.
        make: an example of the item at an index of a source; all that is random in it comes from the generator.
        lengths_of: the tokens of an example; of each of its texts, where it has several that are padded apart.
        n_tokens: tokens in one batch.
    """

    def __init__(
        self,
        lengths: Mapping[str, int],
        make: Callable[[str, int, np.random.Generator], Example],
        lengths_of: Callable[[Example], Lengths],
        n_tokens: int,
        seed: int,
    ) -> None:
        if empty := [name for name, length in lengths.items() if not length]:
            raise ValueError(f"nothing to train on in {', '.join(empty)}")
        self.lengths, self.make, self.lengths_of = dict(lengths), make, lengths_of
        self.n_tokens, self.seed = n_tokens, seed
        self._pool, self._taken = 0, 0
        self._shares: dict[str, float] = {}
        self._drawn = dict.fromkeys(self.lengths, 0)
        self._batches: list[list[Example]] = []

    def take(self, shares: Mapping[str, float]) -> list[Example]:
        """The next batch. A pool that begins now draws from the sources by these shares."""
        if self._taken == len(self._batches):
            if self._batches:
                self._pool += 1
                for name, count in self._counts().items():
                    self._drawn[name] += count
            self._shares, self._taken = dict(shares), 0
            self._batches = self._cut()
        self._taken += 1
        return self._batches[self._taken - 1]

    def state(self) -> dict[str, Any]:
        """What `restore` needs."""
        return {"pool": self._pool, "taken": self._taken, "shares": dict(self._shares), "drawn": dict(self._drawn)}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._pool, self._taken = state["pool"], state["taken"]
        self._shares, self._drawn = dict(state["shares"]), dict(state["drawn"])
        self._batches = self._cut() if self._taken else []

    def _counts(self) -> dict[str, int]:
        """How many items of the present pool come from each source; what rounding leaves over is the first one's."""
        total = sum(self._shares.values())
        counts = {name: int(POOL * share / total) for name, share in self._shares.items()}
        counts[next(iter(counts))] += POOL - sum(counts.values())
        return counts

    def _indices(self, name: str, count: int) -> list[int]:
        """The next items of a source; each epoch is a new order of all of them."""
        first, chosen = self._drawn[name], []
        while count > 0:
            epoch, at = divmod(first, self.lengths[name])
            order = np.random.default_rng((self.seed, list(self.lengths).index(name), epoch))
            part = order.permutation(self.lengths[name])[at : at + count]
            chosen.extend(part.tolist())
            first, count = first + len(part), count - len(part)
        return chosen

    def _cut(self) -> list[list[Example]]:
        """The batches of the present pool."""
        rng = np.random.default_rng((self.seed, len(self.lengths), self._pool))
        items = [(name, index) for name, count in self._counts().items() for index in self._indices(name, count)]
        examples = [self.make(name, index, rng) for name, index in (items[at] for at in rng.permutation(len(items)))]
        examples.sort(key=self._place)
        batches: list[list[Example]] = []
        padded: Lengths = ()
        for example in examples:
            lengths = self.lengths_of(example)
            together = tuple(map(max, padded, lengths)) if batches else lengths
            if batches and (len(batches[-1]) + 1) * sum(together) <= self.n_tokens:
                batches[-1].append(example)
                padded = together
            else:
                batches.append([example])
                padded = lengths
        return [batches[at] for at in rng.permutation(len(batches))]

    def _place(self, example: Example) -> Lengths:
        """What examples are sorted by: those that follow one another are of nearly the same length in every text."""
        *first, last = self.lengths_of(example)
        return (*(length // NEAR for length in first), last)
