"""What a mask saves and how far news travels, against counting and against walking."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from model import masks
from model.study import sparsity
from model.study.sparsity import NEVER

LENGTHS = (1, 2, 5, 12, 13, 40)


def drawn(kind: str, numbers: tuple[int, ...], n_tokens: int, causal: bool) -> np.ndarray:
    at = np.arange(n_tokens)[None]
    allowed = {
        "none": lambda: masks.bidirectional(at, at),
        "window": lambda: abs(at[:, :, None] - at[:, None, :]) < numbers[0],
        "strided": lambda: masks.strided(at, at, *numbers),
        "fixed": lambda: masks.fixed(at, at, *numbers),
        "longformer": lambda: masks.longformer(at, at, numbers[0], np.arange(numbers[1])),
    }[kind]()
    return (allowed & masks.causal(at, at) if causal else allowed)[0]


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("none", ()),
        *(("window", (width,)) for width in (1, 4, 60)),
        *(("strided", (stride,)) for stride in (2, 5, 60)),
        *(("fixed", numbers) for numbers in ((4, 1), (5, 3), (4, 9), (60, 2))),
        *(("longformer", numbers) for numbers in ((2, 0), (4, 1), (6, 5), (5, 50))),
    ],
)
def test_the_formula_counts_what_the_mask_allows(kind: str, numbers: tuple[int, ...], causal: bool):
    for n_tokens in LENGTHS:
        if not causal and kind in ("strided", "fixed"):
            continue  # defined looking back only
        counted = drawn(kind, numbers, n_tokens, causal).sum(axis=-1)
        assert sparsity.keys_of(kind, numbers, n_tokens, causal).tolist() == counted.tolist()


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("n_tokens", [1, 7, 12, 17])
def test_the_formula_of_bigbird_is_the_mean_over_all_draws(n_tokens: int, causal: bool):
    """Every choice of blocks that a block could draw, counted one after the other."""
    block, n_global, n_random = 3, 1, 2
    n_blocks = -(-n_tokens // block)
    at = np.arange(n_tokens)[None]
    every = masks.draw_random_blocks(n_blocks, n_global, n_blocks, 0, causal)
    mean = np.zeros(n_tokens)
    for q, others in enumerate(every.tolist()):
        left = [k for k in others if k >= 0]
        choices = list(itertools.combinations(left, min(n_random, len(left))))
        for choice in choices:
            allowed = masks.bigbird(at, at, block, n_global, np.array([[*choice, -1]] * n_blocks))
            counts = (allowed & masks.causal(at, at) if causal else allowed)[0].sum(axis=-1)
            mean += np.where(at[0] // block == q, counts, 0) / len(choices)
    formula = sparsity.keys_of("bigbird", (block, n_global, n_random, 0), n_tokens, causal)
    np.testing.assert_allclose(formula, mean)


def walked(allowed: np.ndarray) -> np.ndarray:
    """The same by following every path, from the last layer back."""
    steps = np.full(allowed.shape[1:], NEVER)
    for query in range(allowed.shape[-1]):
        seen = {query}
        steps[query, query] = 0
        for count, layer in enumerate(allowed[::-1], start=1):
            seen |= {int(key) for one in seen for key in np.flatnonzero(layer[one])}
            for key in seen:
                steps[query, key] = min(steps[query, key], count)
    return steps


@pytest.mark.parametrize(("kind", "numbers"), [("window", (3,)), ("strided", (5,)), ("fixed", (4, 1)), ("none", ())])
def test_news_travels_as_far_as_its_paths_do(kind: str, numbers: tuple[int, ...]):
    allowed = np.stack([drawn(kind, numbers, 24, causal=True)] * 4)
    assert sparsity.steps_to_reach(allowed).tolist() == walked(allowed).tolist()


@pytest.mark.parametrize("order", [(0, 0, 0, 0), (1, 1, 1, 1, 1), (0, 1, 0, 2, 1), (2, 0, 1, 1, 2, 0), (1, 2, 2, 1)])
def test_one_row_of_how_far_news_travels_is_that_of_all_rows(order: tuple[int, ...]):
    """Whether layers that are alike are one array or several, and in whatever order they come."""
    kinds = (("none", ()), ("window", (3,)), ("strided", (7,)))
    each = [drawn(kind, numbers, 30, causal=True) for kind, numbers in kinds]
    layers = [each[which] for which in order]
    whole = sparsity.steps_to_reach(layers)
    for query in range(30):
        assert sparsity.steps_from(query, layers).tolist() == whole[query].tolist()
        assert sparsity.steps_from(query, np.stack(layers)).tolist() == whole[query].tolist()


def test_news_travels_through_layers_that_differ_from_the_last_one_back():
    full, window = drawn("none", (), 24, causal=True), drawn("window", (3,), 24, causal=True)
    allowed = np.stack([full, window, window])
    assert sparsity.steps_to_reach(allowed).tolist() == walked(allowed).tolist()
    assert sparsity.steps_to_reach(allowed)[-1].tolist() == [3] * 19 + [2, 2, 1, 1, 0]


def test_a_window_reaches_one_window_further_with_every_layer():
    steps = sparsity.steps_to_reach(np.stack([drawn("window", (4,), 30, causal=True)] * 6))
    assert [int((steps[-1] <= layers).sum()) for layers in range(7)] == [1, 4, 7, 10, 13, 16, 19]


def test_a_token_that_looks_elsewhere_only_still_hears_itself():
    """The residual stream carries it."""
    allowed = np.array([[[True, False], [True, False]]])
    assert sparsity.steps_to_reach(allowed).tolist() == [[0, NEVER], [1, 0]]


def test_mass_lost_is_what_lies_on_forbidden_cells():
    pattern = np.array([[[1.0, 0.0], [0.25, 0.75]], [[1.0, 0.0], [0.5, 0.5]]])
    lost = sparsity.mass_lost(pattern, np.array([[True, False], [False, True]]))
    assert lost.tolist() == [[0, 0.25], [0, 0.5]]


def test_a_pair_costs_two_products_of_vectors_in_every_head():
    assert sparsity.multiply_adds(pairs=10, widths=32 + 32, n_heads=6) == 10 * 64 * 6
