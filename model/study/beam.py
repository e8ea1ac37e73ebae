"""Beam search as a tree: the likeliest continuations by the sum of their log probabilities, and the greedy one beside.

No torch here, and no model: whoever calls gives the logits after the text, and a function that gives those after one
more token on each of some continuations. Scores are natural logarithms, summed in float64.

The search is that of `transformers`' generate(num_beams=width, length_penalty=1, early_stopping=False): at each depth
the `width` best unfinished continuations live on; a finished one competes by its sum divided by its length in tokens,
its end counted (in the manner of Wu et al. 2016, section 7), and the search ends where the best that lives is no better
than the worst of `width` finished ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model.softmax import log_softmax

MAX_WIDTH, MAX_DEPTH = 5, 12


class Advance(Protocol):
    """Goes one token on with some of the continuations that it was last called with, at first with the text alone."""

    def __call__(self, rows: Sequence[int], ids: Sequence[int]) -> NDArray[np.floating]:
        """The logits after continuation `rows[i]` and one more token `ids[i]`. *Shape:* (len(rows), d_vocab)."""
        ...


@dataclass(frozen=True)
class Node:
    """One token of the tree, and with it the continuation that ends in it."""

    parent: int | None
    """Where in the tree the token before it is; None for the first after the text."""
    id: int
    log_probability: float
    """ln p(token | all before it), over the whole vocabulary."""
    score: float
    """The sum of the log probabilities from the first token after the text to this one."""
    depth: int
    """How many tokens the continuation has."""

    @property
    def normalized(self) -> float:
        """The score divided by the length: what finished continuations are ranked by."""
        return self.score / self.depth


@dataclass(frozen=True)
class Tree:
    """What a search has gone through."""

    nodes: tuple[Node, ...]
    """Those that lived on or finished; parents come before children."""
    finished: tuple[int, ...]
    """Where the best finished continuations end, the best first; at most `width`."""
    greedy: tuple[int, ...]
    """The nodes of the path that takes the likeliest token each time; they are in the tree, searched or not."""

    def path(self, leaf: int) -> list[int]:
        """The nodes from the first after the text to `leaf`."""
        found = [leaf]
        while (parent := self.nodes[found[-1]].parent) is not None:
            found.append(parent)
        return found[::-1]


def check(width: int, depth: int) -> None:
    """Holds the size of a search against its limits.

    Raises:
        ValueError: it is too wide or too deep, or not at all.
    """
    if not 1 <= width <= MAX_WIDTH:
        raise ValueError(f"width is {width}; choose from 1 (greedy) to {MAX_WIDTH} continuations")
    if not 1 <= depth <= MAX_DEPTH:
        raise ValueError(f"depth is {depth}; choose from 1 to {MAX_DEPTH} tokens")


def search(
    first: NDArray[np.floating], advance: Advance, again: Advance, *, width: int, depth: int, ends: Collection[int]
) -> Tree:
    """Searches with `width` continuations, `depth` tokens deep.

    Args:
        first: the logits after the text. *Shape:* (d_vocab,).
        advance: goes on with the continuations of the search.
        again: the same, from the text on, for the greedy path.
        width: how many live on at each depth; 1 is greedy.
        depth: how many tokens a continuation has at most; what is unfinished then competes as it is.
        ends: entries of the vocabulary that finish a continuation.

    Raises:
        ValueError: a width or a depth outside the limits.
    """
    check(width, depth)
    nodes: list[Node] = []
    living, finished = [-1], list[int]()  # -1: the text itself
    logits = first[None]
    for length in range(1, depth + 1):
        scores = log_softmax(logits.astype(np.float64)) + np.array(
            [[0.0 if node < 0 else nodes[node].score] for node in living]
        )
        flat = scores.ravel()
        best = np.argpartition(-flat, min(2 * width, flat.size - 1))[: 2 * width]
        best = best[np.lexsort((best, -flat[best]))]
        alive: list[tuple[int, int]] = []
        for rank, (row, id) in enumerate(zip(*(part.tolist() for part in np.divmod(best, first.size)), strict=True)):
            done = id in ends or length == depth
            if (done and rank < width) or (not done and len(alive) < width):
                score = float(flat[best[rank]])
                parent = None if living[row] < 0 else living[row]
                before = 0.0 if parent is None else nodes[parent].score
                nodes.append(Node(parent, int(id), score - before, score, length))
                if done:
                    finished.append(len(nodes) - 1)
                else:
                    alive.append((row, len(nodes) - 1))
        finished = sorted(finished, key=lambda leaf: -nodes[leaf].normalized)[:width]
        living = [node for _, node in alive]
        full = len(finished) == width
        if not living or (full and nodes[living[0]].normalized <= nodes[finished[-1]].normalized):
            break
        logits = advance([row for row, _ in alive], [nodes[node].id for node in living])
    return Tree(*_with_greedy(nodes, first, again, depth, ends, finished))


def _with_greedy(
    nodes: list[Node],
    first: NDArray[np.floating],
    again: Advance,
    depth: int,
    ends: Collection[int],
    finished: list[int],
) -> tuple[Any, ...]:
    """The nodes with those of the greedy path that the search has left out, and where the path goes."""
    places = {(node.parent, node.id): index for index, node in enumerate(nodes)}
    path: list[int] = []
    logits = first
    while len(path) < depth:
        id = int(logits.argmax())
        parent = path[-1] if path else None
        if (parent, id) not in places:
            logp = float(log_softmax(logits.astype(np.float64))[id])
            score = logp + (0.0 if parent is None else nodes[parent].score)
            places[parent, id] = len(nodes)
            nodes.append(Node(parent, id, logp, score, len(path) + 1))
        path.append(places[parent, id])
        if id in ends:
            break
        if len(path) < depth:
            logits = again([0], [id])[0]
    return tuple(nodes), tuple(finished), tuple(path)
