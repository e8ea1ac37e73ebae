"""What comes next, as it stands beside every exhibit: each percentage, the rest, and the entropy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.sight import Sight

ROWS = 12


def are_shown(seen: Sight) -> bool:
    """Whether they stand beside the exhibit."""
    return seen.page.locator(".next .candidates").is_visible()


def claims(seen: Sight, logits: Array | None = None) -> Iterator[Claim | Picture]:
    """Of the position that the frame names; `logits` where the model was changed."""
    logits = seen.left.logits[seen.frame["position"]] if logits is None else logits
    chances, top = softmax(logits), seen.frame["next"]["top"]
    shown = seen.page.locator(".next .candidates > li:visible > b").all_text_contents()
    yield Claim("rows", str(len(shown)), min(ROWS, len(logits)))
    for rank, (percentage, falling) in enumerate(zip(shown, np.sort(chances)[::-1], strict=False)):
        yield Claim(f"percentage {rank + 1}", percentage, float(falling))
        yield Claim(f"percentage {rank + 1}, of entry {top[rank]['id']}", percentage, float(chances[top[rank]["id"]]))
    logits_sent = np.array([entry["logit"] for entry in top])
    yield Picture("logits", logits_sent, logits[[entry["id"] for entry in top]], 3e-5)
    rest = np.sort(chances)[: -len(shown)]
    yield from sentence("the rest", seen.page.locator(".next .rest span").inner_text(), len(rest))
    yield Claim("its mass", seen.page.locator(".next .rest b").inner_text(), float(rest.sum()))
    bits = float(-(chances * np.log2(chances)).sum())
    alike = () if 2**bits < 1.5 else (2**bits,)
    yield from sentence("entropy", seen.page.locator(".next .entropy").inner_text(), bits, *alike)
