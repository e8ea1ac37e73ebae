"""What is asked of an exhibit: the fields that the browser sent, and the pass that they call for, read once.

Where a prediction is read depends on the family: after a GPT's last token; at the token of a BERT's text that a person
chose, else at its first mask, else at its last word; after the token of a T5's output that was chosen, else the first.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine import Engine, Reading
from app.running import turned
from app.running.model import Model
from app.wire import payload
from app.wire.fields import Fields, RequestError
from app.wire.interventions import UNTOUCHED
from app.wire.payload import Packed
from export.runtime.means import Means
from model import unsaid
from model.study import sampling
from model.study.sampling import Distribution, Settings
from model.trace import ForwardTrace


@dataclass(frozen=True)
class Part:
    """What one exhibit adds to a frame."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Packed] = field(default_factory=dict)
    absent: str | None = None
    """Why the exhibit does not apply to this model, in one sentence; the page shows it in the picture's place."""


@dataclass(frozen=True)
class Question:
    """One request about one text.

    Args:
        fields: what the browser sent.
        engine: where its models are.

    Raises:
        RequestError: from what reads a field, if the field is not as described.
    """

    fields: Fields
    engine: Engine

    @functools.cached_property
    def model(self) -> Model:
        """The model that was asked for."""
        return self.engine.model(self.fields.choice("model", self.engine.names))

    @functools.cached_property
    def reading(self) -> Reading:
        """The text as the model, with its interventions, read it."""
        model = self.model
        changes = self.fields.interventions("interventions", model.config)
        if changes.by_mean:
            changes = dataclasses.replace(changes, means=means_of(model))
        changes = turned.with_graph(changes, model, self.engine.other_weights)
        return self.engine.read(self.fields.text("text"), model.name, changes)

    @property
    def trace(self) -> ForwardTrace:
        """What the pass left behind."""
        return self.reading.trace

    @functools.cached_property
    def position(self) -> int:
        """The place in `trace.logits` where the prediction is read."""
        trace = self.trace
        if trace.config.family == "gpt":
            return len(trace.tokens) - 1
        if trace.config.family == "t5":
            chosen = self.fields.optional_integer("written", 0, trace.config.n_ctx)
            return min(chosen or 0, len(trace.streams["decoder"].tokens) - 1)
        chosen = self.fields.optional_integer("query", 0, trace.config.n_ctx)
        return min(len(trace.tokens) - 1, first_mask(self.reading) if chosen is None else chosen)

    @property
    def logits(self) -> NDArray[np.floating]:
        """What the model says at `position`. *Shape:* (d_vocab,); of a model that predicts no token, (0,)."""
        return self.trace.logits_at(self.position)

    @functools.cached_property
    def untouched_logits(self) -> NDArray[np.floating]:
        """What the model as it is says at each place, after the same tokens. *Shape:* (place, d_vocab)."""
        if "decoder" in self.trace.streams:
            read, written = (stream.ids for stream in self.trace.streams.values())
            logits = self.model.session.run(read, decoder_ids=written).logits
        else:
            logits = self.engine.read(self.fields.text("text"), self.model.name, UNTOUCHED).trace.logits
        rows: NDArray[np.floating] = logits[0]
        return rows

    @property
    def untouched(self) -> NDArray[np.floating]:
        """The same at `position`. *Shape:* (d_vocab,)."""
        row: NDArray[np.floating] = self.untouched_logits[self.position]
        return row

    @functools.cached_property
    def settings(self) -> Settings:
        """The sampling settings."""
        return self.fields.settings("sampling")[0]

    @property
    def seed(self) -> int:
        """The seed of draws."""
        return self.fields.settings("sampling")[1]

    @property
    def predicts(self) -> bool:
        """Whether the model says which tokens are likely; without that there are no logits."""
        return self.model.config.predicts

    @property
    def unsaid(self) -> str | None:
        """Why it predicts none, or what else it was published with and is not run here; null where all is said."""
        return unsaid.sentence(self.model.name, self.model.config)

    @functools.cached_property
    def distribution(self) -> Distribution:
        """What the settings make of the logits."""
        return sampling.shape(self.logits, self.settings)

    def next_token(self, n_top: int) -> dict[str, Any] | None:
        """The field `next` of a frame; None of a model that predicts no token."""
        if not self.predicts:
            return None
        return payload.next_token(self.logits, self.distribution, self.describe, n_top)

    def describe(self, id: int) -> dict[str, Any]:
        """The fields that say what an entry of the vocabulary is."""
        return payload.entry(self.model.tokenizer, id)


def means_of(model: Model) -> Means:
    """What each part of a model adds on the average. Raises RequestError where that was never measured."""
    if model.means is None:
        raise RequestError(f"Nobody has measured the means of {model.name}; switch its parts off by zero.")
    return model.means


def first_mask(reading: Reading) -> int:
    """Where a BERT's text has its first mask; without one, its last word's last token, or its last mark."""
    tokens, mask = reading.trace.tokens, reading.model.tokenizer.mask_id
    places = [index for index, token in enumerate(tokens) if token.id == mask]
    marks = [index for index, token in enumerate(tokens) if not token.special]
    words = [index for index in marks if any(character.isalnum() for character in tokens[index].text)]
    return (places or words[-1:] or marks[-1:] or [0])[0]
