"""What a browser is sent of a head on a long text: all of it in small, a part and a row in full.

A request has `part`, "row.top.left", each a number from 0 or "end": a row, and the first row and the first key of a
part. What lies past the end is brought to it, and so is what is no such text. The arrays:

    pattern_head        uint16 [1, 1, query block, key block]: the largest of each block, in the steps of
                        `app.wire.patterns`; `half` where the head is causal
    pattern_head_part   uint16 [1, 1, query, key]: `PART` of each, from `top` and `left` on
    pattern_head_row    uint16 [1, 1, 1, key]: the row

and the field `part`, {row, top, left, block}: where they are, and how many tokens stand along a block's side. Of a text
of up to `LONG` tokens `pattern_head` is the whole head, and there is no more. `static/js/state/long.js` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.asked import heads
from app.wire.patterns import LONG, one
from app.wire.payload import Packed
from app.wire.thumbnails import in_small
from model.trace import Array, Stretch

PART = 128
OVERVIEW = 128
"""The most blocks along a side."""
MOST = 10**6


def of_head(
    part: str, stretches: Sequence[Stretch], head: int, n_keys: int, *, causal: bool
) -> tuple[dict[str, Any], dict[str, Packed]]:
    """One head: the field, if it is long, and the arrays.

    Args:
        part: says what is looked at, as above.
        stretches: all heads of its layer.
        head: which of them.
        n_keys: how many keys there are.
        causal: whether each query reads itself and what is before it.
    """
    n_queries = heads.length(stretches)
    if max(n_queries, n_keys) <= LONG:
        return {}, {"pattern_head": one(heads.rows(stretches, head), causal=causal)}
    row, top, left = place(part, n_queries, n_keys)
    block = 1 << (-(-max(n_queries, n_keys) // OVERVIEW) - 1).bit_length()
    small = in_small([Stretch(stretch.start, stretch.values[head : head + 1]) for stretch in stretches], block)[0]
    n_rows = min(PART, n_queries)
    shown = _filled(heads.rows(stretches, head, top, top + n_rows)[:, left : left + PART], min(PART, n_keys))
    whole_row = _filled(heads.rows(stretches, head, row, row + 1), n_keys)
    return {"part": {"row": row, "top": top, "left": left, "block": block}}, {
        "pattern_head": one(small, causal=causal),
        "pattern_head_part": one(shown, causal=False),
        "pattern_head_row": one(whole_row, causal=False),
    }


def place(part: str, n_queries: int, n_keys: int) -> tuple[int, int, int]:
    """The row, and the first row and the first key of the part."""
    match = re.fullmatch(r"(\d{1,6}|end)\.(\d{1,6}|end)\.(\d{1,6}|end)", part)
    row, top, left = (MOST if at == "end" else int(at) for at in (match.groups() if match else ("end",) * 3))
    return min(row, n_queries - 1), max(0, min(top, n_queries - PART)), max(0, min(left, n_keys - PART))


def _filled(there: Array, n_keys: int) -> Array:
    """Some rows with 0 for the keys that none of them reads. *Shape:* (query, n_keys)."""
    whole = np.zeros((len(there), n_keys), there.dtype)
    whole[:, : there.shape[1]] = there
    return whole
