"""The limits are read out of the environment, each by its own variable, and a wrong one is refused by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from app.main import parser, settings
from app.running.limits import Limits, described, option, read, table, variable

ROOT = Path(__file__).resolve().parents[3]


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read({}) == Limits()


def test_each_limit_has_a_variable_and_a_meaning() -> None:
    for field in dataclasses.fields(Limits):
        other = {bool: "0" if field.default is True else "1", int: "7", float: "7.5", str: "10.0.0.0/8"}[
            type(field.default)
        ]
        changed = getattr(read({variable(field.name): other}), field.name)
        assert changed != field.default
        assert str(changed) in (other, "True", "False")
        assert field.metadata["meaning"]


def test_a_space_serves_strangers_unless_told_otherwise() -> None:
    assert read({"SPACE_ID": "someone/cutaway"}).hosted
    assert not read({"SPACE_ID": "someone/cutaway", "CUTAWAY_HOSTED": "0"}).hosted


def test_programs_are_answered_but_not_where_strangers_are_served_unless_switched_on() -> None:
    assert read({}).api
    for strangers in ({"SPACE_ID": "someone/cutaway"}, {"CUTAWAY_HOSTED": "1"}):
        assert not read(strangers).api
        assert read({**strangers, "CUTAWAY_API": "1"}).api
    assert not read({}).mcp


def test_the_readme_and_the_help_list_every_limit_with_its_option_variable_and_default() -> None:
    readme, told = (ROOT / "README.md").read_text(encoding="utf-8"), "".join(parser().format_help().split())
    assert table() in readme
    for field in dataclasses.fields(Limits):
        assert f"| `{option(field.name)}` | `{variable(field.name)}` |" in table()
        assert option(field.name) in told
        assert "".join(described(field).split()) in told  # however the lines are broken


def test_an_option_says_what_its_variable_says() -> None:
    given = parser().parse_args(["--at-once", "3", "--no-api", "--hosts", "a.example,b.example"])
    said = settings(given)
    assert said == {"CUTAWAY_AT_ONCE": "3", "CUTAWAY_API": "False", "CUTAWAY_HOSTS": "a.example,b.example"}
    assert read(said) == Limits(at_once=3, api=False, hosts="a.example,b.example")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("at_once", "two"),
        ("at_once", "-1"),
        ("at_once", "1.5"),
        ("patience_s", "nan"),
        ("patience_s", "inf"),
        ("hosted", "perhaps"),
    ],
)
def test_what_is_no_limit_is_refused_by_name(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"{variable(name)} is '{said}'"):
        read({variable(name): said})
