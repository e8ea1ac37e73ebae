"""What changed in a prediction, as exhibits and the pin show it: the divergence, and the entries that moved most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.sight import Sight

CANDIDATES = 12
"""The likeliest entries before and after, among which those that moved are looked for."""


def claims(
    seen: Sight, where: str, root: str, told: dict[str, Any], before: Array, after: Array
) -> Iterator[Claim | Picture]:
    """Below `root`, a selector of the whole page; `told` is what the frame says of it, the rest logits."""

    def texts(selector: str) -> list[str]:
        return seen.page.locator(f"{root} {selector}").all_text_contents()

    p, q = softmax(before), softmax(after)
    bits = float((p * (np.log2(p) - np.log2(q))).sum())  # Kullback & Leibler 1951
    yield Claim(f"{where}, divergence", texts(".bits")[0], bits, slack=1e-4 * (1 + bits))
    yield from sentence(f"{where}, divergence over", texts(".words")[0], len(p))
    ids = [entry["id"] for entry in told["moved"]]
    apart = np.abs(q - p)
    candidates = np.union1d(*(np.argsort(-row, kind="stable")[:CANDIDATES] for row in (p, q)))
    yield Picture(f"{where}, moved most", apart[ids], -np.sort(-apart[candidates])[: len(ids)], 1e-5)
    rows = zip(*(texts(f"ol > li:not([hidden]) > b:nth-of-type({one})") for one in (1, 2)), strict=True)
    left_out = list(told["moved"])
    for then, now in rows:
        for entry in left_out:
            claimed = [
                Claim(f"{where}, entry {entry['id']}, {when}", shown, float(chances[entry["id"]]))
                for when, shown, chances in (("before", then, p), ("after", now, q))
            ]
            if not any(claim.fault() for claim in claimed):
                yield from claimed
                del left_out[: left_out.index(entry) + 1]
                break
        else:
            yield Claim(f"{where}, moved", f"{then} to {now}", "an entry of the frame that moved so, in its order")
