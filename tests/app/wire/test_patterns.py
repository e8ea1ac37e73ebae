"""Patterns on the wire: what can be printed of a probability is what it would be printed as itself."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from app.engine import Engine
from app.wire.patterns import WHOLE, in_steps, mean_of, one
from app.wire.payload import pack
from model.config import Place
from tests.app.wire.test_payload import unpack

TEXTS: list[tuple[str, Place, str]] = [
    ("gpt", "text", "Tom and Anna went to the park. Tom gave the ball to"),
    ("bert", "text", "The little girl was very [MASK]."),
    ("t5", "cross", "translate English to French: The little dog ran to the park."),
]


@pytest.fixture(scope="module")
def bundled() -> Engine:
    """The models that the project trained."""
    return Engine()


def printed(probability: Decimal, digits: int) -> Decimal:
    """A probability in per cent, with so many digits."""
    return (100 * probability).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def middle(step: int) -> Decimal:
    """What the browser takes a step for: `probability` in `static/js/state/patterns.js`."""
    return Decimal(step) / WHOLE if step in (0, WHOLE) else (Decimal(step) + Decimal("0.5")) / WHOLE


def assert_prints_alike(steps: NDArray[np.integer], probabilities: NDArray[np.floating]) -> None:
    for step, p in zip(steps.ravel().tolist(), map(Decimal, probabilities.ravel().tolist()), strict=True):
        for digits in (0, 1, 2) if step else (0, 1):
            assert printed(middle(step), digits) == printed(p, digits), f"{p} with {digits} digits"


@pytest.mark.parametrize(("model", "place", "text"), TEXTS)
def test_every_cell_of_a_pass_prints_as_its_probability(bundled: Engine, model: str, place: Place, text: str):
    trace = bundled.trace(text, model)
    stack = trace.config.stacks[place]
    for layer in range(stack.layers):
        for head in trace.pattern(layer, place):
            sent = unpack(pack({"head": one(head, causal=stack.causal)}), "head")
            assert_prints_alike(sent[0, 0], head)
            assert_prints_alike(sent.max(keepdims=True), np.array([head.max()]))


@pytest.mark.parametrize(("model", "place", "text"), TEXTS)
def test_so_does_every_mean_over_the_heads(bundled: Engine, model: str, place: Place, text: str):
    trace = bundled.trace(text, model)
    layers = range(trace.config.stacks[place].layers)
    sent = [unpack(pack({"mean": mean_of(trace, place, [layer])}), "mean")[0] for layer in layers]
    for layer, (steps,) in enumerate(sent):
        assert_prints_alike(steps, trace.pattern(layer, place).mean(axis=0, dtype=np.float64))


def test_probabilities_beside_the_places_where_a_printed_number_changes_print_as_they_are():
    edges = np.arange(1, 2000, dtype=np.float32) / np.float32(2000)  # each half of a tenth of a per cent
    beside = [np.nextafter(edges, np.float32(side)) for side in (0, 1)]
    assert_prints_alike(in_steps(np.concatenate(beside)), np.concatenate(beside))


def test_all_of_a_row_is_sent_as_all_of_it():
    whole = np.array([0, 1, 1 + 2**-23], dtype=np.float32)  # a softmax in float32 may end a little above 1
    assert in_steps(whole).tolist() == [0, WHOLE, WHOLE]
