"""Documents as tokens, cut into pieces, in the order in which training sees them.

As tokens a document is preceded by `<|endoftext|>`; the one that precedes the next document is what it predicts last. A
*piece* is what one row of a batch holds: a whole story, or at most `n_ctx` tokens of a longer document. It begins where
the document begins wherever it can, so that the model learns with the same `<|endoftext|>` in front that it is later
used with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import tokenizers
import torch
from torch import Tensor

from model.study.objective import IGNORED
from model.train.text import MAIN, SOURCES
from model.train.vocabulary import END_ID

Ids = np.ndarray[Any, np.dtype[np.uint16]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Tokens:
    """Documents as one row of ids, `<|endoftext|>` before each and after the last.

    *Shape:* ids (position,); starts (document + 1,): where each document's `<|endoftext|>` stands, then the last one.
    """

    ids: Ids
    starts: Ints

    @classmethod
    def encode(cls, tokenizer: tokenizers.Tokenizer, texts: Iterable[str]) -> Tokens:
        """Encodes documents; `<|endoftext|>` written inside a document is plain text."""
        tokenizer.encode_special_tokens = True
        rows, lengths, remaining = [], [0], iter(texts)
        while chunk := list(islice(remaining, 1_000)):
            for encoding in tokenizer.encode_batch_fast(chunk, add_special_tokens=False):
                rows.append(np.array([END_ID, *encoding.ids], dtype=np.uint16))
                lengths.append(len(rows[-1]))
        return cls(np.concatenate([*rows, np.array([END_ID], dtype=np.uint16)]), np.cumsum(lengths, dtype=np.int64))

    @property
    def n_predicted(self) -> int:
        """How many tokens there are to predict."""
        return len(self.ids) - 1

    @property
    def n_documents(self) -> int:
        """How many documents there are, joined or not."""
        return int((self.ids == END_ID).sum()) - 1

    def joined(self) -> Tokens:
        """The same tokens as one document."""
        return Tokens(self.ids, self.starts[[0, -1]])

    def pieces(self, n_ctx: int) -> Ints:
        """Every document cut into pieces of at most `n_ctx` inputs. *Shape:* (piece, 2): start and length."""
        return np.array(
            [
                (at, min(n_ctx, end - at))
                for start, end in zip(self.starts[:-1], self.starts[1:], strict=True)
                for at in range(start, end, n_ctx)
            ],
            dtype=np.int64,
        )

    def windows(self, n_ctx: int) -> Ints:
        """Pieces that score every token once, each after `n_ctx // 2` tokens of its document or all that there are.

        *Shape:* (window, 3): start, length, and how many targets at the front are there as context only.
        """
        stride, rows = n_ctx // 2, []
        for start, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            scored = start
            while scored < end:
                first = max(start, scored - stride)
                last = min(end, first + n_ctx)
                rows.append((first, last - first, scored - first))
                scored = last
        return np.array(rows, dtype=np.int64)

    def rows(self, pieces: Ints) -> tuple[Tensor, Tensor]:
        """Pieces or windows as inputs and targets, padded at the end. *Shape:* (batch, position) each, int64."""
        inputs = np.full((len(pieces), pieces[:, 1].max()), END_ID, dtype=np.int64)
        targets = np.full_like(inputs, IGNORED)
        for row, (start, length, *context) in enumerate(pieces):
            inputs[row, :length] = self.ids[start : start + length]
            targets[row, :length] = self.ids[start + 1 : start + length + 1]
            targets[row, : sum(context)] = IGNORED
        return torch.from_numpy(inputs), torch.from_numpy(targets)


@dataclass
class Batches:
    """The endless order in which pieces are seen: a function of the seed, resumed exactly from `state`.

    Pieces are drawn without replacement from each source, epoch after epoch. Every `POOL` of them are sorted by length
    and cut into batches of at most `n_tokens` inputs, padding included, which are taken in random order: so little is
    spent on padding, and no row holds two documents.
    """

    by_source: dict[str, Tokens]
    n_ctx: int
    n_tokens: int
    seed: int
    _pool: int = 0
    _taken: int = 0
    """Batches taken from the present pool."""
    _mixed: bool = True
    _drawn: dict[str, int] = field(default_factory=dict)
    """Pieces drawn from each source before the present pool."""
    _batches: list[Ints] = field(default_factory=list)

    POOL = 1024

    def __post_init__(self) -> None:
        self._all = Tokens(np.concatenate([tokens.ids for tokens in self.by_source.values()]), np.zeros(0, np.int64))
        self._pieces, offset = {}, 0
        for name, tokens in self.by_source.items():
            self._pieces[name] = tokens.pieces(self.n_ctx) + np.array([offset, 0])
            offset += len(tokens.ids)
        self._drawn = dict.fromkeys(self.by_source, 0)

    def take(self, mixed: bool) -> tuple[Tensor, Tensor]:
        """The next batch, as inputs and targets, *Shape:* (batch, position) each.

        A pool that begins now draws from all sources if `mixed`, else from TinyStories alone.
        """
        if self._taken == len(self._batches):
            if self._batches:
                self._pool += 1
                self._drawn = {name: drawn + self._counts().get(name, 0) for name, drawn in self._drawn.items()}
            self._mixed, self._taken = mixed, 0
            self._batches = self._cut()
        self._taken += 1
        return self._all.rows(self._batches[self._taken - 1])

    def state(self) -> dict[str, Any]:
        """What `restore` needs."""
        return {"pool": self._pool, "taken": self._taken, "mixed": self._mixed, "drawn": dict(self._drawn)}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._pool, self._taken, self._mixed = state["pool"], state["taken"], state["mixed"]
        self._drawn = dict(state["drawn"])
        self._batches = self._cut() if self._taken else []

    def _counts(self) -> dict[str, int]:
        """How many pieces of the present pool come from each source."""
        if not self._mixed:
            return {MAIN: self.POOL}
        total = sum(SOURCES[name].share for name in self.by_source)
        others = {name: int(self.POOL * SOURCES[name].share / total) for name in self.by_source if name != MAIN}
        return {MAIN: self.POOL - sum(others.values()), **others}

    def _draw(self, name: str, first: int, count: int) -> Ints:
        """The pieces of one source from number `first` on; each epoch is a new order of all of them."""
        pieces, chosen = self._pieces[name], []
        while count > 0:
            epoch, at = divmod(first, len(pieces))
            order = np.random.default_rng((self.seed, list(SOURCES).index(name), epoch)).permutation(len(pieces))
            chosen.append(pieces[order[at : at + count]])
            first, count = first + len(chosen[-1]), count - len(chosen[-1])
        return np.concatenate(chosen)

    def _cut(self) -> list[Ints]:
        """The batches of the present pool."""
        rng = np.random.default_rng((self.seed, len(SOURCES), self._pool))
        drawn = [self._draw(name, self._drawn[name], count) for name, count in self._counts().items()]
        pool = rng.permutation(np.concatenate(drawn))
        pool = pool[np.argsort(pool[:, 1], kind="stable")]
        batches, at = [], 0
        while at < len(pool):
            rows = 1
            while at + rows < len(pool) and (rows + 1) * pool[at + rows, 1] <= self.n_tokens:
                rows += 1
            batches.append(pool[at : at + rows])
            at += rows
        return [batches[index] for index in rng.permutation(len(batches))]
