"""Attention arrays that somebody brings, looked over and packed for the exhibit that draws such."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.exhibits.registry import ARRAYS
from app.figures import faces
from app.notebook.document import BASE, document
from app.page.desk import Desk
from app.running.version import version
from app.wire import payload
from model.trace import Array

MOST = 20_000_000
"""Probabilities in all; all of them travel to the browser, two bytes each."""
ABOVE_ONE = 1e-3
"""By how much rounding may take a probability above 1, as float16 and bfloat16 do."""


class Arrays:
    """Attention probabilities of any model with the tokens along their sides.

    Args:
        patterns: *Shape:* (layer, head, query, key).
        tokens: the text of each query, and of each key where `keys` does not say otherwise.
        keys: the text of each key, where they are others than the queries.
        caption: what a picture of them says under it.

    Raises:
        ValueError: they do not fit together; the message says what would.
    """

    def __init__(
        self, patterns: Any, tokens: Sequence[str], keys: Sequence[str] | None = None, caption: str = ""
    ) -> None:
        self.patterns = checked(patterns)
        self.queries, self.keys = list(tokens), list(tokens if keys is None else keys)
        self.own = keys is None
        self.caption = caption
        n_queries, n_keys = self.patterns.shape[2:]
        if len(self.queries) != n_queries or len(self.keys) != n_keys:
            raise ValueError(
                f"patterns have {n_queries} queries and {n_keys} keys, and there are {len(self.queries)} tokens"
                + ("" if self.own else f" and {len(self.keys)} keys")
                + "; give a text for each: tokens=[...] of the queries, and keys=[...] where the keys are others."
            )

    def document(self) -> str:
        """The document of the frame that shows them."""
        name, room = ARRAYS
        script = f'import {{ begin }} from "{BASE}/js/exhibits/{name}/arrays.js";\nbegin();'
        return document(f'<div class="shell"><div class="bar" hidden></div></div>{room.MARKUP}', script)

    def answer(self, name: str, request: object) -> bytes:
        """What the frame asks for: the "arrays" as bytes, or "faces" for a picture of them."""
        if name == "arrays":
            _, room = ARRAYS
            told = {"queries": named(self.queries), "keys": named(self.keys), "own": self.own}
            told |= {"caption": self.caption, "version": version()}
            return payload.framed(told | room.packed(self.patterns, own=self.own))
        return Desk().reply(faces.faces, request) if name == "faces" else json.dumps({"error": name}).encode()


def checked(patterns: Any) -> Array:
    """Probabilities as float32. Raises ValueError where they are none; the message says what would do."""
    try:
        found = np.asarray(patterns, dtype=np.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"patterns are of type {type(patterns).__name__}, which is no array of numbers ({error}); of torch's, give"
            " tensor.float().cpu().numpy(), and of several layers np.stack of them."
        ) from None
    shape = found.shape
    if len(shape) == 5 and shape[1] == 1:
        raise ValueError(f"patterns have the shape {shape}, with a batch of one in it; give patterns.squeeze(1).")
    if len(shape) == 3:
        raise ValueError(f"patterns have the shape {shape}; of one layer, give patterns[None]: a layer, {shape}.")
    if len(shape) != 4 or 0 in shape:
        raise ValueError(f"patterns have the shape {shape}; they need four sides: (layers, heads, queries, keys).")
    if found.size > MOST:
        raise ValueError(
            f"patterns hold {found.size:,} numbers, and a notebook is sent at most {MOST:,}; give fewer layers."
        )
    if not np.isfinite(found).all() or found.min() < 0 or found.max() > 1 + ABOVE_ONE:
        raise ValueError(
            f"patterns hold numbers from {found.min():.4g} to {found.max():.4g}; probabilities are from 0 to 1: take"
            " the attention after its softmax."
        )
    probabilities: Array = np.minimum(found, 1)
    return probabilities


def named(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Tokens as the page knows them."""
    return [
        {"id": None, "text": text, "raw": text.encode().hex(), "special": False, "start": at, "end": at + 1}
        for at, text in enumerate(map(str, texts))
    ]
