"""What contents say of distances in disentangled attention (He et al. 2021, eq. 4): the two terms of a head's scores.

No torch here: queries and keys are taps of the pass, the vectors of distances and their projections are read out of
the weights.

Axes: query, key (tokens of the text); row (of the vectors of distances); d_head.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model import taps
from model.config import Config
from model.stored import reading
from model.study import position_math
from model.trace import ForwardTrace

Floats = NDArray[np.float32]

PROJECTIONS = {"c2p": "k", "p2c": "q"}
"""By what the vectors of distances become what contents are compared with: keys for queries, queries for keys."""


def terms(trace: ForwardTrace, path: Path, layer: int, head: int) -> dict[str, Floats]:
    """What each term adds to one head's scores, as the scores have it, divided by the root.

    Args:
        path: the weights of the model.

    Returns:
        "c2p", "p2c" or both, *Shape:* (query, key) each.
    """
    config = trace.config
    rule = config.positions
    if not rule.terms:
        return {}
    contents = {"c2p": taps.ROT_Q, "p2c": taps.ROT_K}
    place = np.arange(len(trace.tokens))
    distance = np.clip(place[:, None] - place, -rule.max_distance, rule.max_distance) + rule.max_distance
    rows = position_math.distance_rows(rule.n_buckets, rule.max_distance, rule.log_buckets)[distance]
    vectors = _vectors(path, config, layer, head)
    found: dict[str, Floats] = {}
    for term in rule.terms:
        products = trace.read(contents[term], layer)[:, head] @ vectors[term].T
        of_query = term == "c2p"
        added = np.take_along_axis(products, rows if of_query else rows.T, axis=1)
        scaled: Floats = ((added if of_query else added.T) * config.score_scale).astype(np.float32)
        found[term] = scaled
    return found


@functools.lru_cache(maxsize=16)
def _vectors(path: Path, config: Config, layer: int, head: int) -> dict[str, Floats]:
    """The vectors of distances as one head has them, by term. *Shape:* (row, d_head) each."""
    rule, width = config.positions, config.head_width
    own = np.s_[head * width : (head + 1) * width]
    found: dict[str, Floats] = {}
    with reading(path) as read:
        table = read("positions.weight")
        for term in rule.terms:
            letter = PROJECTIONS[term]
            at = f"blocks.{layer}.attn.{letter if rule.shared_projections else f'pos_{letter}'}"
            found[term] = table @ read(f"{at}.weight")[own].T + read(f"{at}.bias")[own]
    return found
