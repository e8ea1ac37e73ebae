"""The simple guesses that models are compared with, beside slower ways to make them."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from model.train.bigrams import Bigrams
from model.train.lexicon import Lexicon, words

TEXTS = [[1, 2, 3, 4], [1, 2, 3, 5], [1, 6, 3, 4], [6, 6, 2, 3]]
COUNTS = Counter(pair for text in TEXTS for pair in itertools.pairwise(text))


def p_after(left: int, token: int) -> float:
    total = sum(count for (first, _), count in COUNTS.items() if first == left)
    return COUNTS[left, token] / total if total else 0.0


def p_before(right: int, token: int) -> float:
    total = sum(count for (_, second), count in COUNTS.items() if second == right)
    return COUNTS[token, right] / total if total else 0.0


@pytest.mark.parametrize("weight", [0.1, 0.5, 0.8])
@pytest.mark.parametrize(("left", "right"), [(1, 3), (6, 3), (2, 4), (3, -1), (1, 5)])
def test_interpolated_guesses_are_those_of_the_formula(left: int, right: int, weight: float):
    scores = {token: weight * p_after(left, token) + (1 - weight) * p_before(right, token) for token in range(7)}
    (guess,) = Bigrams(TEXTS, 7).interpolated(np.array([left]), np.array([right]), weight)
    assert scores[int(guess)] == pytest.approx(max(scores.values()))


@pytest.mark.parametrize(("left", "right"), [(1, 3), (6, 3), (2, 4)])
def test_multiplied_guesses_are_those_of_the_chain(left: int, right: int):
    scores = {token: p_after(left, token) * p_after(token, right) for token in range(7)}
    (guess,) = Bigrams(TEXTS, 7).multiplied(np.array([left]), np.array([right]))
    assert scores[int(guess)] == max(scores.values()) > 0


def test_the_best_weight_has_most_guesses_right():
    bigrams, rng = Bigrams(TEXTS, 7), np.random.default_rng(0)
    left, right, was = (rng.integers(1, 7, 300) for _ in range(3))
    weight, share = bigrams.best_weight(left, right, was)
    assert share == (bigrams.interpolated(left, right, weight) == was).mean()
    assert share >= (bigrams.interpolated(left, right, 0.5) == was).mean()


def test_a_span_is_guessed_from_left_to_right_and_ends_before_its_neighbour():
    bigrams = Bigrams([[1, 2, 3, 4, 5]] * 3 + [[1, 2, 6, 5, 5]], 7)
    assert bigrams.span(1, 4, 2, 0.5) == [2, 3]
    assert bigrams.span(1, 5, 2, 0.1) == [2, 4]  # what stands before the neighbour outweighs what follows the first


def test_words_are_translated_by_what_occurs_in_step_with_them():
    animals = {"fox": "renard", "owl": "hibou", "cat": "chat"}
    lexicon = Lexicon(
        (f"The {e} {s}.", f"Le {f} {t}.")
        for e, f in animals.items()
        for s, t in (("sleeps", "dort"), ("eats", "mange"))
    )
    assert lexicon.entries == {**animals, "the": "le", "sleeps": "dort", "eats": "mange", ".": "."} | {
        word: lexicon.entries[word]
        for word in ("the", ".")  # both are in every sentence, with "le" and the full stop
    }
    assert lexicon.translate("Owl eats xylophone.").startswith("Hibou mange xylophone")


def test_words_keep_their_apostrophes_and_marks_stand_alone():
    assert words("J'ai dit: l'homme!") == ["j'ai", "dit", ":", "l'homme", "!"]
