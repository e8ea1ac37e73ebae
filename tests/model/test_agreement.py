"""The README's table of architectures: it names what the proofs cover, no more and no less."""

from __future__ import annotations

from pathlib import Path

from model.hub import ARCHITECTURES
from tests.model.agreement import CASES, Difference, table

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- python -m tests.model.agreement -->\n", "\n<!-- end -->"


def test_a_row_has_the_worst_of_an_architectures_variants():
    seen = {"a": Difference(1e-6, 2e-7), "a, wide": Difference(3e-7, 4e-6), "b, x, y": Difference(0.0, 5e-6)}
    assert table(seen).splitlines()[2:] == ["| a | wide | 1.0e-06 | 4.0e-06 |", "| b | x, y | 0.0e+00 | 5.0e-06 |"]


def test_the_readmes_table_names_what_is_held_against_transformers_with_its_worst_difference():
    """Only the names are compared: each machine rounds in its own way."""
    printed = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].splitlines()
    expected = table({name: Difference() for name in CASES}).splitlines()
    assert [row.split("|")[1:3] for row in printed] == [row.split("|")[1:3] for row in expected]
    assert all(0 <= float(number) < 1e-4 for row in printed[2:] for number in row.split("|")[3:5])


def test_every_architecture_that_can_be_loaded_is_held_against_transformers():
    assert {name.partition(",")[0].split()[0] for name in CASES} == ARCHITECTURES.keys()
