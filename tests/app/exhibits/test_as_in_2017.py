"""Encoder-decoders as in 2017 in the exhibits: BART and Marian, with positions added, biases, and norms in the stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.engine import Engine
from app.exhibits import WALK
from app.page.answers import Answers
from export import from_hub
from tests.app.page.test_answers import SAMPLING
from tests.export.conftest import write_vocabulary
from tests.model.published import ENCODER_DECODERS, random_peer, saved

TEXT = "the little dog ran to the park"
NAMES = ("bart", "marian", "mbart")
every_model = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The answers about small random ones: two with norms in the stream, and one with norms before parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUTAWAY_CACHE", str(tmp_path_factory.mktemp("cache")))
        engine = Engine()
        for name in NAMES:
            folder = tmp_path_factory.mktemp("hub") / name
            saved(random_peer(ENCODER_DECODERS[name]), folder)
            write_vocabulary(folder)
            engine.open_with(name, from_hub.local(folder))
        yield Answers(engine)


def ask(name: str, **fields: Any) -> dict[str, Any]:
    """A request for one of them."""
    neutral = {"seq": 1, "text": TEXT, "model": name, "sampling": SAMPLING, "layer": 1, "head": 0, "kind": "cross"}
    neutral |= {"of": "logit", "task": "fill", "scheme": "own", "sees": "own", "factor": 1, "stack": "decoder"}
    return neutral | fields


@every_model
@pytest.mark.parametrize("exhibit", WALK)
def test_every_exhibit_answers(answers: Answers, name: str, exhibit: str) -> None:
    frame = answers.frame(ask(name, exhibit=exhibit))
    assert "error" not in frame, frame["error"]
    assert frame["absent"] is None
