"""Continues what a model has read token by token, with its KV cache: several continuations at once, as a beam needs.

A model as it is runs its fastest graphs. A changed GPT runs the tapped graph, which takes both a past and the changes;
the graphs of a changed T5 take no past, so it writes its output anew at every step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.engine import Reading
from app.running import budget
from app.running.model import tapped
from export.runtime.session import Cache, Run
from model.trace import Array


class Decoder:
    """The continuations of one text; starts with a single one, the text itself.

    Args:
        reading: a GPT's or a T5's text.
        room: how many tokens are to follow; of a text that would leave no room in the context, the last tokens count.
    """

    def __init__(self, reading: Reading, room: int) -> None:
        self.model, self._changes = reading.model, reading.interventions
        self._past: Cache | None = None
        self._cross: Cache | None = None
        tokens = reading.trace.tokens
        self._read = [token.id for token in tokens]
        if self.model.config.start_token_id is not None:
            self._rows = [[self.model.config.start_token_id]]
            if not self._changes:
                self._cross = self.model.graph("encoder").run(self._read).cross
        else:
            special = sum(token.special for token in tokens)
            excess = max(0, len(tokens) + room - self.model.config.n_ctx)
            self._rows = [self._read[:special] + self._read[special + excess :]]
        self.first: Array = self._step(np.array(self._rows))[0]
        """The logits after the text, or of the first token of a T5's output. *Shape:* (d_vocab,)."""

    def __call__(self, rows: Sequence[int], ids: Sequence[int]) -> Array:
        """Goes on with some of the continuations, see `model.study.beam.Advance`. *Shape:* (len(rows), d_vocab)."""
        self._rows = [[*self._rows[row], id] for row, id in zip(rows, ids, strict=True)]
        if self._past is not None:
            self._past = tuple((key[list(rows)], value[list(rows)]) for key, value in self._past)
            return self._step(np.array(ids)[:, None])
        return self._step(np.array(self._rows))

    def _step(self, ids: Array) -> Array:
        """Runs what the cache does not hold yet. *Shape:* (row, d_vocab)."""
        budget.check()
        ran = self._ran(ids)
        self._past = ran.cache
        last: Array = ran.logits[:, -1]
        return last

    def _ran(self, ids: Array) -> Run:
        if "cross" not in self.model.config.stacks:
            graph = tapped(self.model, self._changes) if self._changes else self.model.graph("fused")
            n_past = 0 if self._past is None else self._past[0][0].shape[-2]
            changed = self._changes.inputs(self.model.config, ids.shape[1], n_past=n_past)
            return graph.run(ids, past=self._past, cache=True, **changed)
        if self._cross is None:
            read = np.tile(self._read, (len(ids), 1))
            changed = self._changes.inputs(self.model.config, len(self._read), ids.shape[1])
            return self.model.session.run(read, decoder_ids=ids, **changed)
        cross = tuple((np.repeat(key, len(ids), 0), np.repeat(value, len(ids), 0)) for key, value in self._cross)
        return self.model.graph("decoder").run(ids, cross=cross, past=self._past, cache=True)
