"""Gradio's own files, and which of them its page loads, so that the page can name them all at once.

Gradio's scripts ask for one another in four waves: the start, the page, its blocks, the components. From far away each
wave costs a round trip. The names carry digests, which only the scripts know; so they are read out of them: a script
lists what it may load in `__vite__mapDeps`, and where it loads, it names numbers of that list. Of what is not found as
it is expected nothing is named, and the browser asks for it as late as before.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

COMPONENTS = ("column", "html")
"""What our page is made of, by Gradio's names."""
_START = re.compile(r"assets/(index-[\w-]+\.js)")
_LIST = re.compile(r"m\.f=\[([^\]]*)\]")
_NEEDS = r"import\(`\./({}-[\w-]+\.js)`\)[^\[\]]*?__vite__mapDeps\(\[([\d,]+)\]\)"
"""A script that is loaded, by the beginning of its name, and the numbers of all that it needs."""
_COMPONENT = r"[{{,]{}:\{{((?:[^{{}}]|\{{[^{{}}]*\}})*)\}}"


def frontend() -> Path:
    """The folder of what Gradio's page is made of."""
    spec = find_spec("gradio")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "templates" / "frontend"


def loaded(frontend: Path) -> tuple[str, ...]:
    """The scripts and style sheets in `assets/` that the page needs, the script that it begins with first.

    Args:
        frontend: Gradio's folder.
    """
    assets = frontend / "assets"
    found = _START.search((frontend / "index.html").read_text(encoding="utf-8"))
    named = [found[1]] if found else []
    for waiting, kind in ((0, "Index"), (1, "Blocks")):  # the start loads the page, and that its blocks
        if len(named) > waiting:
            named += _needed(_read(assets, named[waiting]), kind)
    for core in [name for name in named if re.fullmatch(r"core-[\w-]+\.js", name)][:1]:
        script = _read(assets, core)
        for component in COMPONENTS:
            for match in re.finditer(_COMPONENT.format(component), script):
                named += _needed(match[1], r"\w+", script)
    return tuple(name for name in dict.fromkeys(named) if (assets / name).is_file())


def hints(frontend: Path, theme: str | None) -> str:
    """Markup for the head of the page that names them.

    Args:
        frontend: Gradio's folder.
        theme: the digest under which the page asks for Gradio's theme, where it has one.
    """
    sheet = f'<link rel="preload" as="style" href="theme.css?v={theme}">' if theme else ""
    return sheet + "".join(
        f'<link rel="modulepreload" href="assets/{name}">'
        if name.endswith(".js")
        else f'<link rel="preload" as="style" crossorigin href="assets/{name}">'
        for name in loaded(frontend)
    )


def _read(assets: Path, name: str) -> str:
    path = assets / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _needed(part: str, kind: str, script: str | None = None) -> list[str]:
    """What a part of a script loads where it loads scripts of a kind: each, and what that needs.

    Args:
        part: of the script.
        kind: the beginning of their names.
        script: the whole of it, which lists the names; the part is the whole unless given.
    """
    listed = _LIST.search(part if script is None else script)
    names = [name.strip('"').removeprefix("./") for name in listed[1].split(",")] if listed else []
    needed: list[str] = []
    for match in re.finditer(_NEEDS.format(kind), part):
        numbers = [int(number) for number in match[2].split(",")]
        needed += [match[1], *(names[number] for number in numbers if number < len(names))]
    return needed
