"""The README says of the bundled checkpoints what their cards say, and the cards what is asked of the checkpoints."""

from __future__ import annotations

import json
import re

import pytest

from model import zoo
from model.config import PRESETS
from tests.model.checkpoints import BEGIN, END, README, Figure, figures, held_out, lengths, section

CARD = """\
# some

## Held-out figures

On two stories.

| model | nats a token | nats a byte | this model is lower by |
| --- | --- | --- | --- |
| this model | 2.000 | 0.500 | |
| 5-gram, sharp | 1.960 | 0.490 | -2.0% |
| 5-gram, blunt | 4.000 | 1.000 | 50.0% |

Not a row.

| tokens read | nats a token |
| --- | --- |
| 128 | 2.0 |

## Ten samples
"""


def card(name: str) -> str:
    return (zoo.CHECKPOINTS / name / "CARD.md").read_text(encoding="utf-8")


def test_the_readme_repeats_the_cards():
    written = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written == section(), "python -m tests.model.checkpoints rewrites it"


def test_a_card_is_read_to_the_end_of_its_first_table():
    assert held_out(CARD)[1:] == [
        ["5-gram, sharp", "1.960", "0.490", "-2.0%"],
        ["5-gram, blunt", "4.000", "1.000", "50.0%"],
    ]
    (figure,) = figures("gpt", CARD)
    assert figure.value == "0.500"
    assert figure.baselines == (("5-gram, sharp", "0.490"), ("5-gram, blunt", "1.000"))
    assert not figure.beats_all


def test_a_figure_must_be_better_than_every_baseline():
    assert Figure("right", "9.1%", (("a", "9.0%"), ("b", "1.0%"))).beats_all
    assert not Figure("right", "9.1%", (("a", "9.1%"),)).beats_all
    assert Figure("lost", "0.5", (("a", "0.6"),), lower_is_better=True).beats_all


@pytest.mark.parametrize("name", PRESETS)
def test_a_bundled_model_beats_the_baselines_of_its_card(name: str):
    beaten_by = [figure for figure in figures(PRESETS[name].family, card(name)) if not figure.beats_all]
    assert not beaten_by


def test_gpt_is_15_per_cent_below_a_5_gram_and_bert_1_3_times_as_often_right_as_its_bigrams():
    (loss,) = figures("gpt", card("gpt"))
    assert all(float(loss.value) < 0.85 * float(value) for _, value in loss.baselines)
    (right,) = figures("bert", card("bert"))
    (interpolated,) = [value for who, value in right.baselines if "interpolated" in who]
    assert float(right.value[:-1]) >= 1.3 * float(interpolated[:-1])


@pytest.mark.parametrize("name", PRESETS)
def test_a_card_has_ten_samples_and_the_command_that_made_it(name: str):
    samples = card(name).partition("\n## Ten samples\n")[2].partition("\n## ")[0]
    starts = {"bert": r"^> ", "t5": r"^\| (?:translate|sentiment|grammar|fill)"}.get(name, r"^\*\*Seed \d+\*\*$")
    assert len(re.findall(starts, samples, flags=re.MULTILINE)) == 10
    assert re.search(
        rf"^\S.*model\.train {name} --data DIR --out DIR --steps \d+ .*--seed \d+$", card(name), re.MULTILINE
    )


@pytest.mark.parametrize("name", [name for name in PRESETS if name.startswith("gpt-")])
def test_a_models_table_of_lengths_is_in_its_card_too(name: str):
    nats = json.loads((zoo.CHECKPOINTS / name / "lengths.json").read_text(encoding="utf-8"))["nats"]
    assert list(nats) == ["128", "256", "512", "1024"]
    for length, value in nats.items():
        assert f"| {length} | {'no such positions' if value is None else f'{value:.3f}'} |" in card(name)
    assert f"[{name.removeprefix('gpt-')}]" in lengths(zoo.CHECKPOINTS)
