"""The audit: its passes say what the models' graphs say, and the page says what its passes say.

`python -m tests.ui.audit` reads every bundled model; here it is one of each family, on one text.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser

from app.engine import Engine
from model.zoo import CHECKPOINTS
from tests.ui.audit.__main__ import TEXTS
from tests.ui.audit.claims import Claim, sentence
from tests.ui.audit.exhibits import EXHIBITS, audit
from tests.ui.audit.passes import Checkpoint
from tests.ui.audit.sight import Passes, open_page

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
    again = Checkpoint(CHECKPOINTS / model)(read, written[0] if written else ())
    assert apart(trace.logits[0], again.logits) < 1e-4
    assert again.patterns
    for place in trace.config.stacks:
        for layer, pattern in enumerate(again.patterns[place]):
            assert apart(trace.pattern(layer, place), pattern) < 1e-5


@pytest.mark.parametrize(
    ("shown", "expected", "holds"),
    [
        ("12.5\u00a0%", 0.1249, True),
        ("12.5\u00a0%", 0.1256, False),
        ("13\u00a0%", 0.1245, False),
        ("<\u00a00.01\u00a0%", 0.00009, True),
        ("<\u00a00.01\u00a0%", 0.00011, False),
        ("\u22120.40", -0.404, True),
        ("0.40", -0.404, False),
        ("4,096", 4096, True),
        ("4,096", 4095, False),
        ("27.0\u00a0KiB", 27_648, True),
        ("27.0\u00a0KiB", 27_750, False),
        ("9.85\u00a0M", 9_853_000, True),
        ("0.12", 0.125001, True),  # float32 may have it on the other side
        ("0.12", 0.1252, False),
    ],
)
def test_a_number_holds_if_rounding_gives_it(shown: str, expected: float, holds: bool):
    assert (Claim("", shown, expected).fault() is None) == holds


def test_a_sentence_holds_if_each_of_its_numbers_does():
    said = "busiest E4, 1.8 \u00d7 even"
    assert [claim.fault() for claim in sentence("", said, 4, 1.78)] == [None, None]
    assert [claim.fault() is None for claim in sentence("", said, 4, 1.7)] == [True, False]
    assert [claim.fault() is None for claim in sentence("", said, 4)] == [False]


@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
def test_what_stands_on_the_page_is_what_the_passes_say(browser: Browser, url: str, model: str):
    page = open_page(browser, url)
    found = dict(audit(page, Passes(), model, TEXTS[model][0]))
    page.close()
    assert found.keys() == EXHIBITS.keys()
    assert all(finding.compared > 0 for finding in found.values())
    assert [f"{exhibit}: {fault}" for exhibit, finding in found.items() for fault in finding.faults] == []
