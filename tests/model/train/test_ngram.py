"""The n-gram baseline, beside one that is written with dictionaries and sums to one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from model.train.data import Tokens
from model.train.ngram import discounts, loss
from model.train.vocabulary import END_ID

D_VOCAB, BEGIN = 6, -1


def tokens_of(documents: list[list[int]]) -> Tokens:
    """Documents with their marks."""
    ids = [id for document in documents for id in [END_ID, *document]] + [END_ID]
    return Tokens(np.array(ids, np.uint16), np.cumsum([0, *(1 + len(document) for document in documents)]))


def random_documents(seed: int, n: int) -> list[list[int]]:
    """Documents in which some tokens and some pairs are far more frequent than others."""
    rng = np.random.default_rng(seed)
    return [np.minimum(rng.geometric(0.4, rng.integers(1, 30)), D_VOCAB - 1).tolist() for _ in range(n)]


def histories(documents: list[list[int]], order: int) -> list[tuple[int, ...]]:
    """Every n-gram of the highest order, its last token the predicted one."""
    padded = ([BEGIN] * (order - 1) + [END_ID, *document, END_ID] for document in documents)
    return [tuple(row[at - order + 1 : at + 1]) for row in padded for at in range(order, len(row))]


def reference(documents: list[list[int]], order: int, kneser_ney: bool) -> Callable[[tuple[int, ...], int], float]:
    """p(token | history) by the recursion as it stands in Chen and Goodman."""
    tables = {order: Counter(histories(documents, order))}
    for n in range(order - 1, 0, -1):
        above, tables[n] = tables[n + 1], Counter()
        for gram, count in above.items():
            tables[n][gram[1:]] += 1 if kneser_ney else count
    taken = {n: discounts(np.array(list(table.values()))) for n, table in tables.items()}

    def p(history: tuple[int, ...], token: int) -> float:
        n = len(history) + 1
        lower = p(history[1:], token) if history else 1 / D_VOCAB
        followers = {gram[-1]: count for gram, count in tables[n].items() if gram[:-1] == history}
        if not followers:
            return lower
        taken_off = {follower: taken[n][min(count, 3)] for follower, count in followers.items()}
        kept = followers.get(token, 0) - taken_off.get(token, 0)
        return (kept + sum(taken_off.values()) * lower) / sum(followers.values())

    return p


@pytest.mark.parametrize("kneser_ney", [True, False])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_loss_is_that_of_the_recursion_and_its_probabilities_sum_to_one(order: int, kneser_ney: bool):
    training, held_out = random_documents(0, 40), random_documents(1, 8)
    p = reference(training, order, kneser_ney)
    grams = histories(held_out, order)
    for gram in grams[:40]:
        assert sum(p(gram[:-1], token) for token in range(D_VOCAB)) == pytest.approx(1)
    expected = -sum(math.log(p(gram[:-1], gram[-1])) for gram in grams) / len(grams)
    got = loss(tokens_of(training), tokens_of(held_out), D_VOCAB, order, kneser_ney)
    assert got == pytest.approx(expected)


def test_discounts_grow_with_the_count_and_never_exceed_it():
    counts = np.array([1] * 50 + [2] * 20 + [3] * 10 + [4] * 6 + [9] * 3)
    nothing, *taken = discounts(counts)
    assert nothing == 0
    assert 0 < taken[0] < taken[1] < taken[2] < 3
    assert all(discount <= count for discount, count in zip(taken, (1, 2, 3), strict=True))
