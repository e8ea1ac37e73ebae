"""The race's guard: ours beside `transformers` in one run, in turns; a ratio, never a time, and loose."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import zoo
from tests.bench.marked import README, filled
from tests.bench.race import field, growth, numbered, readme
from tests.bench.race.interface import CannotError, Task
from tests.bench.race.process import Process
from tests.bench.race.turns import Race, ratios, summary

AT_LEAST = 0.8
"""Times as fast as `transformers`, on a machine that does other work; alone it is more than twice as fast."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled GPT, as both read it."""
    there = tmp_path_factory.mktemp("raced")
    (there / "ours").symlink_to(zoo.CHECKPOINTS / "gpt")
    numbered.write(zoo.CHECKPOINTS / "gpt", there / "hf")
    return there


def test_ours_gives_what_transformers_gives_and_is_not_slower(folder: Path):
    entries = [entry for entry in field.PASSES if entry.name in ("ours", "transformers")]
    with Race(entries, turns=7, seconds=20) as race:
        row = race.over(Task("pass", "gpt", str(folder), 64))
    theirs = row["contestants"]["transformers"]
    assert "cannot" not in theirs, theirs
    assert theirs["apart"]["patterns"] < 1e-5
    assert theirs["ratio"][0] > AT_LEAST


def test_what_cannot_run_says_why(folder: Path):
    process = Process(next(entry for entry in field.PASSES if entry.name == "unfused"))
    try:
        with pytest.raises(CannotError, match="gpt is not there as unfused"):
            process.ask("ready", task=Task("pass", "gpt", str(folder), 8).told())
    finally:
        process.end()


def test_a_power_law_is_found():
    fit = growth.fit([8, 16, 32, 64], [3.0 * size**1.5 for size in (8, 16, 32, 64)])
    assert fit.exponent == pytest.approx(1.5)
    assert fit.error < 1e-6


def test_ratios_are_taken_turn_by_turn():
    assert ratios([2.0, 20.0, 200.0], [1.0, 10.0, 100.0]) == [2.0, 2.0, 2.0]
    assert summary([0.001, 0.002, 0.003])["ms"] == 2.0


def test_a_marked_place_of_the_readme_is_filled_and_all_else_stays():
    text = "before\n<!-- race: typing -->\nold\n<!-- end of race: typing -->\nafter\n"
    assert filled(text, "race: typing", "new") == text.replace("old", "new")
    with pytest.raises(ValueError, match="no place"):
        filled("nothing", "race: typing", "new")


def test_the_readme_has_a_place_for_every_section():
    text = README.read_text(encoding="utf-8")
    for section in readme.TELLERS:
        assert filled(text, f"race: {section}", "x").count(f"<!-- race: {section} -->") == 1


def test_the_tables_tell_who_lost_and_who_could_not():
    ours = {"ms": 2.0, "quartiles_ms": [1.9, 2.1], "ratio": [1.0, 1.0, 1.0]}
    faster = {"ms": 1.0, "quartiles_ms": [0.9, 1.1], "ratio": [0.5, 0.45, 0.55]}
    told = {"ours": ours, "unfused": faster, "nnsight": {"cannot": "it is not there"}}
    rows = [{"model": "gpt", "n_tokens": 8, "n_past": 0, "contestants": told}]
    table = "\n".join(readme.passes(rows))
    assert "2 (1.9 to 2.1)" in table
    assert "0.50 (0.45 to 0.55)" in table
    assert "**0.50**" in table
    assert "- nnsight, GPT, bundled: it is not there" in table
