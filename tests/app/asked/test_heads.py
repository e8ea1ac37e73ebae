"""What all heads do on a text, in few numbers: held against loops over the tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.asked import heads
from app.engine import Engine
from model.config import Place
from model.trace import Array, ForwardTrace

TEXTS: list[tuple[str, Place, str]] = [
    ("gpt", "text", "Tom saw a red fox. Tom saw a red"),
    ("bert", "text", "The little girl was very [MASK]."),
    ("t5", "encoder", "translate English to French: The dog ran."),
    ("t5", "decoder", "translate English to French: The dog ran."),
    ("t5", "cross", "translate English to French: The dog ran."),
    ("gpt", "text", ""),
    ("gpt", "text", "a"),
]


@pytest.fixture(scope="module")
def bundled() -> Engine:
    return Engine()


def patterns(trace: ForwardTrace, place: Place) -> list[Array]:
    """All heads of a kind, layer by layer."""
    return [trace.pattern(layer, place) for layer in range(trace.config.stacks[place].layers)]


def best(trace: ForwardTrace, place: Place, score: Any) -> dict[str, int]:
    """The head with the largest score of its rows, the first of equal ones."""
    scores = [[score(head) for head in layer] for layer in patterns(trace, place)]
    layer, head = np.unravel_index(int(np.argmax(scores)), np.shape(scores))
    return {"layer": int(layer), "head": int(head)}


@pytest.mark.parametrize(("model", "place", "text"), TEXTS)
def test_the_heads_that_may_be_looked_for_are_those_of_the_largest_scores(
    bundled: Engine, model: str, place: Place, text: str
) -> None:
    trace = bundled.trace(text, model)
    queries, keys = heads.sides(trace, place)
    own = place != "cross"
    ids = [token.id for token in queries]

    def decided(head: NDArray[Any]) -> float:
        read = [
            [0.0, *(float(head[q, k]) for k in range(len(keys)) if not keys[k].special and not (own and k == q))]
            for q in range(2 if own else 0, len(queries))
        ]
        return sum(map(max, read))

    def previous(head: NDArray[Any]) -> float:
        return sum(float(head[q, q - 1]) for q in range(2, len(queries))) if own else 0.0

    def following(head: NDArray[Any]) -> float:
        twins = [at for at, id in enumerate(ids[:-1]) if id == ids[-1]]
        return float(head[-1, twins[-1] + 1]) if own and twins else 0.0

    scores = {"decided": decided, "previous": previous, "following": following}
    assert heads.finds(trace, place) == {name: best(trace, place, score) for name, score in scores.items()}


@pytest.mark.parametrize(("model", "place", "text"), TEXTS)
def test_a_habit_is_the_mean_share_of_a_place(bundled: Engine, model: str, place: Place, text: str) -> None:
    trace = bundled.trace(text, model)
    own = place != "cross"
    shares = heads.habits(heads.layers_of(trace, place), own=own)
    assert list(shares) == (["before", "itself", "after", "first"] if own else ["first"])
    back = {"before": -1, "itself": 0, "after": 1}
    for layer, head in ((0, 0), (1, 2)):
        pattern = trace.pattern(layer, place)[head]
        start = min(2, len(pattern) - 1)
        for name, of in shares.items():
            keys = {q: 0 if name == "first" else q + back[name] for q in range(start, len(pattern))}
            there = [float(pattern[q, k]) for q, k in keys.items() if 0 <= k < pattern.shape[1]]
            assert of[layer, head] == pytest.approx(sum(there) / (len(pattern) - start), abs=1e-6)


def test_what_is_left_of_each_row_is_scaled_to_one_and_a_row_with_almost_nothing_left_is_empty() -> None:
    pattern = np.array([[[1, 0, 0, 0], [0.75, 0.25, 0, 0], [0.995, 0.005, 0, 0], [0.5, 0.1, 0.3, 0.1]]], np.float32)
    ((without,),) = heads.without(heads.whole([pattern]), np.array([True, False, False, False]))
    expected = np.array([[[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0.2, 0.6, 0.2]]], np.float64)
    np.testing.assert_allclose(without.values, expected, atol=1e-6)


def test_a_causal_row_rests_on_its_first_token_others_on_what_was_put_around_the_text(bundled: Engine) -> None:
    keys = bundled.trace("The [MASK] ran.", "bert").tokens
    assert heads.sinks(keys, causal=True).tolist() == [True] + [False] * (len(keys) - 1)
    expected = [at in (0, len(keys) - 1) for at in range(len(keys))]
    assert heads.sinks(keys, causal=False).tolist() == expected
