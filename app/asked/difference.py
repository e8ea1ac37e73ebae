"""What a person's changes to a model did to its prediction: the field `change` of a frame.

null for a model as it is, and for one that predicts no token; else

    {kl_bits: KL(before || after) over the whole vocabulary,
     before: {id, text, raw, special, probability}: what was likeliest,
     moved: [{id, text, raw, special, before, after}]: the candidates whose probability moved most}

"Before" is the model as it is, after the same tokens: for a T5, after what the changed model wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Question
from model.study import sampling

N_CANDIDATES = 12
"""How many of the likeliest entries, before and after, are looked at for those that moved most."""
N_MOVED = 6


def from_untouched(question: Question) -> dict[str, Any] | None:
    """The field `change`; a changed model is run once more as it is."""
    if not question.reading.interventions or not question.predicts:
        return None
    return between(question.untouched, question.logits, question.describe)


def between(
    before: NDArray[np.floating], after: NDArray[np.floating], describe: Callable[[int], Mapping[str, Any]]
) -> dict[str, Any]:
    """How two predictions of the same place differ.

    Args:
        before: the logits of the model as it is. *Shape:* (d_vocab,).
        after: the same in the changed model.
        describe: the fields that say what an entry of the vocabulary is, by its id.
    """
    p, q = sampling.probabilities_of(before), sampling.probabilities_of(after)
    candidates = np.union1d(sampling.likeliest(before, N_CANDIDATES), sampling.likeliest(after, N_CANDIDATES))
    moved = candidates[np.argsort(-np.abs(q - p)[candidates], kind="stable")][:N_MOVED].tolist()
    likeliest = int(before.argmax())
    return {
        "kl_bits": sampling.kl_bits(before, after),
        "before": {**describe(likeliest), "probability": float(p[likeliest])},
        "moved": [{**describe(id), "before": float(p[id]), "after": float(q[id])} for id in moved],
    }
