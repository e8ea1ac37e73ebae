"""BERT's objective: guess masked tokens, and say whether the second segment follows the first (Devlin et al. 2019).

No torch here: `model.train.masked_tokens` makes batches of it, and a page shows it on a text.

Axes: pos: the tokens of one example.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.study.objective import IGNORED

Ints = np.ndarray[Any, np.dtype[np.int64]]

FOLLOWS, IS_RANDOM = 0, 1
"""What the next-sentence head says, in the order of its logits."""


@dataclass(frozen=True)
class Special:
    """The ids of the special tokens that an example has, and where the ordinary entries begin and end."""

    cls: int
    sep: int
    mask: int
    first: int
    end: int
    """The entry behind the last ordinary one."""


@dataclass(frozen=True)
class Masked:
    """One example. *Shape:* (pos,) each."""

    ids: Ints
    segments: Ints
    targets: Ints
    """What each chosen token was; `IGNORED` elsewhere."""
    follows: int
    """`FOLLOWS`, `IS_RANDOM`, or `IGNORED` where there is one segment only."""


def around(first: list[int], second: list[int], special: Special) -> tuple[Ints, Ints]:
    """[CLS] first [SEP], or [CLS] first [SEP] second [SEP]: ids and segments, *Shape:* (pos,) each."""
    ids = [special.cls, *first, special.sep] + ([*second, special.sep] if second else [])
    segments = np.zeros(len(ids), np.int64)
    segments[len(first) + 2 :] = 1
    return np.array(ids, np.int64), segments


def mask(
    ids: Ints, special: Special, rng: np.random.Generator, share: float = 0.15, always: bool = False
) -> tuple[Ints, Ints]:
    """Chooses tokens to guess and hides them (Devlin et al. 2019, section 3.1).

    Of the chosen ones 80 % become [MASK], 10 % any entry, 10 % stay; with `always` all of them become [MASK].

    Args:
        ids: one example, *Shape:* (pos,).
        share: of the tokens that are chosen; at least one is, where there is any that is not special.

    Returns:
        What the model reads, and what it is to guess, *Shape:* (pos,) each.
    """
    candidates = np.flatnonzero((ids >= special.first) & (ids < special.end))
    n_chosen = min(len(candidates), max(1, round(share * len(candidates))))
    chosen = rng.choice(candidates, n_chosen, replace=False)
    targets = np.full_like(ids, IGNORED)
    targets[chosen] = ids[chosen]
    fate = np.zeros(len(chosen)) if always else rng.random(len(chosen))
    read = ids.copy()
    read[chosen[fate < 0.8]] = special.mask
    swapped = chosen[(fate >= 0.8) & (fate < 0.9)]
    read[swapped] = rng.integers(special.first, special.end, len(swapped))
    return read, targets


def fit(first: list[int], second: list[int], n: int) -> tuple[list[int], list[int]]:
    """Two segments shortened to `n` tokens together, the longer one from its end first."""
    n_second = min(len(second), max(n - len(first), n // 2))
    return first[: n - n_second], second[:n_second]
