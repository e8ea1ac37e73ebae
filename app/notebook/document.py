"""What stands in the frame of a notebook's widget: one document that loads nothing, with the page's own modules in it.

Each module is named by an address that nobody can have, and lies in the document under that name (an import map), so
that a document without an address of its own can import it.
"""

from __future__ import annotations

import base64
import functools
import json
import posixpath
import re
from pathlib import Path

from app.page import assets

STATIC = Path(__file__).resolve().parents[2] / "static"
BASE = "https://cutaway.invalid"
NOT_TAKEN = ("js/vendor/",)
"""What writes PDFs is as large as all else together."""

_IMPORTED = re.compile(r"""(\bfrom\s*|\bimport\s*\(?\s*)(["'`])(\.[^"'`]+)\2""")
_COMMENT = re.compile(r"^//.*\n", flags=re.MULTILINE)
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_FILE = re.compile(r"""url\("\.\./fonts/([\w-]+)\.woff2"\)""")


def document(body: str, script: str) -> str:
    """The document.

    Args:
        body: its markup, in the place of Gradio's boxes.
        script: a module that starts it; it imports by addresses below `BASE`.
    """
    css = style().replace("</style", "<\\/style")
    imports = json.dumps({"imports": modules()})
    head = (
        f'<meta charset="utf-8"><title>Cutaway</title><style>{css}</style><script type="importmap">{imports}</script>'
    )
    main = f'<div class="gradio-container">{body}</div><script type="module">{script}</script>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{main}</body></html>\n'


@functools.cache
def modules() -> dict[str, str]:
    """The page's plain modules, as data, by their addresses."""
    names = [name for name in assets.modules(STATIC) if not name.startswith(NOT_TAKEN)]
    return {f"{BASE}/{name}": _as_data("text/javascript", _module(name).encode()) for name in names}


def _module(name: str) -> str:
    """One module, what it imports named by whole addresses."""

    def named(found: re.Match[str]) -> str:
        how, quote, to = found.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), to))
        return f"{how}{quote}{BASE}/{path}{quote}"

    source = _COMMENT.sub("", (STATIC / name).read_text(encoding="utf-8"))
    source = re.sub(r"""(["'`])(\.\./exhibits/[^"'`]+)\1""", lambda found: named_room(name, found), source)
    return _IMPORTED.sub(named, source).replace("import.meta.url", json.dumps(f"{BASE}/{name}"))


def named_room(name: str, found: re.Match[str]) -> str:
    """An exhibit's script, which is imported by a name that is made."""
    quote, to = found.groups()
    return f"{quote}{BASE}/{posixpath.normpath(posixpath.join(posixpath.dirname(name), to))}{quote}"


@functools.cache
def style() -> str:
    """The style sheets as one, with the faces of the first picture in it; others are left to the system."""
    sheets = ("css/alone.css", *assets.sheets(STATIC), "css/notebook.css")
    css = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in sheets)
    return _FACE.sub(_face, re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))


def _face(found: re.Match[str]) -> str:
    rule = found[0]
    file = _FILE.search(rule)
    if file is None or file[1] not in assets.FACES:
        return ""
    data = _as_data("font/woff2", (STATIC / "fonts" / f"{file[1]}.woff2").read_bytes())
    return _FILE.sub(lambda _: f'url("{data}")', rule)


def _as_data(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
