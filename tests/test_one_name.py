"""What is installed is importable under one name too, and loaded once."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cutaway
from app.engine import Engine

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", ["app", "app.engine", "export.runtime.session", "model.config", "model.study.lens"])
def test_a_module_is_the_same_under_both_names(name: str) -> None:
    own = importlib.import_module(name)
    assert importlib.import_module(f"cutaway.{name}") is own
    assert own.__name__ == name
    assert own.__spec__ is not None
    assert own.__spec__.name == name
    assert own.__spec__.origin is not None


def test_classes_are_the_same_whichever_name_comes_first() -> None:
    script = """
from cutaway.app.engine import Engine
import app.engine
assert app.engine.Engine is Engine and Engine.__module__ == "app.engine"
import cutaway.model.config, model.config, cutaway.app
assert cutaway.model.config is model.config and cutaway.app is app
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert importlib.import_module("cutaway.app.engine").Engine is Engine


def test_what_is_not_there_is_not_there_under_the_name_either() -> None:
    for name in ("cutaway.app.nothing", "cutaway.tests", "cutaway.json"):
        with pytest.raises(ModuleNotFoundError, match=name.rpartition(".")[2]):
            importlib.import_module(name)


def test_a_wheel_and_an_editable_install_have_it_alike() -> None:
    """An editable install puts the root on the path, from where all packages of a wheel are imported."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {"cutaway", *cutaway.PACKAGES} <= set(wheel["packages"])
    assert not {"sources", "force-include"} & wheel.keys(), "an editable install cannot have what moves files"
