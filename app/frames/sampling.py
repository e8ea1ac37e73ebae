"""What the Sampling exhibit draws of a pass: the whole vocabulary in falling order of probability.

The arrays of a frame for the exhibit "sampling": `curve` (float32, untouched probabilities), `curve_ids` (uint16;
uint32 if large) and `curve_chance` (float32, what each entry will be drawn with).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.payload import Packed
from app.question import Part, Question
from model import sampling
from model.sampling import Distribution

N_TOP = 40


def frame(question: Question) -> Part:
    """The curve over the whole vocabulary."""
    return Part(arrays=curve(question.logits, question.distribution))


def curve(logits: NDArray[np.floating], distribution: Distribution) -> dict[str, Packed]:
    """The whole vocabulary in falling order: probabilities, ids, chances."""
    order = sampling.descending(logits)
    ids = order.astype(np.uint16 if len(order) <= 2**16 else np.uint32)
    probabilities = distribution.probabilities[order].astype(np.float32)
    chances = distribution.chances[order].astype(np.float32)
    arrays = {"curve": probabilities, "curve_ids": ids, "curve_chance": chances}
    return {name: Packed(values, values.shape) for name, values in arrays.items()}
