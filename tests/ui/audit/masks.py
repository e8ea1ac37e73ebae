"""Masks: what each takes of every head's attention, the pairs it leaves, how far news travels, and what changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from tests.ui.audit import change, next_tokens, sparse
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array
from tests.ui.audit.parts import Changes
from tests.ui.audit.sight import Sight
from tests.ui.audit.sparse import Allowed

MASK = "window:3"
"""What the link asks for."""
NEVER = 255
LENGTHS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
PAINTED = np.add.outer(np.arange(6), np.arange(6)) % 3 == 0
PAINTED[3] = True  # a token that looks back only is left nothing
OTHERS = ("longformer:4:1", "bigbird:1:1:1:3", "document:3:5", sparse.paint(PAINTED))
LOOKING_BACK = ("strided:3", "fixed:3:1")
SAID: dict[str, Callable[..., list[int]]] = {
    "window": lambda w: [w - 1],
    "strided": lambda s: [s, s],
    "fixed": lambda s, c: [s, min(s, c)],
    "longformer": lambda w, g: [w // 2, g],
    "bigbird": lambda block, g, r, _: [block, g, r],
    "document": lambda *starts: [len(starts) + 1],
}
"""The numbers of each kind's sentence."""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """Under a window, what each cell says besides; then under each other mask that the model can have."""
    causal = seen.config["family"] == "gpt"
    patterns = np.stack(seen.left.patterns[seen.places[0]])
    kept = sparse.allowed(MASK, len(seen.ids), causal=causal)
    yield from _under(seen, MASK)
    yield from _cells(seen, len(patterns) - 1, patterns[-1, 0], sparse.own(len(kept), causal=causal), kept)
    others = (*(LOOKING_BACK if causal else ()), *OTHERS)
    for mask in others if seen.passes.whole else (others[0], others[-1]):
        seen.set(interventions={"mask": mask})
        yield from _under(seen, mask)


def _under(seen: Sight, mask: str) -> Iterator[Claim | Picture]:
    place, n, kind = seen.places[0], len(seen.ids), mask.partition(":")[0]
    causal = seen.config["family"] == "gpt"
    may, kept = sparse.own(n, causal=causal), sparse.allowed(mask, n, causal=causal)
    patterns = np.stack(seen.left.patterns[place])
    n_layers, n_heads = patterns.shape[:2]
    layer, head = seen.frame["layer"], seen.frame["head"]
    looked_at = patterns[layer].mean(axis=0) if seen.frame["pattern_of"] == "mean" else patterns[layer, head]
    sent = looked_at[np.tril_indices(n)] if causal else looked_at
    yield seen.pattern("pattern_head", f"{kind}, attention before", sent)
    bits = np.unpackbits(seen.array("allowed").astype(np.uint8))[: n * n]
    if kind == "bigbird":
        drawn = bits.reshape(n, n) > kept
        yield from _drawn(seen, mask, drawn)
        kept = kept | drawn
    lost = np.where(kept, 0, patterns).sum(axis=-1)
    yield Picture(f"{kind}, lost", seen.array("lost"), lost, 2e-5)
    yield Picture(f"{kind}, allowed", bits.astype(np.float64), kept.astype(np.float64), 0)
    yield Claim(f"{kind}, attention lost", seen.text('[data-sum="lost"]'), float(lost.mean()))
    note = seen.text('[data-note="lost"]').partition(" token")[0]
    yield from sentence(f"{kind}, lost, mean over", note, n_layers * n_heads, n)
    yield Claim(f"{kind}, operations saved", seen.text('[data-sum="saved"]'), float(1 - kept.sum() / may.sum()))
    each = 2 * seen.left.mixed[place][0].shape[-1] * n_heads * n_layers
    sums = (kept.sum(), may.sum(), each * may.sum(), each * kept.sum())
    yield from sentence(f"{kind}, pairs", seen.text('[data-note="saved"]'), *map(float, sums))
    labels = seen.texts(".head-grid button", "aria-label")
    yield Claim(f"{kind}, heads", str(len(labels)), n_layers * (n_heads + 1))
    for label, (head, layer) in zip(labels, np.ndindex(n_heads + 1, n_layers), strict=False):
        share = float(lost[layer].mean() if head == n_heads else lost[layer, head].mean())
        name, _, said = label.partition(": ")
        yield Claim(f"{kind}, {name}, lost", said, share)
    numbers = [int(number) for number in mask.split(":")[1:]] if kind != "painted" else []
    yield from sentence(f"{kind}, sentence", seen.text(".mask-words"), *(SAID[kind](*numbers) if numbers else ()))
    is_left_alone = kind == "painted" and causal  # of PAINTED, one whole row
    yield Claim(f"{kind}, alone", str("nothing to read" in seen.text(".alone")), str(is_left_alone))
    yield from _cone(seen, kind, kept, n_layers)
    yield from _growth(seen, mask, causal, n_heads)
    changed = seen.under(Changes(mask=kept)).logits[seen.frame["position"]]
    before = seen.left.logits[seen.frame["position"]]
    yield from next_tokens.claims(seen, changed)
    yield from change.claims(seen, kind, '[data-exhibit="masks"] .effect', seen.frame["change"], before, changed)


def _drawn(seen: Sight, mask: str, drawn: Allowed) -> Iterator[Claim]:
    """BigBird's random blocks: whole ones, as many as asked for, of those that are not seen anyway."""
    block, _, n_random, _ = (int(number) for number in mask.split(":")[1:])
    n, causal = len(drawn), seen.config["family"] == "gpt"
    for at, left in enumerate(sparse.others(mask, n, causal=causal)):
        blocks = {int(key) // block for key in np.flatnonzero(drawn[at * block])}
        whole = np.isin(np.arange(n) // block, list(blocks))
        where = f"bigbird, block {at + 1}"
        yield Claim(f"{where}, drawn", str(len(blocks)), min(n_random, len(left)))
        yield Claim(f"{where}, of the others", str(blocks <= set(left)), "True")
        yield Claim(f"{where}, whole", str(bool((drawn[at * block : (at + 1) * block] == whole).all())), "True")


def _cone(seen: Sight, kind: str, kept: Allowed, n_layers: int) -> Iterator[Claim | Picture]:
    """How far is heard from the token that is chosen: of a T5 the last that it reads."""
    reached, n = _steps(kept, n_layers), len(kept)
    yield Picture(f"{kind}, steps", seen.array("steps"), reached, 0)
    row = reached[n - 1 if seen.frame["written"] else seen.frame["position"]]
    told = seen.text(".cone figcaption p").rpartition("can reach")
    yield from sentence(f"{kind}, cone", told[0], int((row <= n_layers).sum()), n)
    layers = told[2].rpartition(" within ")[2]
    yield from sentence(f"{kind}, cone, layers", layers, n_layers, int((row <= 1).sum()))


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
    kept = kept | np.eye(n, dtype=bool)  # the residual stream
    out = np.where(np.eye(n, dtype=bool), 0.0, NEVER)
    power = np.eye(n, dtype=int)
    for layer in range(1, n_layers + 1):
        power = (power @ kept > 0).astype(int)
        out = np.where((power > 0) & (out == NEVER), layer, out)
    return out


def _growth(seen: Sight, mask: str, causal: bool, n_heads: int) -> Iterator[Claim]:
    """The pairs of longer texts, counted; and the sentence about the longest."""
    kind = mask.partition(":")[0]
    is_known = kind not in ("document", "painted")
    wholes = [n * (n + 1) // 2 if causal else n * n for n in LENGTHS]
    lefts = [sparse.pairs(mask, n, causal=causal) for n in LENGTHS] if is_known else None
    for layer, told in enumerate(seen.frame["masks"]["layers"]):
        yield Claim(f"{kind}, layer {layer + 1}, pairs", str(told["at_lengths"]["of"]), str(wholes))
        yield Claim(f"{kind}, layer {layer + 1}, pairs left", str(told["at_lengths"]["pairs"]), str(lefts))
    each = 4 * n_heads  # bytes of a float32 for every head
    sums = [LENGTHS[-1], wholes[-1], n_heads, each * wholes[-1]]
    sums += [lefts[-1], each * lefts[-1]] if lefts is not None else []
    yield from sentence(f"{kind}, growth", seen.text(".growth-words").replace("as float32", ""), *sums)
