"""How good a model is at an example: each target's loss, the gradient of one, and what short numbers lose of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Question
from app.exhibits.training.example import Example
from app.running import budget
from model.study import objective, sampling
from model.study.objective import Flushed, Ids, Losses, Said, Vector
from model.trace import ForwardTrace, Stretch

ENTRIES_AT_ONCE = 2**20
"""Logits that are looked at in one step, between two looks at the clock."""
N_PULLED = 5
"""How many entries are listed beside the target."""
LOSS_SCALE = 2**15
"""What the loss is multiplied by, and the gradient divided by again: the most that Micikevicius et al. 2018 needed."""
LOWEST, HIGHEST, A_DECADE = -14, 0, 4
"""The powers of ten between which magnitudes are counted, and how many bins each has."""


def scored(logits: NDArray[np.floating], example: Example) -> Losses:
    """The losses of all targets.

    Args:
        logits: *Shape:* (pos, d_vocab).
        example: what was to be predicted.
    """
    rows, targets = example.rows, example.targets
    said = [_said(logits[rows[some]]) for some in _some(len(rows), logits.shape[-1])]
    return _joined(said).losses(logits[rows, targets])


def scored_next(trace: ForwardTrace, example: Example) -> Losses:
    """The same of every next token of a text that was read: of a long one, no more than what a key has changed is
    looked at.
    """
    said, wanted = [], []
    for stretch in trace.logit_stretches():
        n = stretch.shape[0]
        targets = example.targets[stretch.start :][:n]  # after the last token there is none
        of_rows, of_targets, last = stretch.made("said", _stretch_said, targets[: n - 1])
        said.append(of_rows)
        wanted += [of_targets, last[targets[n - 1 :]]]
    found = _joined(said).losses(np.append(np.concatenate(wanted), 0))
    return Losses(*(values[:-1] for values in vars(found).values()))


def _stretch_said(stretch: Stretch, targets: Ids) -> tuple[Said, NDArray[np.floating], NDArray[np.floating]]:
    """What its rows say, the logits of all targets but the last one's, which stands behind it, and the last row."""
    logits = stretch.values
    return _said_of(logits), logits[np.arange(len(targets)), targets], logits[-1].copy()


def _said_of(logits: NDArray[np.floating]) -> Said:
    return _joined([_said(logits[some]) for some in _some(*logits.shape)])


def _some(n: int, d_vocab: int) -> Iterator[slice]:
    """Rows that are looked at in one step; at least one such, be it empty."""
    at_once = max(1, ENTRIES_AT_ONCE // d_vocab)
    return (slice(begin, begin + at_once) for begin in range(0, max(1, n), at_once))


def _said(logits: NDArray[np.floating]) -> Said:
    budget.check()
    return Said.of(logits)


def _joined(parts: Sequence[Said]) -> Said:
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return Said(*(np.concatenate(column) for column in columns))


def pulled(
    question: Question, logits: NDArray[np.floating], target: int, share: float, n: int
) -> tuple[dict[str, Any], Vector]:
    """The gradient at one target: what it does to a few entries and to all others together, what a number of 16 bits
    keeps of it; and its magnitudes in bins.

    Args:
        question: whose vocabulary it is.
        logits: *Shape:* (d_vocab,).
        target: what was to be predicted.
        share: of the target, what is spread evenly.
        n: how many targets the loss is the mean of.
    """
    slopes = objective.gradient(logits, target, share, n)
    p = sampling.probabilities_of(logits)
    others = slopes.copy()
    others[target] = -np.inf
    listed = [target, *sampling.likeliest(others, N_PULLED).tolist()]
    rest = np.ones(slopes.shape, np.bool_)
    rest[listed] = False
    kept = {
        "float16": objective.as_float16(slopes),
        "scaled": objective.as_float16(slopes * LOSS_SCALE),
        "bfloat16": objective.as_bfloat16(slopes),
    }
    told = {
        "rows": [{**question.describe(id), "probability": float(p[id]), "slope": float(slopes[id])} for id in listed],
        "rest": {"n": int(rest.sum()), "slope": float(slopes[rest].sum()), "probability": float(p[rest].sum())},
        "kept": {name: vars(Flushed.of(slopes, values)) for name, values in kept.items()},
    }
    return told, _bins(slopes)


def _bins(slopes: Vector) -> Vector:
    """How many magnitudes lie in each bin, those below the first in it. *Shape:* (bin,)."""
    sizes = np.abs(slopes[slopes != 0])
    powers = np.clip(np.log10(sizes), LOWEST, HIGHEST - 1e-9)
    counts, _ = np.histogram(powers, (HIGHEST - LOWEST) * A_DECADE, (LOWEST, HIGHEST))
    return counts.astype(np.float64)
