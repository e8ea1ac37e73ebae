"""Masks: what a sliding window takes of every head's attention, the pairs it leaves, and how far news travels."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tests.ui.audit import next_tokens
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array
from tests.ui.audit.sight import Sight

Allowed = NDArray[np.bool_]

WINDOW = 3
MASK = f"window:{WINDOW}"
NEVER = 255
LENGTHS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """Under the mask that the link asks for, MASK."""
    place, n = seen.places[0], len(seen.ids)
    causal = seen.config["family"] == "gpt"
    back = np.arange(n)[:, None] - np.arange(n)
    may = (back >= 0) if causal else np.ones((n, n), dtype=bool)
    kept = may & (back < WINDOW) & (back > -WINDOW)
    patterns = np.stack(seen.left.patterns[place])
    n_layers, n_heads = patterns.shape[:2]
    sent = patterns[:, :, *np.tril_indices(n)] if causal else patterns
    yield seen.pattern("pattern", "patterns before", sent)
    lost = np.where(kept, 0, patterns).sum(axis=-1)
    yield Picture("lost", seen.array("lost"), lost, 2e-5)
    bits = np.unpackbits(seen.array("allowed").astype(np.uint8))[: n * n]
    yield Picture("allowed", bits.astype(np.float64), kept.astype(np.float64), 0)
    reached = _steps(kept, n_layers)
    yield Picture("steps", seen.array("steps"), reached, 0)
    yield Claim("attention lost", seen.text('[data-sum="lost"]'), float(lost.mean()))
    yield from sentence(
        "lost, mean over", seen.text('[data-note="lost"]').partition(" token")[0], n_layers * n_heads, n
    )
    yield Claim("operations saved", seen.text('[data-sum="saved"]'), float(1 - kept.sum() / may.sum()))
    d_head = seen.left.mixed[place][0].shape[-1]
    each = 2 * d_head * n_heads * n_layers
    sums = (kept.sum(), may.sum(), each * may.sum(), each * kept.sum())
    yield from sentence("pairs", seen.text('[data-note="saved"]'), *map(float, sums))
    labels = seen.texts(".head-grid button", "aria-label")
    yield Claim("heads", str(len(labels)), n_layers * (n_heads + 1))
    for label, (head, layer) in zip(labels, np.ndindex(n_heads + 1, n_layers), strict=False):
        share = float(lost[layer].mean() if head == n_heads else lost[layer, head].mean())
        name, _, said = label.partition(": ")
        yield Claim(f"{name}, lost", said, share)
    heard = int((reached[n - 1] <= n_layers).sum())
    told = seen.text(".cone figcaption p").rpartition("can reach")
    first = int((reached[n - 1] <= 1).sum())
    yield from sentence("cone", told[0], heard, n)
    yield from sentence("cone, layers", told[2].rpartition(" within ")[2], n_layers, first)
    yield from _cells(seen, n_layers - 1, patterns[-1, 0], may, kept)
    yield from _growth(seen, causal)
    changed = seen.passes.of(seen.model, seen.ids, seen.written, kept)
    yield from next_tokens.claims(seen, changed.logits[seen.frame["position"]])


def _cells(seen: Sight, layer: int, pattern: Array, may: Allowed, kept: Allowed) -> Iterator[Claim]:
    """What every cell of a layer's first head says under the pointer."""
    seen.set(pattern_of="head", layer=layer, head=0)
    cells = list(np.ndindex(*pattern.shape))
    hovers = [{"hover": {"query": query, "key": key}} for query, key in cells]
    for cell, ((said,),) in zip(cells, seen.sweep(hovers, ".taken-away figcaption > p"), strict=True):
        where = f"row {cell[0] + 1}, column {cell[1] + 1}"
        found = re.search(r" (keeps|loses) the (.*?%)", said)
        word = "may not read" if "may not read" in said else said if found is None else found[1]
        yield Claim(
            f"{where}, what becomes of it",
            word,
            "may not read" if not may[cell] else "keeps" if kept[cell] else "loses",
        )
        if found is not None:
            yield Claim(where, found[2], float(pattern[cell]))
    seen.set(hover=None)


def _steps(kept: Allowed, n_layers: int) -> Array:
    """Through how many layers a key's token is heard: the first power of the mask that has the pair."""
    n = len(kept)
    out = np.where(np.eye(n, dtype=bool), 0.0, NEVER)
    power = np.eye(n, dtype=int)
    for layer in range(1, n_layers + 1):
        power = (power @ kept > 0).astype(int)
        out = np.where((power > 0) & (out == NEVER), layer, out)
    return out


def _growth(seen: Sight, causal: bool) -> Iterator[Claim]:
    """Of n tokens, n w - w (w - 1) / 2 pairs, or n (2 w - 1) - w (w - 1) where a token looks both ways."""
    w = WINDOW
    for layer, told in enumerate(seen.frame["masks"]["layers"]):
        for n, of, pairs in zip(LENGTHS, told["at_lengths"]["of"], told["at_lengths"]["pairs"], strict=True):
            whole = n * (n + 1) // 2 if causal else n * n
            left = n * w - w * (w - 1) // 2 if causal else n * (2 * w - 1) - w * (w - 1)
            yield Claim(f"layer {layer + 1}, pairs at {n}", str(of), whole)
            yield Claim(f"layer {layer + 1}, pairs left at {n}", str(pairs), left)
