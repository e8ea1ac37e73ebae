"""The audit's own passes hold: every bundled model, computed a second time in float64, says what its graph says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.engine import Engine
from model.zoo import CHECKPOINTS
from tests.ui.audit.passes import Checkpoint

MODELS = sorted(folder.name for folder in CHECKPOINTS.iterdir())
TEXT = (
    "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to the door "
    "and waited for his friend Tom. Tom was a kind boy, and he liked to play with the dog after school."
)


def apart(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    return float(np.abs(one - other).max())


@pytest.mark.parametrize("model", MODELS)
def test_a_pass_from_the_papers_agrees_with_the_graph(engine: Engine, model: str):
    trace = engine.trace(TEXT, model)
    read, *written = ([token.id for token in stream.tokens] for stream in trace.streams.values())
    again = Checkpoint(CHECKPOINTS / model)(read, *written)
    assert apart(trace.logits[0], again.logits) < 1e-4
    assert again.patterns
    for place in trace.config.stacks:
        for layer, pattern in enumerate(again.patterns[place]):
            assert apart(trace.pattern(layer, place), pattern) < 1e-5
