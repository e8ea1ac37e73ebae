"""Residual: what would be said at each depth, and what each head and layer adds to the logit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.sight import Sight

LIKELIEST = 5


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """After the last token of the text, and after one in its middle."""
    asks = "written" if seen.config["family"] == "t5" else "query"
    middle = min(2, len(seen.written) - 1) if asks == "written" else len(seen.ids) // 2
    yield from _at(seen)
    seen.set(**{asks: middle}, target=None, of="logit")
    yield from _at(seen)


def _at(seen: Sight) -> Iterator[Claim | Picture]:
    told: dict[str, Any] = seen.frame["residual"]
    query, target = told["query"], told["target"]["id"]
    where = f"token {query + 1}"
    yield Claim(f"{where}, the likeliest", str(target), str(int(seen.left.logits[query].argmax())))
    yield Picture(f"{where}, logit", np.array([told["logit"]]), seen.left.logits[query, [target]], 2e-5)
    yield from _lens(seen, where, query, target)
    if seen.config["family"] != "bert":
        yield from _parts(seen, where, query, target)


def _depths(seen: Sight, query: int) -> Array:
    """The stream after each part; a BERT's where it has just been normed. *Shape:* (depth, d_model)."""
    stream = [rows[query] for rows in seen.left.stream[seen.speaker]]
    return np.stack(stream[::2] if seen.config["family"] == "bert" else stream[:-1])


def _lens(seen: Sight, where: str, query: int, target: int) -> Iterator[Claim]:
    depths = seen.checkpoint.says(_depths(seen, query))
    rows = '.lens .depths [role="row"]'
    cells = [f'{rows} .said[data-press="{rank}"]' for rank in range(LIKELIEST)]  # as many as there is room for
    said, short = ([seen.texts(cell, "aria-label") for cell in cells], [seen.texts(f"{cell} b") for cell in cells])
    shares, ranks = (seen.texts(f"{rows} .{cell}") for cell in ("p", "rank"))
    yield Claim(f"{where}, depths", str(len(ranks)), len(depths))
    for depth, logits in enumerate(depths[: len(ranks)]):
        chances = softmax(logits)
        falling = np.sort(chances)[::-1]
        name = f"{where}, depth {depth + 1}"
        shown = [column[depth] for column in said if column]
        yield Claim(f"{name}, cells", str(len(shown) > 1), "True")
        for rank, (cell, entry) in enumerate(zip(shown, seen.frame["residual"]["depths"][depth]["top"], strict=False)):
            full = cell.rpartition(", ")[2]
            yield Claim(f"{name}, percentage {rank + 1}", full, float(falling[rank]))
            yield Claim(f"{name}, entry {entry['id']}", full, float(chances[entry["id"]]))
            yield Claim(f"{name}, percentage {rank + 1} in its cell", f"{short[rank][depth]} %", float(falling[rank]))
        yield Claim(f"{name}, probability", shares[depth], float(chances[target]))
        # Entries that are as likely to within float32's error may stand on either side of it.
        near = np.abs(logits - logits[target]) < 2e-5 * np.abs(logits).max()
        rank_of = 1 + int((logits > logits[target]).sum())
        yield Claim(f"{name}, rank", ranks[depth], rank_of, slack=float(near.sum() - 1))


def _parts(seen: Sight, where: str, query: int, target: int) -> Iterator[Claim]:
    """The direct paths (Elhage et al. 2021), the final norm's divisor held."""
    place, left, tensors = seen.speaker, seen.left, seen.checkpoint.tensors
    prefix = "decoder." if place == "decoder" else ""
    final = left.stream[place][-2][query]
    divisor = float(np.sqrt((final * final).mean() + seen.config["norm_eps"]))
    direction = seen.checkpoint.final_norm * seen.checkpoint.unembed[target] / divisor
    kinds = [("attn", place), ("cross_attn", "cross")] if place == "decoder" else [("attn", place)]
    sums, by_head = [float(left.stream[place][0][query] @ direction)], []
    n_parts = len(kinds) + 1
    for layer, _ in enumerate(left.patterns[place]):
        for part, kind in kinds:
            z = left.mixed[kind][layer][query]
            weight = tensors[f"{prefix}blocks.{layer}.{part}.o.weight"].reshape(-1, *z.shape)
            heads = np.einsum("dhk,hk,d->h", weight, z, direction)
            by_head += [(head, float(value)) for head, value in enumerate(heads)]
            sums.append(float(heads.sum()))
        sums.append(float(left.added[place][n_parts * layer + n_parts - 1][query] @ direction))
    slack = 2e-5 * (1 + sum(map(abs, sums)))
    rows = '.moves:not(.encoder) .depths [role="row"]'
    cells, wholes = seen.texts(f"{rows} .head-cell", "aria-label"), seen.texts(f"{rows} .signed b")
    yield Claim(f"{where}, heads", str(len(cells)), len(by_head))
    for shown, (head, value) in zip(cells, by_head, strict=False):
        yield from sentence(f"{where}, head", shown, head + 1, value, slack=slack)
    yield Claim(f"{where}, rows", str(len(wholes)), len(sums))
    for row, (shown, value) in enumerate(zip(wholes, sums, strict=False)):
        yield Claim(f"{where}, row {row + 1}", shown, value, slack)
    logit = float(left.logits[query, target])
    yield from sentence(f"{where}, sum", seen.text(".largest .sum"), sum(sums), logit, divisor, slack=slack)
    most = max(abs(value) for _, value in by_head)
    yield Claim(f"{where}, the largest head", seen.text(".moves .scale p"), most, slack)
    yield Claim(f"{where}, the largest row", seen.text(".moves .wholes"), max(map(abs, sums)), slack)
