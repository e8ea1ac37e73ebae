"""Which head a picture is asked for with, and what all heads of a kind do on a text, in few numbers.

Of all heads but the one that is looked at, a browser is sent what a thumbnail shows (`app.wire.thumbnails`). What it
says of them in numbers is measured here, on the probabilities themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Question
from model import taps
from model.config import Place
from model.trace import Array, ForwardTrace, Stretch, Token

Heads = Sequence[Array]
"""Attention probabilities, layer by layer. *Shape:* (head, query, key) each."""
Layers = Sequence[Sequence[Stretch]]
"""The same in the stretches of queries in which they were computed."""

MOST = 10**6
LITTLE_CHOICE = 2
"""The first queries of a row have few keys to choose from: they are left out of what a head is said to do."""
HABITS = {"before": -1, "itself": 0, "after": 1}
"""Where a query may look in its own row, by key minus query; beside them stands "first", the first key."""


def looked_at(question: Question, place: Place) -> tuple[int, int]:
    """The layer and the head of a request, both from 0; what lies past the model's last counts as its last."""
    config, fields = question.model.config, question.fields
    layer = min(fields.optional_integer("layer", 0, MOST) or 0, config.stacks[place].layers - 1)
    return layer, min(fields.optional_integer("head", 0, MOST) or 0, config.n_heads - 1)


def layers_of(trace: ForwardTrace, place: Place) -> Layers:
    """All heads of a kind in stretches, most of which are the same from one key to the next."""
    layers = range(trace.config.stacks[place].layers)
    return [list(trace.stretches(taps.PATTERN, layer, place)) for layer in layers]


def whole(heads: Heads) -> Layers:
    """Heads that stand whole as layers of one stretch each."""
    return [[Stretch(0, pattern)] for pattern in heads]


def sides(trace: ForwardTrace, place: Place) -> tuple[Sequence[Token], Sequence[Token]]:
    """The tokens that ask, and those that are read."""
    stack = trace.config.stacks[place]
    return trace.streams[stack.asks].tokens, trace.streams[stack.reads].tokens


def finds(trace: ForwardTrace, place: Place) -> dict[str, dict[str, int]]:
    """The heads that may be looked for by name, each {layer, head}.

    decided     its queries put most on the one other token that they read most; special tokens are left aside
    previous    its queries put most on the token just before them
    following   its last query puts most on the token that followed the last earlier token of its own kind: induction
    """
    queries, keys = sides(trace, place)
    own = queries is keys
    ids = [token.id for token in queries]
    twin = next((at for at in range(len(ids) - 2, -1, -1) if ids[at] == ids[-1]), None) if own else None
    aside = np.array([token.special for token in keys])
    decided, previous, following = [], [], []
    for stretches in layers_of(trace, place):
        last = stretches[-1].values[:, -1]
        most, before = _added(stretch.made("looks", _looks, aside, own) for stretch in stretches)
        decided.append(most)
        previous.append(before)
        following.append(np.zeros(len(last)) if twin is None else last[:, twin + 1])
    scores = {"decided": decided, "previous": previous, "following": following}
    return {name: _largest(np.stack(of)) for name, of in scores.items()}


def _added(parts: Iterable[Array]) -> Array:
    return functools.reduce(np.add, parts)


def _looks(stretch: Stretch, aside: NDArray[np.bool_], own: bool) -> Array:
    """What the queries of each head put on the one other token that they read most, and on the token just before them,
    which is 0 where the keys are not their own row. *Shape:* (2, head).
    """
    decided = _decided(stretch, aside, own)
    before = _shares(stretch, "before", _from(stretch, own=True)).sum(axis=1) if own else np.zeros_like(decided)
    return np.stack([decided, before])


def _from(stretch: Stretch, own: bool) -> int:
    """The first query of a stretch that counts."""
    return max(0, (LITTLE_CHOICE if own else 0) - stretch.start)


def _decided(stretch: Stretch, aside: NDArray[np.bool_], own: bool) -> Array:
    """What each head's queries put on the one other token that they read most. *Shape:* (head,)."""
    first, n_queries, n_keys = _from(stretch, own), *stretch.shape[1:]
    told = np.where(aside[:n_keys], 0, stretch.values[:, first:])
    if own:
        at = np.arange(first, n_queries)
        told[:, at - first, at + stretch.start] = 0
    summed: Array = told.max(axis=2, initial=0).sum(axis=1)
    return summed


def _summed(stretch: Stretch, names: Iterable[str], start: int) -> Array:
    """What the queries from `start` on put on each of some places. *Shape:* (place, head)."""
    first = max(0, start - stretch.start)
    return np.stack([_shares(stretch, name, first).sum(axis=1, dtype=np.float64) for name in names])


def _shares(stretch: Stretch, name: str, first: int) -> Array:
    """What each query of a stretch, from its `first` on, puts on a place of HABITS, or on the first key. Where there is
    no such key, nothing is listed. *Shape:* (head, query).
    """
    if name == "first":
        return stretch.values[:, first:, 0]
    back = stretch.start + HABITS[name]
    there: Array = stretch.values.diagonal(back, 1, 2)
    return there[:, max(0, first + min(0, back)) :]


def length(stretches: Sequence[Stretch]) -> int:
    """How many queries there are."""
    return stretches[-1].start + stretches[-1].shape[1]


def rows(stretches: Sequence[Stretch], head: int, first: int = 0, end: int | None = None) -> Array:
    """Some queries of one head, all unless said; no key past the last one that is read. *Shape:* (query, key)."""
    if len(stretches) == 1:
        return stretches[0].values[head, first:end]
    end = length(stretches) if end is None else end
    parts = [
        stretch.values[head, max(0, first - stretch.start) : max(0, end - stretch.start)]
        for stretch in stretches
        if stretch.start < end
    ]
    found = [part for part in parts if len(part)]
    n_keys = max((part.shape[1] for part in found), default=0)
    whole = np.zeros((sum(map(len, found)), n_keys), found[0].dtype if found else np.float32)
    at = 0
    for part in found:
        whole[at : at + len(part), : part.shape[1]] = part
        at += len(part)
    return whole


def all_rows(trace: ForwardTrace, layer: int, place: Place, query: int | None = None) -> Array:
    """All heads of a layer, of one query or of all, and nothing of it kept. *Shape:* (head, query, key)."""
    n_queries, n_keys = map(len, sides(trace, place))
    first, end = (0, n_queries) if query is None else (query, query + 1)
    stretches = trace.stretches(taps.PATTERN, layer, place)
    parts = [stretch for stretch in stretches if stretch.start < end and first < stretch.start + stretch.shape[1]]
    whole = np.zeros((parts[0].shape[0], end - first, n_keys), parts[0].values.dtype)
    for stretch in parts:
        there = stretch.values[:, max(0, first - stretch.start) : end - stretch.start]
        at = max(0, stretch.start - first)
        whole[:, at : at + there.shape[1], : there.shape[2]] = there
    return whole


def cell(stretches: Sequence[Stretch], query: int, key: int) -> Array:
    """What each head has of one cell. *Shape:* (head,)."""
    stretch = next(of for of in reversed(stretches) if of.start <= query)
    values = stretch.values
    there: Array = values[:, query - stretch.start, key] if key < values.shape[2] else np.zeros(len(values))
    return there


def _largest(scores: Array) -> dict[str, int]:
    layer, head = np.unravel_index(int(scores.argmax()), scores.shape)
    return {"layer": int(layer), "head": int(head)}


def habits(layers: Layers, *, own: bool) -> dict[str, NDArray[np.float32]]:
    """What each head's queries put on one place, the mean over them: the token before, itself, the one after, the first
    key. Of keys that are no tokens of the queries' row, the first alone. *Shape:* (layer, head) each.
    """
    n_queries = length(layers[0])
    start = min(LITTLE_CHOICE, n_queries - 1)
    names = (*(HABITS if own else ()), "first")
    shares = []
    for stretches in layers:
        summed = _added(stretch.made(("habits", names, start), _summed, names, start) for stretch in stretches)
        shares.append(summed / (n_queries - start))
    return dict(zip(names, np.stack(shares, axis=1).astype(np.float32), strict=True))


def sinks(keys: Sequence[Token], *, causal: bool) -> NDArray[np.bool_]:
    """Which keys attention rests on (Xiao et al. 2023): the first one of a causal row, else the special tokens that the
    tokenizer put around the text, and not those that stand in it. *Shape:* (key,).
    """
    if causal:
        return np.array([at == 0 for at in range(len(keys))])
    return np.array([token.special and token.start == token.end for token in keys])


LEAST_REST = 0.01
"""Of a row that has less left without the sinks, nothing is told: it would be scaled up out of rounding."""


def without(layers: Layers, keys: NDArray[np.bool_]) -> Layers:
    """The probabilities without some keys, scaled so that each row is whole again; 0 where almost nothing is left. What
    is long is made anew whenever it is looked at.
    """
    if all(len(stretches) == 1 for stretches in layers):
        return [[Stretch(0, _without(stretch, keys))] for (stretch,) in layers]
    return [[_later(stretch, keys) for stretch in stretches] for stretches in layers]


def _later(stretch: Stretch, keys: NDArray[np.bool_]) -> Stretch:
    kept = stretch.kept.setdefault("without", {})
    return Stretch(stretch.start, lambda: _without(stretch, keys), kept, stretch.shape)


def _without(stretch: Stretch, keys: NDArray[np.bool_]) -> Array:
    values = stretch.values
    left = np.where(keys[: values.shape[2]], 0, values).astype(np.float64)
    rest = left.sum(axis=2, keepdims=True)
    shares: Array = np.divide(left, rest, out=np.zeros_like(left), where=rest >= LEAST_REST)
    return shares
