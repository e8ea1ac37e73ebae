"""What of `static/` a browser is told to load: the built files where they were made from the sources that lie there,
and else the sources themselves, so that who edits a script sees it when the server starts again.

The sources are plain modules and one style sheet for each control and exhibit, some 170 files; `python -m
tests.js.bundle` makes two of them, minified. `CUTAWAY_SOURCES=1` serves the sources in any case, to debug them.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from app.exhibits import WALK

SHARED_SHEETS = (
    *("theme", "gradio", "type", "controls"),
    *("bar", "answer", "picker", "card", "examples", "walk", "chips", "next", "pin", "guide", "glossary"),
    *("exhibits", "effect", "chart", "print"),
)
"""The style sheets in `static/css`, from the whole page to its parts; those of the exhibits follow."""
FACES = ("inter-latin-wght-normal", "source-serif-4-latin-opsz-normal", "jetbrains-mono-latin-wght-normal")
"""The faces that the first picture needs."""
SOURCE = "js/main.js"
"""The module that starts the page, which imports all others."""
BUILT = "built"
"""The folder of the built files: `main.js`, `page.css`, and `sources.sha256`, what they were made from."""
SOURCES_VARIABLE = "CUTAWAY_SOURCES"


@dataclass(frozen=True)
class Assets:
    """Paths below `static/`.

    Attributes:
        script: the module that starts the page.
        modules: all that it imports, `script` among them.
        sheets: the style sheets, in their order.
    """

    script: str
    modules: tuple[str, ...]
    sheets: tuple[str, ...]

    @property
    def are_built(self) -> bool:
        """Whether they are the built files; else they are sources, which somebody edits."""
        return self.script != SOURCE

    def head(self, files: str) -> str:
        """The style sheets, for Gradio to put into the document's head behind its own.

        Args:
            files: the address of `static/`, from the page's own.
        """
        return "".join(f'<link rel="stylesheet" href="{files}/{sheet}">' for sheet in self.sheets)

    def hints(self, files: str) -> str:
        """What stands in the page's own head, so that the browser asks for it before Gradio's scripts do: style sheets,
        the faces that the first picture needs, and all modules.

        A module names those that it imports, and a browser would ask for them only once it has read it, one depth after
        the other; named here, they come together.

        Args:
            files: the address of `static/`, from the page's own.
        """
        faces = (f"{files}/fonts/{face}.woff2" for face in FACES)
        return "".join(
            [
                *(f'<link rel="preload" as="style" href="{files}/{sheet}">' for sheet in self.sheets),
                *(f'<link rel="modulepreload" href="{files}/{module}">' for module in self.modules),
                *(f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{face}">' for face in faces),
            ]
        )


def modules(static: Path) -> list[str]:
    """The plain modules."""
    return sorted(path.relative_to(static).as_posix() for path in static.glob("js/**/*.js"))


def sheets(static: Path) -> list[str]:
    """The style sheets in their order: the shared ones, then those of the exhibits as the walk has them."""
    of_exhibits = (path for name in WALK for path in sorted(static.glob(f"js/exhibits/{name}/*.css")))
    return [
        *(f"css/{name}.css" for name in SHARED_SHEETS),
        *(path.relative_to(static).as_posix() for path in of_exhibits),
    ]


def digest(static: Path) -> str:
    """The SHA-256 of all modules and style sheets, names and contents, in hexadecimal."""
    read = hashlib.sha256()
    for name in (*modules(static), *sheets(static)):
        content = (static / name).read_bytes()
        read.update(f"{name}\0{len(content)}\0".encode() + content)
    return read.hexdigest()


def find(static: Path) -> Assets:
    """The files that this server tells browsers to load."""
    made_from = static / BUILT / "sources.sha256"
    if not os.environ.get(SOURCES_VARIABLE) and made_from.is_file() and made_from.read_text().strip() == digest(static):
        return Assets(f"{BUILT}/main.js", (f"{BUILT}/main.js",), (f"{BUILT}/page.css",))
    return Assets(SOURCE, tuple(modules(static)), tuple(sheets(static)))
