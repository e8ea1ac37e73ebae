"""Charts open large on request, and only then."""

from __future__ import annotations

import re
import subprocess
import sys

from app.exhibits.registry import PLATES, opened
from app.page import charts


def test_plotlys_script_lies_in_the_installed_package():
    assert charts.script().is_file()


def test_every_opener_names_an_answer_of_its_exhibit():
    exhibits = opened()
    calls = {name: re.findall(r'data-call="(\w+)"', plate.PICTURE) for name, plate in PLATES.items()}
    assert {name for name, asked in calls.items() if asked} == {"cache", "positions"}
    assert all(set(asked) <= exhibits[name].calls.keys() for name, asked in calls.items())


def test_a_server_that_starts_imports_no_plotly():
    script = """
import sys
from app.engine import Engine
from app.page import page
page.build(Engine())
assert "plotly" not in sys.modules
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
