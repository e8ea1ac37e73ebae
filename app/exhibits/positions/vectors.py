"""The vectors that a scheme adds, and the queries and keys that it works on: whole, or of a long text in part.

Of vectors that are more numbers than `MOST` a browser is sent all in small, or what comes of them, and in full those of
two tokens. Which two a request says by `compares`, "query.key", each a token from 0 or "end": the last one, and the one
`BEFORE` places before the query. What lies past the end is brought to it, and so is what is no such text. The field
`compared`, {query, key}, says which they were; it is null where all is there. The arrays in part:

    learned_small    float32 [row block, column block]: of each block of rows and columns the number furthest from 0
    learned_rows     float32 [2, d_model]: the rows of the query and of the key
    learned_alike    float32 [T]: the cosine of every row with that of the query
    q, k, rot_q, rot_k  float32 [1, d_head]: of the query, of the key
    dots             float32 [2, T]: the query's dot products with every key, before the scheme and after
    terms_small      float32 [query block, key block]: of each block the sum of terms furthest from 0
    c2p, p2c         float32 [T]: what each adds to the query's scores
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from app.running.pieces import reading
from app.wire.thumbnails import blocks
from model import taps
from model.taps import Tap
from model.trace import ForwardTrace

Floats = NDArray[np.float32]

MOST = 45_000
"""Numbers: 180 kB."""
SIDE = 128
"""The most blocks along a side of vectors in small."""
BEFORE = 3


def compared(asked: str, n_tokens: int) -> tuple[int, int]:
    """The two tokens that a request compares: the query and the key."""
    match = re.fullmatch(r"(\d{1,6}|end)\.(\d{1,6}|end)", asked)
    query, key = match.groups() if match else ("end", "end")
    at = n_tokens - 1 if query == "end" else min(int(query), n_tokens - 1)
    return at, max(0, at - BEFORE) if key == "end" else min(int(key), n_tokens - 1)


def added(rows: Floats, query: int, key: int) -> tuple[int | None, dict[str, Floats]]:
    """The vectors that are added, as they are sent, and along how many rows and columns a block of them goes.

    Args:
        rows: *Shape:* (T, d_model).
        query, key: the tokens that are compared.
    """
    if rows.size <= MOST:
        return None, {"learned": rows}
    block = -(-max(rows.shape) // SIDE)
    wide = rows.astype(np.float64)
    cosines = wide @ wide[query] / (np.linalg.norm(wide, axis=1) * np.linalg.norm(wide[query]))
    return block, {
        "learned_small": blocks(rows[None], block)[0],
        "learned_rows": rows[[query, key]],
        "learned_alike": cosines.astype(np.float32),
    }


def between(terms: dict[str, Floats], query: int) -> tuple[int | None, dict[str, Floats]]:
    """What terms add to the scores, as they are sent, and along how many queries and keys a block of their sum goes.

    Args:
        terms: by name. *Shape:* (query, key) each.
        query: the one that is compared.
    """
    if sum(values.size for values in terms.values()) <= MOST:
        return None, terms
    together: Floats = np.sum(list(terms.values()), axis=0)
    block = -(-len(together) // SIDE)
    rows = {name: values[query] for name, values in terms.items()}
    return block, {"terms_small": blocks(together[None], block)[0], **rows}


def scored(trace: ForwardTrace, layer: int, head: int, query: int, key: int) -> tuple[bool, dict[str, Floats]]:
    """One head's queries and keys as they leave their projections and as the dot product sees them, as they are sent;
    and whether these are all.
    """
    config = trace.config
    kv_head = head // (config.n_heads // config.kv_heads)
    before = (taps.Q_NORM, taps.K_NORM) if config.qk_norm else (taps.Q, taps.K)
    kinds = {"q": (before[0], head), "k": (before[1], kv_head)}
    kinds |= {"rot_q": (taps.ROT_Q, head), "rot_k": (taps.ROT_K, kv_head)}
    with reading(kind.at(config.reader).name(layer) for kind, _ in kinds.values()):
        rows = {name: _of_head(trace, kind, layer, which) for name, (kind, which) in kinds.items()}
    if sum(values.size for values in rows.values()) <= MOST:
        return True, rows
    dots = [rows[k].astype(np.float64) @ rows[q][query] for q, k in (("q", "k"), ("rot_q", "rot_k"))]
    two = {name: values[[query if name.endswith("q") else key]] for name, values in rows.items()}
    return False, two | {"dots": np.stack(dots).astype(np.float32)}


def _of_head(trace: ForwardTrace, kind: Tap, layer: int, head: int) -> Floats:
    """*Shape:* (T, d_head)."""
    parts = [stretch.values[:, head] for stretch in trace.stretches(kind, layer, trace.config.reader)]
    return np.concatenate(parts)
