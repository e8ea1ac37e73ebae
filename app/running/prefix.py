"""A GPT's pass over a text that begins like one it has read: only the tokens that come after are computed.

What a causal model makes of a token depends on the tokens up to it. So an earlier pass lends all that it left behind on
the tokens that two texts begin with, and the tapped graph reads the rest with their keys and values as its past. What
is lent depends on these tokens and on the changes in the model alone: whoever typed them first, it is the same. A mask
is no exception: of a causal row it allows the same keys at every length.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from operator import eq

import numpy as np

from app.running.model import Model, tapped
from app.wire.interventions import Interventions
from export.runtime.session import Cache
from model import taps
from model.taps import Tap
from model.trace import Array, ForwardTrace, LateTaps, Stream, read_only

MOST_PIECES = 16
"""Past so many, the pieces of a pass are put together for good."""
WORTH = 0.25
"""The part of a text's tokens that an earlier pass must have for it to be gone on from."""


class Pieces(LateTaps):
    """The taps of a pass, in the pieces in which its tokens were computed. Passes share them; a tap is put together
    when it is read, and what no exhibit reads never is.

    Args:
        table: which taps there are.
        pieces: for each run over some tokens, all its taps and how many of its tokens count.
    """

    def __init__(self, table: Mapping[str, Tap], pieces: tuple[tuple[Mapping[str, Array], int], ...]) -> None:
        self._table, self._pieces = table, pieces
        self._whole: dict[str, Array] = {}

    @classmethod
    def of(cls, there: Mapping[str, Array], table: Mapping[str, Tap]) -> Pieces:
        """Those of any pass."""
        if isinstance(there, Pieces):
            return there
        return cls(table, ((there, _n_tokens(there, table)),))

    def cut(self, n_tokens: int) -> Pieces:
        """The same of the first tokens."""
        kept, left = [], n_tokens
        for there, n in self._pieces:
            if left > 0:
                kept.append((there, min(n, left)))
            left -= n
        return Pieces(self._table, tuple(kept))

    def and_then(self, there: Mapping[str, Array]) -> Pieces:
        """The same, and behind it a run over the tokens that follow."""
        before = self._pieces
        if len(before) >= MOST_PIECES:
            before = (({name: self[name] for name in self._table}, self._n_tokens),)
        return Pieces(self._table, (*before, (there, _n_tokens(there, self._table))))

    @property
    def _n_tokens(self) -> int:
        return sum(n for _, n in self._pieces)

    @functools.cached_property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of each tap."""
        first, _ = self._pieces[0]
        n, shapes = self._n_tokens, {}
        for name, tap in self._table.items():
            shape = first[name].shape
            shapes[name] = (*shape[:2], n, n) if "key" in tap.axes else (shape[0], n, *shape[2:])
        return shapes

    def __getitem__(self, name: str) -> Array:
        if name not in self._whole:
            self._whole[name] = read_only(self._joined(name))
        return self._whole[name]

    def row(self, name: str, position: int) -> Array:
        if name in self._whole or "key" in self._table[name].axes:
            whole: Array = self[name][0, position]
            return whole
        for there, n in self._pieces:
            if position < n:
                return read_only(there[name][0, position])
            position -= n
        raise IndexError(f"{name} has {self._n_tokens} rows; {position} more were asked for")

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def _joined(self, name: str) -> Array:
        """A tap of all tokens. None reads a later token: what it has of those that came in a later piece is 0."""
        if "key" not in self._table[name].axes:
            rows: Array = np.concatenate([there[name][:, :n] for there, n in self._pieces], axis=1)
            return rows
        whole = np.zeros(self.shapes[name], self._pieces[0][0][name].dtype)
        start = 0
        for there, n in self._pieces:
            values = there[name][:, :, :n, : start + n]
            whole[:, :, start : start + n, : values.shape[-1]] = values
            start += n
        return whole


def _n_tokens(there: Mapping[str, Array], table: Mapping[str, Tap]) -> int:
    """How many tokens a run was over."""
    name, tap = next(iter(table.items()))
    n_tokens: int = there[name].shape[tap.axes.index("pos")]
    return n_tokens


def nearest(
    model: Model, stream: Stream, interventions: Interventions, kept: Iterable[ForwardTrace]
) -> tuple[ForwardTrace, int] | None:
    """Of the passes that a model left behind with the same changes, the one that has most of a text's first tokens, and
    how many; None where none has enough.
    """
    if not can_go_on(model):
        return None
    ids = stream.ids
    found = [(common(ids, trace.streams["text"].ids), trace) for trace in kept]
    n_lent, trace = max(found, key=lambda one: one[0], default=(0, None))
    if trace is None or n_lent < max(1, WORTH * len(ids)):
        return None
    return trace, n_lent


def can_go_on(model: Model) -> bool:
    """Whether a pass may be gone on from: no token looks ahead, the graph takes a past, and no bias of positions stands
    ahead of a query, where an earlier pass had no keys.
    """
    config = model.config
    looks_back = config.reader == config.speaker and config.stacks[config.reader].causal
    return looks_back and not config.positions.adds_to_scores and model.session.takes_past


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts begin with alike."""
    return sum(takewhile(bool, map(eq, one, other)))


def go_on(
    model: Model, stream: Stream, interventions: Interventions, before: ForwardTrace, n_lent: int
) -> ForwardTrace:
    """The pass over a text whose first `n_lent` tokens are those of an earlier pass with the same changes."""
    config, ids = model.config, stream.ids
    table = taps.table(config)
    lent = Pieces.of(before.taps, table).cut(n_lent)
    if n_lent == len(ids):
        return ForwardTrace(config, {"text": stream}, lent, before.logits[:, :n_lent])
    rest = ids[n_lent:]
    changed = interventions.inputs(config, len(rest), n_past=n_lent)
    ran = tapped(model, interventions).run(rest, taps=table, past=past_of(before, n_lent), **changed)
    logits = np.concatenate([before.logits[:, :n_lent], ran.logits], axis=1)
    return ForwardTrace(config, {"text": stream}, lent.and_then(ran.taps), logits)


def past_of(trace: ForwardTrace, n_tokens: int) -> Cache:
    """The keys and values of a pass's first tokens, in the form that graphs take."""
    pairs = (trace.cache(layer) for layer in range(trace.config.n_layers))
    return tuple((_as_past(keys, n_tokens), _as_past(values, n_tokens)) for keys, values in pairs)


def _as_past(rows: Array, n_tokens: int) -> Array:
    """*Shape:* (pos, kv_head, d_head) -> (1, kv_head, n_tokens, d_head)."""
    turned: Array = np.ascontiguousarray(rows[:n_tokens].transpose(1, 0, 2))[None]
    return turned
