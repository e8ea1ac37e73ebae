"""What a T5 writes: as its card says, and whatever it begins from, what it would have written token by token."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import Mock

import pytest

from app.engine import Engine
from app.running import model as running
from app.running.model import Model
from app.wire.interventions import Interventions
from model import zoo
from model.config import T5Config

TEXTS = ("translate English to French: The little dog ran to the park.", "fill: The <extra_id_0> ran home.", "")
OFF = [(("cross", 0, 0),), (("encoder", 1, 2), ("decoder", 0, 0), ("cross", 3, 1)), ()]


@pytest.fixture(scope="module")
def t5() -> Model:
    return Engine().model("t5")


def test_the_bundled_t5_writes_as_its_card_says():
    """But for the gaps: there the card's texts have been cut as tokens, and a text may be cut into others."""
    samples = (zoo.CHECKPOINTS / "t5" / "CARD.md").read_text(encoding="utf-8").partition("## Ten samples")[2]
    shown = re.findall(r"^\| ((?:translate|sentiment|grammar) ?.*?) \| (.*?) \|", samples, flags=re.MULTILINE)
    assert len(shown) == 8
    engine = Engine()
    for read, written in shown:
        assert engine.trace(read, "t5").streams["decoder"].text == written


@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("n_written", [1, 5, 32])
def test_any_draft_leads_to_what_greedy_writing_gives(t5: Model, text: str, off: tuple[Any, ...], n_written: int):
    assert isinstance(t5.config, T5Config)
    ids = [token.id for token in t5.tokenizer.encode(text).tokens]
    changed = Interventions(heads_off=off)
    greedy = [t5.config.start_token_id]
    while len(greedy) <= n_written:
        inputs = changed.inputs(t5.config, len(ids), len(greedy))
        following = int(t5.session.run(ids, decoder_ids=greedy, **inputs).logits[0, -1].argmax())
        if following == ids[-1]:
            break
        greedy.append(following)
    nonsense = [t5.config.start_token_id, *([7, 8, 9] * n_written)]
    for draft in ([], nonsense, greedy, greedy[:3], [*greedy, 7], [*greedy[:2], 7, *greedy[3:]]):
        t5.references.add(ids, changed, draft)
        assert running.write(t5, ids, changed, n_written) == greedy


def test_a_good_draft_saves_passes(t5: Model, monkeypatch: pytest.MonkeyPatch):
    ids = [token.id for token in t5.tokenizer.encode(TEXTS[0]).tokens]
    written = running.write(t5, ids, Interventions())
    run = Mock(wraps=t5.graph("decoder").run)
    monkeypatch.setattr(t5.graph("decoder"), "run", run)
    assert running.write(t5, ids, Interventions()) == written
    assert run.call_count == 1 < len(written)


def test_a_large_model_is_one_of_the_hub_or_a_folder_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    small = zoo.CHECKPOINTS / "gpt-nope"
    assert running.is_large("someone/gpt-nope", small)
    assert not any(running.is_large(entry.name, zoo.CHECKPOINTS / entry.name) for entry in zoo.bundled())
    monkeypatch.setattr(running, "LARGE_BYTES", (small / "model.safetensors").stat().st_size - 1)
    assert running.is_large("gpt-nope", small)


@pytest.mark.parametrize(("name", "spins"), [("gpt-nope", "0"), ("someone/gpt-nope", "1")])
def test_the_threads_of_a_large_model_spin_within_a_run_and_no_longer(name: str, spins: str) -> None:
    options = Model.load(name, zoo.CHECKPOINTS / "gpt-nope").session.inner.get_session_options()
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == spins
    assert options.get_session_config_entry("session.force_spinning_stop") == "1"
