"""Tests pass in any order: workers take tests from each other, so that any may come after any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
UI_FIRST = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.reverse()
"""


def test_a_browser_does_not_outlive_the_tests_of_the_page(tmp_path: Path) -> None:
    """Its event loop would run on, and no test behind it in the same process could run one."""
    (tmp_path / "ui_first.py").write_text(UI_FIRST, encoding="utf-8")
    asks = "tests/app/serving/test_bodies.py::test_a_body_is_read_whole"
    looks = "tests/ui/test_layout.py::test_the_eye_that_looks_for_faults_sees_them"
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:xdist",
            "-p",
            "ui_first",
            "-v",
            "-k",
            "read_whole or faint",
            asks,
            looks,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    passed = [line.partition(" ")[0] for line in told.stdout.splitlines() if " PASSED" in line]
    assert passed[0].startswith(looks), told.stdout
    assert passed[-1] == asks, told.stdout
