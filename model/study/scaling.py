"""Why scores are divided by √d_head, measured on the queries and keys of one head.

No torch here. Vaswani et al. 2017, footnote 4: if the components of q and k are independent, of mean 0 and variance 1,
their dot product has mean 0 and variance d_head; divided by √d_head it has variance 1 again, and softmax, whose
gradient dies where one score stands far above the others, is kept away from there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.softmax import softcapped, softmax
from model.study import sampling

Matrix = NDArray[np.float64]


def measure(
    q: Matrix,
    k: Matrix,
    allowed: NDArray[np.bool_],
    query: int,
    *,
    scales: bool,
    bias: Matrix | None,
    divisor: float | None = None,
    cap: float | None = None,
) -> dict[str, Any]:
    """The variances of one head, and one row of it with the division and without.

    Args:
        q, k: as the dot product sees them. *Shape:* (query, d_head), (key, d_head).
        allowed: which pairs may attend. *Shape:* (query, key).
        query: the row that is looked at.
        scales: whether the model itself divides.
        bias: what the position scheme adds after the division. *Shape:* (query, key).
        divisor: by whose square root is divided; d_head unless given.
        cap: what bounds the scores softly then.

    Returns:
        d_head; the divisor; of the components of q and of k, and of q · k over the allowed pairs, the variance; of the
        row, divided and undivided: the probabilities of the allowed keys and their entropy in bits, and which of the
        two is the model's own.
    """
    d_head = q.shape[1]
    dots = (q @ k.T)[allowed]
    readable = allowed[query]
    row = (k[readable] @ q[query], 0.0 if bias is None else bias[query, readable])
    divisor = d_head if divisor is None else divisor
    ways = {"divided": row[0] / math.sqrt(divisor), "undivided": row[0]}
    softened = {name: softmax(softcapped(scores, cap) + row[1]) for name, scores in ways.items()}
    return {
        "d_head": d_head,
        "divisor": divisor,
        "pairs": len(dots),
        "variance": {"q": float(q.var()), "k": float(k.var()), "dot": float(dots.var())},
        "divided_variance": float(dots.var() / divisor),
        "own": "divided" if scales else "undivided",
        "row": {
            name: {"probabilities": p.tolist(), "entropy_bits": sampling.entropy_bits(p)}
            for name, p in softened.items()
        },
    }
