"""Which head a picture is asked for with, and what all heads of a kind do on a text, in few numbers.

Of all heads but the one that is looked at, a browser is sent what a thumbnail shows (`app.wire.thumbnails`). What it
says of them in numbers is measured here, on the probabilities themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Question
from model.config import Place
from model.trace import Array, ForwardTrace, Token

Heads = Sequence[Array]
"""Attention probabilities, layer by layer. *Shape:* (head, query, key) each."""

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


def patterns_of(trace: ForwardTrace, place: Place) -> list[Array]:
    """All heads of a kind."""
    return [trace.pattern(layer, place) for layer in range(trace.config.stacks[place].layers)]


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
    start = LITTLE_CHOICE if own else 0
    ids = [token.id for token in queries]
    twin = next((at for at in range(len(ids) - 2, -1, -1) if ids[at] == ids[-1]), None) if own else None
    aside = np.array([token.special for token in keys])
    scores: dict[str, list[Array]] = {"decided": [], "previous": [], "following": []}
    for pattern in patterns_of(trace, place):
        none = np.zeros(len(pattern))
        told = np.where(aside, 0, pattern[:, start:])
        if own:
            at = np.arange(start, len(queries))
            told[:, at - start, at] = 0
        scores["decided"].append(told.max(axis=2, initial=0).sum(axis=1))
        scores["previous"].append(pattern.diagonal(-1, 1, 2)[:, start - 1 :].sum(axis=1) if own else none)
        scores["following"].append(none if twin is None else pattern[:, -1, twin + 1])
    return {name: _largest(np.stack(of)) for name, of in scores.items()}


def _largest(scores: Array) -> dict[str, int]:
    layer, head = np.unravel_index(int(scores.argmax()), scores.shape)
    return {"layer": int(layer), "head": int(head)}


def habits(heads: Heads, *, own: bool) -> dict[str, NDArray[np.float32]]:
    """What each head's queries put on one place, the mean over them: the token before, itself, the one after, the first
    key. Of keys that are no tokens of the queries' row, the first alone. *Shape:* (layer, head) each.
    """
    n_queries = heads[0].shape[1]
    start = min(LITTLE_CHOICE, n_queries - 1)
    shares: dict[str, list[Array]] = {name: [] for name in (*(HABITS if own else ()), "first")}
    for pattern in heads:
        for name in shares:
            if name == "first":
                there = pattern[:, start:, 0]
            else:
                back = HABITS[name]
                there = pattern.diagonal(back, 1, 2)[:, max(0, start + min(0, back)) :]
            shares[name].append(there.sum(axis=1, dtype=np.float64) / (n_queries - start))
    return {name: np.stack(of).astype(np.float32) for name, of in shares.items()}


def sinks(keys: Sequence[Token], *, causal: bool) -> NDArray[np.bool_]:
    """Which keys attention rests on (Xiao et al. 2023): the first one of a causal row, else the special tokens that the
    tokenizer put around the text, and not those that stand in it. *Shape:* (key,).
    """
    if causal:
        return np.array([at == 0 for at in range(len(keys))])
    return np.array([token.special and token.start == token.end for token in keys])


LEAST_REST = 0.01
"""Of a row that has less left without the sinks, nothing is told: it would be scaled up out of rounding."""


def without(heads: Heads, keys: NDArray[np.bool_]) -> list[Array]:
    """The probabilities without some keys, scaled so that each row is whole again; 0 where almost nothing is left."""
    scaled: list[Array] = []
    for pattern in heads:
        left = np.where(keys, 0, pattern).astype(np.float64)
        rest = left.sum(axis=2, keepdims=True)
        scaled.append(np.divide(left, rest, out=np.zeros_like(left), where=rest >= LEAST_REST))
    return scaled
