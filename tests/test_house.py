"""The rules of the house: which way imports run, what stays free of torch, what may be committed, what the README says.

ruff already holds every Python module to a docstring; what it cannot see is here.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

import pytest

from model import taps
from model.config import PRESETS

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"model": 0, "export": 1, "app": 2}
"""A package imports from its own floor and from those below."""

TORCH = ("export", "model.hub", "model.pretrained", "model.train", "model.transformer")
"""Packages whose modules may import torch; all others serve without it, whatever is added to them."""
TORCH_FREE_WITHIN = ("export.runtime",)
"""Packages within these that may not."""

MIB = 2**20
LONGEST_FILE = {".py": 300, ".js": 300, ".css": 460}
"""Lines, by kind; a style sheet has a line for each declaration."""
LONGER_FOR_A_REASON: dict[str, str] = {}
"""Longer source files, each with the reason why it is still one room."""

KNOWN_HOSTS = {
    "127.0.0.1",
    "arxiv.org",
    "cdla.dev",
    "creativecommons.org",
    "doi.org",
    "github.com",
    "huggingface.co",
    "localhost",
    "openfontlicense.org",
    "purl.org",
    "scripts.sil.org",
    "www.apache.org",
    "www.w3.org",
}
"""Hosts that a committed file may name: sources, licences, and the loopback interface."""
NOBODYS = (".example", ".invalid", ".localhost", "example.org")
"""Endings of names that nobody can have (RFC 2606), which tests of what may not be reached need."""


def modules(*packages: str) -> Iterator[tuple[str, Path]]:
    """Every module of the packages: its dotted name and its file."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(node: ast.AST, within: str) -> Iterator[str]:
    """The dotted names, of modules or of what is in them, that one import statement in module `within` asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parents = within.split(".")[: -node.level] if node.level else []
        yield from (".".join([*parents, *filter(None, [node.module]), alias.name]) for alias in node.names)


def committed() -> list[Path]:
    """The files that are or would be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listing.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


FOREIGN = "static/js/vendor/"
"""What is bundled of other projects, word for word."""
BINARY = (".woff2", ".png", ".safetensors", ".onnx", ".xz", ".npz")


def committed_text() -> Iterator[tuple[str, str]]:
    """The committed text files that people wrote: their names and what they hold."""
    for path in committed():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix not in BINARY and path.name != "tokenizer.json" and not name.startswith(FOREIGN):
            yield name, path.read_text(encoding="utf-8")


def test_imports_run_one_way_from_app_to_export_to_model():
    upward = [
        f"{name} imports {target}"
        for name, path in modules(*FLOORS)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for target in imported(node, name)
        if FLOORS.get(target.split(".")[0], 0) > FLOORS[name.split(".")[0]] or target.split(".")[0] == "tests"
    ]
    assert not upward, "\n".join(upward)


def loaded(statements: Iterable[ast.stmt], within: str) -> Iterator[str]:
    """The dotted names that are imported with module `within`, before any of its functions is called."""
    for statement in statements:
        yield from imported(statement, within)
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for block in ("body", "orelse", "finalbody"):
                yield from loaded(getattr(statement, block, ()), within)


def in_circles(graph: Mapping[str, Set[str]]) -> set[str]:
    """The nodes that can be reached from themselves."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        ahead = [*graph[start]]
        while ahead:
            if (node := ahead.pop()) not in found:
                found.add(node)
                ahead += graph[node]
        return found

    return {node for node in graph if node in reached(node)}


def test_no_module_and_no_package_is_imported_in_a_circle():
    files = dict(modules(*FLOORS))
    graph = {}
    for name, path in files.items():
        names = loaded(ast.parse(path.read_text(encoding="utf-8")).body, name)
        graph[name] = {at if at in files else at.rpartition(".")[0] for at in names} & files.keys() - {name}
    assert not in_circles(graph)
    package = {name: name if path.stem == "__init__" else name.rpartition(".")[0] for name, path in files.items()}
    packages: dict[str, set[str]] = {name: set() for name in package.values()}
    for name, targets in graph.items():
        packages[package[name]] |= {package[target] for target in targets} - {package[name]}
    assert not in_circles(packages)


def test_an_exhibit_is_imported_by_no_other_and_by_nothing_shared():
    room = "app.exhibits."
    strangers = [
        f"{name} imports {target}"
        for name, path in modules("app")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for target in imported(node, name)
        if target.startswith(room) and target.removeprefix(room).split(".")[0] not in ("CHAPTERS", "WALK", "registry")
        if not name.startswith(f"{room}{target.removeprefix(room).split('.')[0]}.")
    ]
    assert not strangers, "\n".join(strangers)


def test_every_module_that_a_docstring_names_exists():
    known = dict(modules(*FLOORS))
    named = re.compile(r"(?<![\w/.-])((?:app|export|model)\.\w+)[\w.]*(?<!safetensors)(?![\w.])")
    gone = [
        f"{name} names {target}"
        for name, path in known.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for target in named.findall(str(node.value.value))
        if target not in known
    ]
    assert not gone, "\n".join(gone)


def serves_without_torch(name: str) -> bool:
    """Whether a module may not import torch: its folder says so."""

    def within(packages: tuple[str, ...]) -> bool:
        return any(name == package or name.startswith(f"{package}.") for package in packages)

    return within(TORCH_FREE_WITHIN) or not within(TORCH)


def test_modules_that_serving_needs_import_without_torch():
    names = [name for name, _ in modules(*FLOORS) if serves_without_torch(name) and not name.endswith("__main__")]
    assert {"app.engine", "export.runtime.session", "model.config", "model.study.lens"} <= set(names)
    script = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert "torch" not in sys.modules, f"{name} imports torch"
"""
    run = subprocess.run([sys.executable, "-c", script, *names], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_modules_that_serving_needs_name_torch_nowhere():
    """An import inside a function would go unseen until a request takes that path."""
    named = [
        f"{name} imports {target}"
        for name, path in modules(*FLOORS)
        if serves_without_torch(name)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for target in imported(node, name)
        if target.split(".")[0] in ("torch", "transformers", "onnxscript")
    ]
    assert not named, "\n".join(named)


def test_every_host_in_a_committed_file_is_a_known_one():
    strangers = [
        f"{name} names {host}"
        for name, text in committed_text()
        if name != "LICENSE"
        for host in re.findall(r"(?:https?|wss?)://([\w.-]+)", text)
        if host not in KNOWN_HOSTS and not host.lower().endswith(NOBODYS)
    ]
    assert not strangers, "\n".join(strangers)


def test_no_committed_file_names_a_path_of_one_machine():
    beside = "/".join(["..", "shared"])
    absolute = re.compile(r"(?<![\w./:~$}<-])/(?:home|root|work|workspace|Users|mnt)/\w[^\s\"'`)]*")
    found = [f"{name} names {path}" for name, text in committed_text() for path in absolute.findall(text)]
    found += [f"{name} names {beside}" for name, text in committed_text() if beside in text and name != ".ci/run"]
    assert not found, "\n".join(found)


def test_the_repository_stays_below_60_mib():
    size = sum(path.stat().st_size for path in committed())
    assert size < 60 * MIB, f"the files hold {size / MIB:.1f} MiB"


def test_all_that_lies_with_the_checkpoints_stays_below_40_mb():
    sizes = {path: path.stat().st_size for path in committed() if path.is_relative_to(ROOT / "model" / "checkpoints")}
    assert {"model.safetensors", "timelapse.npz", "tokenizer.json", "CARD.md"} <= {path.name for path in sizes}
    assert sum(sizes.values()) < 40e6, f"they hold {sum(sizes.values()) / 1e6:.2f} MB"


def test_a_source_file_is_one_room():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in committed()
        if path.suffix in LONGEST_FILE
    }
    too_long = {name: length for name, length in lengths.items() if length > LONGEST_FILE[Path(name).suffix]}
    assert too_long.keys() == LONGER_FOR_A_REASON.keys(), f"split, or list with a reason: {too_long}"


def test_every_script_and_stylesheet_opens_by_saying_what_lives_there():
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in committed()
        if path.suffix in (".js", ".css") and not path.read_text(encoding="utf-8").startswith(("/*", "//"))
    ]
    assert not silent, "\n".join(silent)


def selectors_with_declarations(sheet: str) -> set[str]:
    """The selectors of a style sheet's rules, each behind those that it is nested in."""
    found: set[str] = set()
    around: list[str] = []
    for words, end in re.findall(r"([^{};]*)([{};])", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)):
        if end == "{":
            around.append(" ".join(words.split()))
        elif end == "}":
            around.pop()
        else:
            found.add(" ".join(around))
    return found


def test_an_exhibits_style_sheet_dresses_that_exhibit_alone():
    elsewhere = [
        f"{path.relative_to(ROOT)}: {selector}"
        for path in sorted((ROOT / "static" / "js" / "exhibits").glob("*/*.css"))
        for selector in sorted(selectors_with_declarations(path.read_text(encoding="utf-8")))
        if f".{path.parent.name}-plate" not in selector and f'[data-exhibit="{path.parent.name}"]' not in selector
    ]
    assert not elsewhere, "\n".join(elsewhere)


def test_the_readme_holds_the_glossary_that_the_table_of_taps_prints():
    assert taps.glossary(PRESETS["gpt"]) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_only_files_and_targets_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, flags=re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make (\w+)", readme, flags=re.MULTILINE)) <= targets
    links = [link for link in re.findall(r"(?:\]\(|src=\"|srcset=\")([^)#\"]+)", readme) if "://" not in link]
    assert links, "the README links to nothing in the repository"
    assert not [link for link in links if not (ROOT / link).exists()]
