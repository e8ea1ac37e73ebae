"""A changed T5 writes exactly what it would have written token by token."""

from __future__ import annotations

from typing import Any

import pytest

from app import running
from app.engine import Engine
from app.interventions import Interventions
from app.running import Model
from model.config import T5Config

TEXTS = ("translate English to French: The little dog ran to the park.", "fill: The <extra_id_0> ran home.", "")
OFF = [(("cross", 0, 0),), (("encoder", 1, 2), ("decoder", 0, 0), ("cross", 3, 1)), ()]


@pytest.fixture(scope="module")
def t5() -> Model:
    engine = Engine()
    if "t5" not in engine.names:
        pytest.skip("t5 is not trained yet")
    return engine.model("t5")


@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("n_written", [1, 5, 32])
def test_a_corrected_draft_is_what_greedy_writing_gives(t5: Model, text: str, off: tuple[Any, ...], n_written: int):
    assert isinstance(t5.config, T5Config)
    ids = [token.id for token in t5.tokenizer.encode(text).tokens]
    end, changed = ids[-1], Interventions(heads_off=off)
    draft = running.write(t5, ids, Interventions(), n_written)
    greedy = [t5.config.start_token_id]
    while len(greedy) <= n_written:
        inputs = changed.inputs(t5.config, len(ids), len(greedy))
        following = int(t5.session.run(ids, decoder_ids=greedy, **inputs).logits[0, -1].argmax())
        if following == end:
            break
        greedy.append(following)
    assert running.corrected(t5, ids, changed, draft, end, n_written) == greedy
    nonsense = [*draft[:1], *([7, 8, 9] * n_written)][: n_written + 1]
    assert running.corrected(t5, ids, changed, nonsense, end, n_written) == greedy
