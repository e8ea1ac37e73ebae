"""How far the tokens of a long text hear under a mask: of those that are shown, over all of them.

No text changes what a mask allows. So what one query hears is kept for all texts: of a model that looks back, a longer
text needs the rows of its new tokens alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.running.lru import LruCache
from app.wire.mask_specification import Mask
from model.config import Config
from model.study import sparsity
from model.study.sparsity import NEVER

Squares = Sequence[NDArray[np.bool_]]
"""What may be read in each layer, one and the same array where layers are alike. *Shape:* (query, key) each."""
BYTES_KEPT = 16 * 2**20


class Kept:
    """What queries hear, by what they may read."""

    def __init__(self) -> None:
        self._rows: LruCache[Hashable, NDArray[np.uint8]] = LruCache(BYTES_KEPT)

    def reach(
        self, config: Config, mask: Mask | None, squares: Squares, shown: slice
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """Of the tokens that are shown, through how many layers at the least they hear each other, and how many of all
        tokens they hear after each number of layers, from none on. *Shape:* (query, key), (query, layers + 1).
        """
        stack = config.stacks[config.reader]
        of = (stack.causal, stack.windows, mask, None if stack.causal else len(squares[0]))
        queries = range(shown.start, shown.stop)
        steps = np.full((len(queries), len(queries)), NEVER, np.uint8)
        heard = np.zeros((len(queries), len(squares) + 1), np.uint16)
        for at, query in enumerate(queries):
            row = self._rows.get((of, query))
            if row is None:
                row = sparsity.steps_from(query, squares)[: query + 1 if stack.causal else None].copy()
                self._rows.put((of, query), row, row.nbytes)
            there = row[shown]
            steps[at, : len(there)] = there
            heard[at] = np.bincount(row, minlength=NEVER)[: len(squares) + 1].cumsum()
        return steps, heard
