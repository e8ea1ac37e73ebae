"""Attention arrays that no model of ours made: the plate that shows them, and how they are packed.

The arrays of the frame: `pattern`, all heads in small, uint8, as in `app.exhibits.attention.frame`; `pattern_all`, all
heads in full, uint16 [layer, head, query, key], in the steps of `app.wire.patterns`; `habits`, likewise as there.
`static/js/exhibits/attention/arrays.js` draws them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from app.asked import heads
from app.page.markup import switch
from app.wire.patterns import in_steps
from app.wire.payload import Packed, pack
from app.wire.thumbnails import thumbnails
from model.trace import Array

MARKUP = f"""
<section class="exhibit" data-exhibit="attention"><div class="picture"><div class="attention-plate arrays">
  <div class="all"><figure class="atlas">
    <figcaption><h2>All heads</h2><p>layers across, heads down</p></figcaption>
    <div class="canvas-frame"><canvas aria-hidden="true"></canvas><div class="atlas-buttons" role="radiogroup"
      aria-label="Heads, by layer"></div></div>
    <div class="scale" data-scale="atlas"><canvas aria-hidden="true"></canvas><p></p></div>
  </figure></div>
  <figure class="head">
    <figcaption><div class="title"><h2 class="head-name"></h2></div><p>each row reads from the columns</p>
      {switch("view", {"matrix": "Matrix", "lines": "Lines", "change": "Change"}, "Draw as")}</figcaption>
    <div class="canvas-frame" role="grid" tabindex="0"><canvas aria-hidden="true"></canvas></div>
    <div class="scale" data-scale="head"><canvas aria-hidden="true"></canvas><p></p></div>
  </figure>
</div></div></section>"""


def packed(patterns: Array, *, own: bool) -> dict[str, Any]:
    """The fields of a frame.

    Args:
        patterns: probabilities. *Shape:* (layer, head, query, key).
        own: whether the keys are the queries.
    """
    layers = list(patterns)
    causal = own and not np.triu(patterns, 1).any()
    small = thumbnails(layers, causal=causal)
    shares = heads.habits(heads.whole(layers), own=own)
    rows, columns = np.tril_indices(patterns.shape[-1]) if causal else (slice(None), slice(None))
    arrays = {
        "pattern": small.packed,
        "pattern_all": Packed(in_steps(patterns[:, :, rows, columns]), patterns.shape, half=causal),
        "habits": Packed(stacked := np.stack(list(shares.values())), stacked.shape),
    }
    return {"thumbnails": small.told, "habits": list(shares), **pack(arrays)}
