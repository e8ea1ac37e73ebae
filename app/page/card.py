"""A model's card as markup: what it is and has read, how it was trained, what was measured, and what it cannot do.

The bundled models carry theirs beside their weights, in Markdown; those of the hub have one there.
"""

from __future__ import annotations

import base64
import functools
import re
from pathlib import Path

from markdown_it import MarkdownIt

FILE = "CARD.md"
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", flags=re.DOTALL)
"""What the hub reads of a card, and nobody else."""


@functools.cache
def markup(folder: Path) -> str | None:
    """The card in a checkpoint's folder; None where there is none.

    Its headings begin one deeper, below the page's own, and the drawings that lie beside it stand in the markup.
    """
    file = folder / FILE
    if not file.is_file():
        return None
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(FRONT_MATTER.sub("", file.read_text(encoding="utf-8")))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + 1)}"
        for child in token.children or ():
            if child.type == "image":
                drawing = (folder / Path(str(child.attrs["src"])).name).read_bytes()
                child.attrs["src"] = f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode('ascii')}"
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def dialog() -> str:
    """The markup of the dialog that shows one."""
    return """<dialog class="card-large" aria-label="The model's card">
    <div class="card-text" tabindex="0"></div>
    <form method="dialog"><button class="close">Close</button></form>
  </dialog>"""
