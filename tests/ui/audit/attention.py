"""Attention: every pattern, every cell's sentence of two heads, a cell's steps, the scales, and the reasons below."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.ui.audit import change, next_tokens, pinned
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.parts import Changes
from tests.ui.audit.sight import Sight

KERNEL = 3
"""Neighbours that the convolution of the table sees."""
THERE = """({ layer, head, query, key }) => {
  const { cell } = window.cutaway.store;
  const same = cell && cell.layer === layer && cell.head === head && cell.query === query && cell.key === key;
  return same && !document.querySelector('[data-exhibit="attention"] .cell.stale');
}"""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """Of each kind of attention, in its first head and its last."""
    for place in seen.places:
        if len(seen.places) > 1:
            seen.set(kind=place, written=min(2, len(seen.written) - 1))
        patterns = np.stack(seen.left.patterns[place])
        n_layers, n_heads = patterns.shape[:2]
        causal = place in ("decoder", "text") and seen.config["family"] != "bert"
        yield seen.thumbnails("pattern", f"{place}, patterns", patterns, **seen.frame["thumbnails"])
        yield Picture(f"{place}, largest", np.array(seen.frame["thumbnails"]["largest"]), patterns.max(), 1e-5)
        yield from sentence(f"{place}, scale of all heads", seen.text('[data-scale="atlas"] p'), 0, patterns.max())
        for layer, head in ((0, 0), (n_layers - 1, n_heads - 1)):
            yield from _head(seen, place, layer, head, causal)
    yield from pinned.claims(seen)
    yield from _off(seen)


def _off(seen: Sight) -> Iterator[Claim | Picture]:
    """One head of each kind switched off: the patterns after it, and what changed in the prediction."""
    off = frozenset((place, 0, 1) for place in seen.places)
    seen.set(interventions={f"{place}.{layer}.{head}": "off" for place, layer, head in off})
    left, position = seen.under(Changes(heads_off=off)), seen.frame["position"]
    patterns = np.stack(left.patterns[seen.places[-1]])
    yield seen.thumbnails("pattern", "patterns without a head", patterns, **seen.frame["thumbnails"])
    yield from next_tokens.claims(seen, left.logits[position])
    before, after = (one.logits[position] for one in (seen.left, left))
    root = '[data-exhibit="attention"] .effect'
    yield from change.claims(seen, "without a head", root, seen.frame["change"], before, after)


def _head(seen: Sight, place: str, layer: int, head: int, causal: bool) -> Iterator[Claim | Picture]:
    pattern = seen.left.patterns[place][layer][head]
    n_queries, n_keys = pattern.shape
    query = min(2, n_queries - 1) if place in ("decoder", "cross") else n_queries - 1
    key = n_keys // 2 if not causal else query // 2
    row = {} if place in ("decoder", "cross") else {"query": query}
    seen.set(layer=layer, head=head, key=key, hover=None, view="matrix", **row)
    where = f"{place}, layer {layer + 1}, head {head + 1}"
    sent = pattern[np.tril_indices(n_queries)] if causal else pattern
    yield seen.pattern("pattern_head", f"{where}, cells", sent)
    at = {"layer": layer, "head": head, "query": query, "key": key}
    seen.page.wait_for_function(THERE, arg=at)
    yield from sentence(f"{where}, scale", seen.text('[data-scale="head"] p'), 0, pattern.max())
    yield from _cell(seen, where, place, **at)
    may = np.tri(n_queries, n_keys, dtype=bool) if causal else np.ones_like(pattern, dtype=bool)
    yield from _why(seen, where, place, may, **at)
    cells = [(i, j) for i in range(n_queries) for j in range(n_keys)]
    hovers: list[dict[str, Any]] = [{"hover": {"query": i, "key": j}} for i, j in cells]
    for (i, j), ((said,),) in zip(cells, seen.sweep(hovers, "figure.head figcaption > p"), strict=True):
        which = f"{where}, row {i + 1}, column {j + 1}"
        if not may[i, j]:
            yield Claim(which, str("may not read" in said), "True")
            continue
        share = re.search(r" reads (.*?%)", said)
        yield Claim(which, said if share is None else share[1], float(pattern[i, j]))
    seen.set(hover=None)


def _cell(
    seen: Sight, where: str, place: str, layer: int, head: int, query: int, key: int
) -> Iterator[Claim | Picture]:
    """The cell that is open: its query and key, and what came of them."""
    qs, ks, _ = seen.left.heads[place][layer]
    own = seen.page.evaluate("(({ q, k }) => ({ q, k }))(window.cutaway.store.cell)")
    yield Picture(f"{where}, query", np.array(own["q"]), qs[query, head], 5e-5)
    yield Picture(f"{where}, key", np.array(own["k"]), ks[key, head * ks.shape[1] // qs.shape[1]], 5e-5)
    at = {"layer": layer, "head": head, "query": query, "key": key}
    yield from steps(seen, where, place, '[data-step="{}"] b', "may attend", **at)


def steps(
    seen: Sight,
    where: str,
    place: str,
    selector: str,
    masked: str,
    layer: int,
    head: int,
    query: int,
    key: int,
) -> Iterator[Claim]:
    """From dot product to softmax; `selector` with the name of a step is what says it, `masked` is what
    the mask says of the cell.
    """

    def read(step: str) -> str:
        return seen.text(selector.format(step))

    qs, ks, _ = seen.left.heads[place][layer]
    q, k = qs[query, head], ks[key, head * ks.shape[1] // qs.shape[1]]
    divides = seen.config["family"] != "t5"
    dot, slack = float(q @ k), 2e-5 * float(np.abs(q * k).sum() + 1)
    yield Claim(f"{where}, q · k", read("dot"), dot, slack)
    if divides or read("scaled"):
        yield Claim(f"{where}, scaled", read("scaled"), dot / math.sqrt(len(q)) if divides else dot, slack)
    bias = seen.left.bias.get(place)
    yield Claim(f"{where}, bias is there", str(read("bias") != ""), str(bias is not None))
    if bias is not None:
        yield Claim(f"{where}, bias", read("bias"), float(bias[head, query, key]))
    yield Claim(f"{where}, mask", read("mask"), masked)
    yield Claim(f"{where}, softmax", read("softmax"), float(seen.left.patterns[place][layer][head, query, key]))


def _why(
    seen: Sight, where: str, place: str, may: Array, layer: int, head: int, query: int, key: int
) -> Iterator[Claim | Picture]:
    """The variances, the row softened both ways, and what a layer costs."""
    qs, ks, _ = seen.left.heads[place][layer]
    q, k = qs[:, head], ks[:, head // (qs.shape[1] // ks.shape[1])]
    d = q.shape[1]
    dots = (q @ k.T)[may]

    def value(name: str) -> str:
        return seen.text(f'.why-scale [data-value="{name}"]')

    slack = 1e-4 * (1 + float(np.abs(dots).max()))
    measured = {"q": q.var(), "k": k.var(), "dot": dots.var(), "divided": dots.var() / d, "d": d, "pairs": len(dots)}
    for name, expected in measured.items():
        yield Claim(f"{where}, variances, {name}", value(name), float(expected), slack if name == "dot" else None)
    bias = seen.left.bias.get(place, np.zeros((head + 1, *may.shape)))[head, query]
    scores, readable = k @ q[query], may[query]
    divided, undivided = (softmax((scores / by + bias)[readable]) for by in (math.sqrt(d), 1.0))
    own, other = (undivided, divided) if seen.config["family"] == "t5" else (divided, undivided)
    for name, row in (("own", own), ("other", other)):
        bits = -float((row * np.log2(np.maximum(row, 1e-300))).sum())
        # A softmax of undivided scores is steep: the scores' own errors come out as many times as large.
        yield from sentence(f"{where}, {name} row", value(name), bits, float(row.max()), slack=1e-4)
    n, m = may.shape
    is_own = place != "cross"
    n, width = (m if is_own else n), seen.config["d_model"]
    path = max(1, math.ceil(round(math.log(n) / math.log(KERNEL), 9)))
    table = {
        "attention": (n * m * width, 1, 1),
        "recurrence": (n * width**2, n, n),
        "convolution": (KERNEL * n * width**2, 1, path),
    }
    for layer_name, costs in table.items():
        for column, cost in zip(("cost", "steps", "path"), costs, strict=True):
            shown = seen.text(f'.why-cost [data-layer="{layer_name}"] [data-value="{column}"]')
            yield Claim(f"{place}, cost of {layer_name}, {column}", shown, cost)
    numbers = (n, width) if is_own else (m, width)
    yield from sentence(f"{place}, verdict", seen.text('.why-cost [data-value="verdict"]'), *numbers)
