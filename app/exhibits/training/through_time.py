"""A model at the moments of its training that its time-lapse keeps: the same example under the weights of then.

The weights are put under the running graph (`app.running.other_weights`). What of a moment does not depend on the text,
its heads' induction, is measured once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Question
from app.engine import Engine
from app.exhibits.training.as_run import as_run
from app.exhibits.training.example import Example
from app.exhibits.training.scored import scored
from app.running.model import Model
from app.wire.payload import Packed
from app.wire.thumbnails import thumbnails
from export.runtime.session import Run, Session
from model import taps
from model.study import induction, objective, sampling
from model.study.timelapse import FILE, Timelapse
from model.trace import Array

N_NEXT = 6
"""How many of the likeliest entries are listed, then and at the end."""


class Kept:
    """What the exhibit keeps: runs and time-lapses as they were read, and the induction of their moments."""

    def __init__(self) -> None:
        self._runs: dict[Path, tuple[dict[str, Any] | None, dict[str, Packed]]] = {}
        self._lapses: dict[Path, Timelapse | None] = {}
        self._induction: dict[tuple[Path, int], dict[str, Any]] = {}

    def run(self, folder: Path) -> tuple[dict[str, Any] | None, dict[str, Packed]]:
        """The training run of a checkpoint, as `as_run` tells it."""
        if folder not in self._runs:
            self._runs[folder] = as_run(folder)
        return self._runs[folder]

    def lapse(self, folder: Path) -> Timelapse | None:
        """The time-lapse of a checkpoint; None where there is none."""
        if folder not in self._lapses:
            self._lapses[folder] = Timelapse(folder / FILE) if (folder / FILE).is_file() else None
        return self._lapses[folder]

    def filmed(self, engine: Engine) -> list[str]:
        """The models that have one."""
        return [name for name in engine.names if self.lapse(engine.folder(name)) is not None]

    def induction(self, model: Model, at: int, session: Session) -> dict[str, Any] | None:
        """What the heads do at a moment with random tokens that are said twice; None where nothing continues a text."""
        if not model.config.stacks[model.config.reader].causal:
            return None
        key = (model.folder, at)
        if key not in self._induction:
            self._induction[key] = _induction(model, session)
        return self._induction[key]


def session_at(engine: Engine, model: Model, lapse: Timelapse, at: int) -> Session:
    """The model's graph over the weights of a moment."""
    return engine.other_weights.session(model, ("moment", at), lambda: lapse.weights(at))


def patterns(model: Model) -> list[str]:
    """The taps of the heads that are compared: those of the stack that speaks."""
    place = model.config.speaker
    return [taps.PATTERN.at(place).name(layer) for layer in range(model.config.stacks[place].layers)]


def then(
    question: Question, kept: Kept, example: Example, spoken: int, end: float | None
) -> tuple[dict[str, Any], dict[str, Packed]]:
    """The field `time` and its arrays; see `app.exhibits.training.frame`.

    Args:
        question: with `moment`, which of them is looked at; the middle one where it is left out.
        kept: what the exhibit keeps.
        example: what is read and predicted.
        spoken: the row of the logits that says what comes next.
        end: the mean loss at the end of training.
    """
    model = question.model
    lapse = kept.lapse(model.folder)
    if lapse is None:
        return {"filmed": kept.filmed(question.engine), "moments": []}, {}
    last = len(lapse.moments) - 1
    chosen = question.fields.optional_integer("moment", 0, 10**6)
    at = last // 2 if chosen is None else min(chosen, last)
    session = session_at(question.engine, model, lapse, at)
    names = patterns(model)
    early, late = example.run(session, names), example.run(model.session, names)
    causal = model.config.stacks[model.config.speaker].causal
    largest = max(float(run.taps[name].max()) for run in (early, late) for name in names)
    small = {
        name: thumbnails([run.taps[tap][0] for tap in names], causal=causal, largest=largest)
        for name, run in (("pattern_then", early), ("pattern_end", late))
    }
    told = {
        "filmed": [model.name],
        "moments": [vars(moment) for moment in lapse.moments],
        "at": at,
        "loss": _mean(early.logits[0], example),
        "end": end,
        "then": _likeliest(question, early, spoken),
        "now": _likeliest(question, late, spoken),
        "heads": small["pattern_then"].told,
    }
    return told, {name: heads.packed for name, heads in small.items()}


def _mean(logits: NDArray[np.floating], example: Example) -> float | None:
    nats = scored(logits, example).nats
    return float(nats.mean()) if len(nats) else None


def _likeliest(question: Question, run: Run, spoken: int) -> list[dict[str, Any]]:
    row = run.logits[0, spoken]
    p = sampling.probabilities_of(row)
    return [{**question.describe(id), "probability": float(p[id])} for id in sampling.likeliest(row, N_NEXT).tolist()]


def at_moment(question: Question, kept: Kept, example: Example, at: int) -> dict[str, Any]:
    """What the chart over all moments has of one: {loss, or null, induction: see `Kept`}."""
    model = question.model
    lapse = kept.lapse(model.folder)
    assert lapse is not None, "asked of a model with moments only"
    session = session_at(question.engine, model, lapse, at)
    loss = _mean(example.run(session).logits[0], example)
    return {"loss": loss, "induction": kept.induction(model, at, session)}


def _induction(model: Model, session: Session) -> dict[str, Any]:
    """What heads do with repeated tokens.

    {scores: of each head, by layers, even: the score of one that spreads evenly, first, second: the mean nats of the
    first copy's tokens, and of the second's}
    """
    n = induction.N_TOKENS
    rows = induction.repeated(model.config.d_vocab, model.tokenizer.special_ids, model.config.bos_token_id)
    names = patterns(model)
    run = session.run(rows, taps=names)
    return {
        "scores": [induction.score(run.taps[name]).tolist() for name in names],
        "even": induction.even(rows.shape[1]),
        "first": _nats(run.logits, rows, range(rows.shape[1] - 2 * n + 1, rows.shape[1] - n)),
        "second": _nats(run.logits, rows, range(rows.shape[1] - n + 1, rows.shape[1])),
    }


def _nats(logits: Array, rows: NDArray[np.int64], places: Sequence[int]) -> float:
    """The mean loss of some places of every row."""
    at = np.array(places)
    each = [objective.losses(row[at - 1], ids[at]).nats for row, ids in zip(logits, rows, strict=True)]
    return float(np.mean(each))
