"""The limits are read out of the environment, each by its own variable, and a wrong one is refused by name."""

from __future__ import annotations

import dataclasses

import pytest

from app.running.limits import Limits, read, variable


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read({}) == Limits()


def test_each_limit_has_a_variable_and_a_meaning() -> None:
    for field in dataclasses.fields(Limits):
        other = {bool: "1", int: "7", float: "7.5", str: "10.0.0.0/8"}[type(field.default)]
        changed = getattr(read({variable(field.name): other}), field.name)
        assert changed != field.default
        assert str(changed) in (other, "True")
        assert field.metadata["meaning"]


def test_a_space_serves_strangers_unless_told_otherwise() -> None:
    assert read({"SPACE_ID": "someone/cutaway"}).hosted
    assert not read({"SPACE_ID": "someone/cutaway", "CUTAWAY_HOSTED": "0"}).hosted


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
