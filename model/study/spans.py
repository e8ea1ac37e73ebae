"""T5's first objective: write what was cut out of a text, where sentinels stand (Raffel et al. 2020, section 3.1.4).

"Thank you <X> me to your party <Y> week." is read, "<X> for inviting <Y> last <Z>" is to be written. No torch here:
`model.train.text_to_text` makes batches of it, and a page shows it on a text.
"""

from __future__ import annotations

import numpy as np

SHARE, MEAN_LENGTH = 0.15, 3.0
PREFIX = "fill: "
"""What the bundled T5 is asked with to fill gaps; in the first part of its run, which had no prefixes, without."""


def lengths(n: int, n_sentinels: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """How long the kept and the cut stretches of `n` tokens are, in turn, a kept one first.

    As in the reference implementation (`random_spans_noise_mask`): the share of the tokens that is cut and the number
    of the cuts are fixed, and all ways to divide kept and cut tokens among them are equally likely.

    Raises ValueError for fewer than two tokens.
    """
    if n < 2:
        raise ValueError(f"{n} tokens; to cut some and keep some, at least 2 are needed")
    n_cut = min(max(round(n * SHARE), 1), n - 1)
    n_spans = min(max(round(n_cut / MEAN_LENGTH), 1), n - n_cut, n_sentinels)
    return _divide(n - n_cut, n_spans, rng), _divide(n_cut, n_spans, rng)


def _divide(n: int, parts: int, rng: np.random.Generator) -> list[int]:
    """`n` as the sum of so many positive numbers, all ways equally likely."""
    borders = np.sort(rng.choice(n - 1, parts - 1, replace=False)) + 1 if parts > 1 else np.zeros(0, np.int64)
    return [int(length) for length in np.diff([0, *borders, n])]


def corrupt(ids: list[int], sentinels: list[int], rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """The text with its cuts, and what was cut, each after its sentinel; neither ends with `</s>` yet."""
    read: list[int] = []
    written: list[int] = []
    at = 0
    for sentinel, kept, cut in zip(sentinels, *lengths(len(ids), len(sentinels), rng), strict=False):
        read += [*ids[at : at + kept], sentinel]
        written += [sentinel, *ids[at + kept : at + kept + cut]]
        at += kept + cut
    return read, written


def parse(written: list[int], sentinels: list[int]) -> dict[int, list[int]]:
    """What a model wrote after each sentinel: the inverse of how `corrupt` writes it."""
    found: dict[int, list[int]] = {}
    current: list[int] = []
    for id in written:
        if id in sentinels:
            current = found.setdefault(id, [])
        else:
            current.append(id)
    return found
