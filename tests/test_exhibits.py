"""An exhibit is one room on each side, whole, and known by its name in `CHAPTERS` alone.

Nothing here imports a room, so that one that is not whole is told of in a sentence.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.exhibits import CHAPTERS, WALK
from tests import recipe

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "app" / "exhibits"
SCRIPTS = ROOT / "static" / "js" / "exhibits"
MUST_HAVE: dict[str, set[str]] = {
    "__init__.py": set(),
    "plate.py": {"TITLE", "LEAD", "FORMULA", "COMPUTED", "ATTEMPT", "SETTING", "PICTURE"},
    "frame.py": {"N_TOP", "frame"},
    "steps.py": {"STEPS"},
}
"""What stands in a room in `app/exhibits/`, and what each file must define; see `app.exhibits.registry`."""
SHARED = (
    "app/__init__.py",
    "app/main.py",
    "app/cli.py",
    "app/engine.py",
    "app/exhibits/registry.py",
    "app/page",
    "app/asked",
    "app/wire",
    "app/running",
    "static/css",
    "static/js/main.js",
    "static/js/dom.js",
    "static/js/format.js",
    "static/js/state",
    "static/js/page",
    "static/js/draw",
)
FIELD_TERMS = {
    "app/asked/question.py": {"sampling"},
    "app/page/answers.py": {"experts", "positions", "tokens"},
    "app/page/glossary.py": {"attention"},
    "static/js/page/theme.js": {"attention", "residual"},
    "app/wire/step.py": {"experts"},
    "static/js/state/steps.js": {"experts"},
    "static/js/state/store.js": {"sampling"},
}
"""Words of the field that happen to be names of exhibits, by the shared file that quotes them for what they are."""


def defined(module: str) -> set[str]:
    """The names that a Python module defines or imports at its top."""
    names: set[str] = set()
    for node in ast.parse(module).body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def exported(script: str) -> set[str]:
    """The names that a JavaScript module exports."""
    declared = re.findall(r"^export (?:async )?(?:function|const|let|class) (\w+)", script, flags=re.MULTILINE)
    listed = re.findall(r"^export \{([^}]*)\}", script, flags=re.MULTILINE)
    return {*declared, *(name.split(" as ")[-1].strip() for names in listed for name in names.split(",") if name)}


def may_export() -> set[str]:
    """What an exhibit's script may say of itself, as `static/js/state/registry.js` has it."""
    registry = (ROOT / "static" / "js" / "state" / "registry.js").read_text("utf-8")
    (body,) = re.findall(r"const DEFAULTS = \{(.*?)^\};", registry, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^  (\w+)[:(]", body, flags=re.MULTILINE))


def lacks(name: str, root: Path = ROOT) -> Iterator[str]:
    """What an exhibit lacks, or has too much of, in sentences."""
    rooms = {f"app/exhibits/{name}/{file}": names for file, names in MUST_HAVE.items()}
    script = f"static/js/exhibits/{name}/index.js"
    files = (*rooms, script, f"static/js/exhibits/{name}/{name}.css")
    there = {file for file in files if (root / file).is_file()}
    yield from (f"{file} is not there" for file in files if file not in there)
    for file in rooms.keys() & there:
        yield from (f"{file} has no {of}" for of in rooms[file] - defined((root / file).read_text("utf-8")))
    exports = exported((root / script).read_text("utf-8")) if script in there else {"mount"}
    if "mount" not in exports:
        yield f"{script} exports no mount"
    for stranger in exports - {"mount"} - may_export():
        yield f"{script} exports {stranger}, which static/js/state/registry.js does not know"


@pytest.mark.parametrize("name", WALK)
def test_an_exhibit_is_whole(name: str) -> None:
    assert not (found := sorted(lacks(name))), "\n".join(found)


def test_every_room_stands_in_the_walk_once() -> None:
    assert len(set(WALK)) == sum(map(len, CHAPTERS.values())), f"an exhibit stands twice in CHAPTERS: {WALK}"
    for side in (HERE, SCRIPTS):
        rooms = {path.parent.name for path in side.glob("*/*.*")} - {"__pycache__"}
        assert rooms <= set(WALK), f"CHAPTERS in app/exhibits/__init__.py does not name {sorted(rooms - set(WALK))}"


def sources(*paths: Path) -> Iterator[tuple[str, int, str]]:
    """The lines of source files, or of all in folders: file, number from 1, text."""
    for path in paths:
        for file in (path,) if path.is_file() else sorted(path.rglob("*.*")):
            if file.suffix in (".py", ".js", ".css"):
                for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
                    yield file.relative_to(ROOT).as_posix(), number, line


def test_nothing_shared_names_an_exhibit() -> None:
    any_name = "|".join(WALK)
    quoted = re.compile(rf"""(["'])({any_name})\1""")
    addressed = re.compile(rf"exhibits[/.]({any_name})\b|\bexhibit\W{{1,3}}({any_name})\b")
    found = [
        f"{file}:{number}: {line.strip()}"
        for file, number, line in sources(*(ROOT / shared for shared in SHARED))
        if {match[2] for match in quoted.finditer(line)} - FIELD_TERMS.get(file, set()) or addressed.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", WALK)
def test_an_exhibit_opens_no_other_by_its_name(name: str) -> None:
    """A part of the model leads to whichever exhibit enlarges it."""
    others = "|".join(other for other in WALK if other != name)
    foreign = re.compile(rf"""\bopen\(["']({others})["']\)""")
    found = [
        f"{file}:{number}: {line.strip()}" for file, number, line in sources(SCRIPTS / name) if foreign.search(line)
    ]
    assert not found, "\n".join(found)


def test_an_exhibit_by_the_recipe_is_whole_and_each_part_that_is_forgotten_is_told(tmp_path: Path) -> None:
    files = recipe.add(tmp_path)
    assert not list(lacks(recipe.NAME, tmp_path))
    for file in files:
        kept = (tmp_path / file).read_text("utf-8")
        (tmp_path / file).unlink()
        assert list(lacks(recipe.NAME, tmp_path)) == [f"{file} is not there"]
        (tmp_path / file).write_text(kept, "utf-8")


@pytest.mark.parametrize(
    ("part", "gone", "told"),
    [
        ("app/exhibits/echo/plate.py", "ATTEMPT", "app/exhibits/echo/plate.py has no ATTEMPT"),
        ("app/exhibits/echo/frame.py", "N_TOP", "app/exhibits/echo/frame.py has no N_TOP"),
        ("static/js/exhibits/echo/index.js", "export ", "static/js/exhibits/echo/index.js exports no mount"),
    ],
)
def test_a_constant_that_is_forgotten_is_told(tmp_path: Path, part: str, gone: str, told: str) -> None:
    recipe.add(tmp_path)
    file = tmp_path / part
    file.write_text(file.read_text("utf-8").replace(gone, "let " if gone == "export " else "OTHER"), "utf-8")
    assert list(lacks(recipe.NAME, tmp_path)) == [told]
