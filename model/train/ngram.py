"""The baseline: an interpolated n-gram model, counted on the same tokens that the network is trained on.

Modified Kneser-Ney smoothing (Chen and Goodman 1998, section 3) or absolute discounting, which is the same formula with
plain counts in place of continuation counts. Contexts never cross into the document before.

Axes: position: the tokens to predict, in training text and held-out text together; gram: distinct n-grams.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from model.train.data import Tokens

Ints = np.ndarray[Any, np.dtype[np.int64]]


def loss(training: Tokens, held_out: Tokens, d_vocab: int, order: int = 5, kneser_ney: bool = True) -> float:
    """Mean loss of the n-gram model on held-out text, in nats a token.

    The probability of w after the context h is interpolated down to the uniform distribution,

        p(w | h) = (c(hw) - D(c(hw))) / c(h) + gamma(h) p(w | h without its first token),

    with c a count, or below the highest order, with `kneser_ney`, the number of distinct tokens seen in front of hw.
    """
    n_training = training.n_predicted
    before = np.concatenate([_before(training, order, d_vocab), _before(held_out, order, d_vocab)], axis=1)
    # contexts[k]: which k tokens stand before each position; grams[k]: the same and the token itself.
    contexts = [np.zeros(before.shape[1], dtype=np.int64)]
    for k in range(1, order):
        contexts.append(_number(contexts[-1] * (d_vocab + 1) + before[k]))
    grams = [_number(context * (d_vocab + 1) + before[0]) for context in contexts]
    probability = np.full(held_out.n_predicted, 1 / d_vocab)
    for n in range(order):
        if kneser_ney and n + 1 < order:
            counted = np.unique(grams[n + 1][:n_training], return_index=True)[1]
        else:
            counted = np.arange(n_training)
        gram, context = grams[n], contexts[n]
        counts = np.bincount(gram[counted], minlength=gram.max() + 1)
        context_of = np.zeros(len(counts), dtype=np.int64)
        context_of[gram[counted]] = context[counted]
        discount = discounts(counts)[np.minimum(counts, 3)]
        n_contexts = context.max() + 1
        total = np.bincount(context_of, counts, n_contexts)[context[n_training:]]
        freed = np.bincount(context_of, discount, n_contexts)[context[n_training:]]
        seen, kept = total > 0, (counts - discount)[gram[n_training:]]
        probability[seen] = (kept[seen] + freed[seen] * probability[seen]) / total[seen]
    return float(-np.log(probability).mean())


def discounts(counts: Ints) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What is taken off a count of 0, 1, 2, and 3 or more (Chen and Goodman 1998, equation 17)."""
    n1, n2, n3, n4 = (max(1, int((counts == count).sum())) for count in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    return np.clip([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3], 0, [0, 1, 2, 3])


def _before(tokens: Tokens, order: int, d_vocab: int) -> Ints:
    """Row k: the token k places before each predicted one, or `d_vocab` beyond its document's beginning.

    Shape: (order, position).
    """
    ids, target = tokens.ids.astype(np.int64), np.arange(1, len(tokens.ids))
    begin = np.repeat(tokens.starts[:-1], np.diff(tokens.starts))
    return np.stack([np.where(target - k >= begin, ids[np.maximum(target - k, 0)], d_vocab) for k in range(order)])


def _number(keys: Ints) -> Ints:
    """Equal keys get equal numbers, from 0 on without gaps."""
    return np.unique(keys, return_inverse=True)[1]
