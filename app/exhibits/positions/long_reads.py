"""How the small models, one a position scheme, read far beyond the 128 tokens that each was trained on.

All of them read the same held-out stories in stretches of `LENGTH` tokens, joined by the end-of-text token as in
training; then a person's text, on its own and again behind the first stretch. What they made of the stories is kept:
it depends on nothing that is typed.
"""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.running import budget
from app.running.model import Model
from app.wire.text import readable
from export.runtime.session import Cache
from model import stories
from model.softmax import log_sum_exp

LENGTH = 512
"""Tokens of a stretch."""
N_STRETCHES = 8
BLOCK = 32
"""Tokens of which the mean is drawn."""
TRAINED_AT = 128
"""Tokens of a row in the training of all six."""
LENGTHS = "lengths.json"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stretches:
    """What one model made of the stories."""

    curve: tuple[float, ...]
    """Mean loss in nats a token of each block of positions; fewer of them where the positions end."""
    past: Cache | None
    """Keys and values of the first stretch but its last token, to read a text behind; None where positions end."""


class LongReads:
    """The models' readings, each made when it is first asked for; threads may share them."""

    def __init__(self) -> None:
        self._kept: dict[str, Stretches] = {}
        self._reading = threading.Lock()

    def known(self, name: str) -> Stretches | None:
        """What a model made of the stories, if it has read them."""
        return self._kept.get(name)

    def stretches(self, model: Model) -> Stretches | None:
        """What a model makes of the stories; None while another thread reads them: none waits for seconds."""
        if model.name not in self._kept:
            if not self._reading.acquire(blocking=False):
                return None
            try:
                self._kept[model.name] = read_stretches(model)
            finally:
                self._reading.release()
        return self._kept[model.name]


def read_stretches(model: Model) -> Stretches:
    """Reads `N_STRETCHES` stretches, one at a time."""
    end = model.config.bos_token_id
    told = (model.tokenizer.inner.encode(story, add_special_tokens=False).ids for story in stories.held_out())
    joined = itertools.chain.from_iterable([end, *ids] for ids in told)
    ids = np.fromiter(itertools.islice(joined, N_STRETCHES * LENGTH + 1), np.int64)
    n_read = min(LENGTH, positions_of(model) or LENGTH)
    graph = model.graph("fused")
    losses = []
    for at in range(0, len(ids) - LENGTH, LENGTH):
        budget.check()
        losses.append(losses_of(graph.run(ids[at : at + n_read]).logits[0], ids[at + 1 : at + n_read + 1]))
    curve = np.mean(losses, axis=0).reshape(-1, BLOCK).mean(axis=1)
    past = graph.run(ids[: LENGTH - 1], cache=True).cache if n_read == LENGTH else None
    return Stretches(tuple(curve.tolist()), past)


def losses_of(logits: NDArray[np.floating], targets: NDArray[np.integer]) -> Floats:
    """-ln p of each target. *Shape:* (pos, d_vocab), (pos,) -> (pos,)."""
    wide = logits.astype(np.float64)
    losses: Floats = log_sum_exp(wide) - wide[np.arange(len(targets)), targets]
    return losses


def positions_of(model: Model) -> int | None:
    """How many positions a model has; None where they never end."""
    return model.config.n_ctx if model.config.positions.ends else None


def read_text(model: Model, text: str, past: Cache | None) -> dict[str, Any]:
    """A text's mean loss in nats a token: at the beginning, and behind a stretch of stories.

    Its last tokens are read, as many as fit into the trained length with the end-of-text token before them.
    """
    whole = readable(text)
    ids = np.array([token.id for token in model.tokenizer.encode(whole.text[whole.start :], TRAINED_AT).tokens])
    told: dict[str, Any] = {"tokens": len(ids) - 1, "alone": None, "behind": None}
    if len(ids) < 2:
        return told
    graph = model.graph("fused")
    told["alone"] = float(losses_of(graph.run(ids[:-1]).logits[0], ids[1:]).mean())
    if past is not None:
        told["behind"] = float(losses_of(graph.run(ids[:-1], past=past).logits[0], ids[1:]).mean())
    return told


def lengths(model: Model) -> dict[str, Any] | None:
    """What the model's training measured at several lengths; None where it left no such file."""
    path = model.folder / LENGTHS
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
