"""What stands in front of the cards parses as a model card of the hub, and says what the card says."""

from __future__ import annotations

from typing import Any

import pytest
from huggingface_hub import ModelCard

from model import zoo
from model.config import PRESETS
from model.train import front_matter
from tests.model.checkpoints import figures


def written(name: str) -> str:
    return (zoo.CHECKPOINTS / name / "CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PRESETS)
def test_a_card_begins_with_what_the_hub_reads_of_it(name: str):
    data: Any = ModelCard(written(name)).data
    (entry,) = [entry for entry in zoo.bundled() if entry.name == name]
    assert data.license == entry.licence.lower()
    assert "en" in data.language
    assert "roneneldan/TinyStories" in data.datasets
    assert data.model_name == name
    results = {(result.metric_type, result.metric_value) for result in data.eval_results}
    assert {metric for metric, _ in results} == set(data.metrics)
    values = {value for _, value in results}
    shown = [float(figure.value.removesuffix("%")) for figure in figures(PRESETS[name].family, written(name))]
    assert shown
    assert values.issuperset(shown)


@pytest.mark.parametrize("name", PRESETS)
def test_what_the_hub_reads_is_made_of_the_card(name: str):
    card = front_matter.without(written(name))
    assert card.startswith(f"# {name}\n")
    assert written(name) == front_matter.of(name, card) + card, "python -m model.train front model/checkpoints/*"
    better = card.replace(front_matter.table(card, "Held-out figures")[0][2 if name == "t5" else 1], "0.125")
    assert "value: 0.125" in front_matter.of(name, better)


def test_a_card_without_its_tables_is_refused():
    with pytest.raises(ValueError, match="Held-out figures"):
        front_matter.of("gpt", "# gpt\n\n## Data\n\nNone.\n")
