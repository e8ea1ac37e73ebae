"""What of `static/` a browser is told to load: the built files where they were made from the sources that lie there,
and else the sources themselves, so that who edits a script sees it when the server starts again.

The sources are plain modules and one style sheet for each control and exhibit, some 170 files; `python -m
tests.js.bundle` makes one script and one sheet of what all exhibits share, and of every exhibit a script with its
sheet, minified. The open exhibit's comes with the page, the others' after its first picture. `CUTAWAY_SOURCES=1` serves
the sources in any case, to debug them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.exhibits import WALK

SHARED_SHEETS = (
    *("theme", "contrast", "gradio", "type", "controls"),
    *("bar", "answer", "picker", "card", "examples", "walk", "chips", "next", "pin", "guide", "take", "glossary"),
    *("exhibits", "effect", "chart", "embed", "print"),
)
"""The style sheets in `static/css`, from the whole page to its parts; those of the exhibits follow."""
FACES = (
    *("inter-latin-wght-normal-first", "jetbrains-mono-latin-wght-normal-first"),
    *("source-serif-4-latin-opsz-normal-first", "source-serif-4-latin-wght-italic-first"),
)
"""The faces that the first picture needs."""
SOURCE = "js/main.js"
"""The module that starts the page, which imports all others."""
BUILT = "built"
"""The folder of the built files: `js/main.js`, `page.css`, `exhibits/<name>/index.js`, `figures.js`, `lecture.js`, and
`sources.sha256`, what they were made from."""
FIGURES = "js/figures/sheet.js"
"""The module of the sheet on which a figure is taken away, loaded when it is first opened."""
LECTURE = "js/lecture/index.js"
"""The module of the lecture, loaded when one is first asked for."""
LATER = ("js/figures/", "js/lecture/", "js/notebook/", "js/vendor/")
"""Folders of modules that no first visit loads."""
LATER_SHEETS = ("css/lecture.css",)
"""Style sheets that none loads."""
SOURCES_VARIABLE = "CUTAWAY_SOURCES"


@dataclass(frozen=True)
class Assets:
    """Paths below `static/`.

    Attributes:
        script: the module that starts the page.
        figures: the module that is loaded when a person takes a figure away.
        lecture: the module that is loaded when one gives a lecture.
        modules: all that the first imports, `script` among them.
        sheets: the style sheets, in their order.
        rooms: the script of each exhibit, with its sheet, where it is none of the modules.
    """

    script: str
    figures: str
    lecture: str
    modules: tuple[str, ...]
    sheets: tuple[str, ...]
    rooms: Mapping[str, str] = field(default_factory=dict)

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

    def hints(self, files: str, others: str = "") -> str:
        """What stands in the page's own head, so that the browser asks for it before Gradio's scripts do: style sheets,
        all modules, what the open exhibit needs, and the faces of the first picture, which the first question need not
        wait for.

        A module names those that it imports, and a browser would ask for them only once it has read it, one depth after
        the other; named here, they come together. Which exhibit is open, only the browser knows: a script says it.

        Args:
            files: the address of `static/`, from the page's own.
            others: the like of other files, which come before the faces.
        """
        faces = (f"{files}/fonts/{face}.woff2" for face in FACES)
        return "".join(
            [
                *(f'<link rel="preload" as="style" href="{files}/{sheet}">' for sheet in self.sheets),
                *(f'<link rel="modulepreload" href="{files}/{module}">' for module in self.modules),
                self._room_hint(files) if self.rooms else "",
                others,
                *(f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{face}">' for face in faces),
            ]
        )

    def _room_hint(self, files: str) -> str:
        """A script that names the script of the exhibit in the address."""
        rooms = {name: f"{files}/{path}" for name, path in self.rooms.items()}
        return f"<script>{_ROOM_HINT % (json.dumps(rooms), json.dumps(WALK[0]))}</script>"


_ROOM_HINT = """{
  const rooms = %s;
  const href = rooms[/[#&]exhibit=([a-z]+)/.exec(location.hash)?.[1]] ?? rooms[%s];
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
}"""


def modules(static: Path) -> list[str]:
    """The plain modules."""
    return sorted(path.relative_to(static).as_posix() for path in static.glob("js/**/*.js"))


def shared_sheets() -> list[str]:
    """The style sheets that belong to no exhibit, in their order."""
    return [f"css/{name}.css" for name in SHARED_SHEETS]


def sheets_of_exhibits(static: Path) -> dict[str, list[str]]:
    """Those of each exhibit."""
    return {
        name: [path.relative_to(static).as_posix() for path in sorted(static.glob(f"js/exhibits/{name}/*.css"))]
        for name in WALK
    }


def sheets(static: Path) -> list[str]:
    """The style sheets in their order: the shared ones, then those of the exhibits as the walk has them."""
    return [*shared_sheets(), *(sheet for sheets in sheets_of_exhibits(static).values() for sheet in sheets)]


def digest(static: Path) -> str:
    """The SHA-256 of all modules and style sheets, names and contents, in hexadecimal."""
    read = hashlib.sha256()
    for name in (*modules(static), *sheets(static), *LATER_SHEETS):
        content = (static / name).read_bytes()
        read.update(f"{name}\0{len(content)}\0".encode() + content)
    return read.hexdigest()


def find(static: Path) -> Assets:
    """The files that this server tells browsers to load."""
    made_from = static / BUILT / "sources.sha256"
    if not os.environ.get(SOURCES_VARIABLE) and made_from.is_file() and made_from.read_text().strip() == digest(static):
        main = f"{BUILT}/js/main.js"
        rooms = {name: f"{BUILT}/exhibits/{name}/index.js" for name in WALK}
        return Assets(main, f"{BUILT}/figures.js", f"{BUILT}/lecture.js", (main,), (f"{BUILT}/page.css",), rooms)
    first = tuple(name for name in modules(static) if not name.startswith(LATER))
    return Assets(SOURCE, FIGURES, LECTURE, first, tuple(sheets(static)))
