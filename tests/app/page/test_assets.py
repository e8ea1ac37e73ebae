"""What browsers are told to load: the built files as long as they belong to the sources, else the sources."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from app.exhibits import WALK
from app.page import assets, page


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `static/` with built files that belong to it."""
    monkeypatch.delenv(assets.SOURCES_VARIABLE, raising=False)
    for name in (*assets.modules(page.STATIC), *assets.sheets(page.STATIC), *assets.LATER_SHEETS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page.STATIC / name, tmp_path / name)
    (tmp_path / assets.BUILT).mkdir()
    (tmp_path / assets.BUILT / "sources.sha256").write_text(assets.digest(tmp_path) + "\n")
    return tmp_path


def test_few_built_files_stand_for_all_sources(static: Path):
    found = assets.find(static)
    main = "built/js/main.js"
    assert (found.script, found.modules, found.sheets) == (main, (main,), ("built/page.css",))
    assert found.rooms == {name: f"built/exhibits/{name}/index.js" for name in WALK}


def test_the_page_asks_beforehand_for_the_open_exhibits_script_alone(static: Path):
    hints = assets.find(static).hints("v/1", "<others>")
    script = hints.partition("<script>")[2].partition("</script>")[0]
    assert all(f'"v/1/built/exhibits/{name}/index.js"' in script for name in WALK)
    assert "built/exhibits" not in hints.replace(script, "")
    assert hints.index("main.js") < hints.index("<others>") < hints.index("woff2")


@pytest.mark.parametrize("changed", ["js/dom.js", "js/exhibits/machine/words.js", "css/theme.css"])
def test_who_edits_a_source_is_served_the_sources(static: Path, changed: str):
    with (static / changed).open("a") as file:
        file.write("\n")
    found = assets.find(static)
    assert found.script == "js/main.js"
    assert changed in found.modules + found.sheets


def test_a_new_module_makes_the_built_files_old(static: Path):
    (static / "js" / "state" / "another.js").write_text("export const another = 1;\n")
    assert "js/state/another.js" in assets.find(static).modules


def test_the_sources_are_served_where_they_are_asked_for(static: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CUTAWAY_SOURCES", "1")
    assert assets.find(static).script == "js/main.js"


def test_a_copy_without_built_files_serves_the_sources(static: Path):
    shutil.rmtree(static / assets.BUILT)
    assert len(assets.find(static).modules) > 100


def test_every_address_of_the_head_is_a_file():
    for found in (
        assets.find(page.STATIC),
        assets.Assets("js/main.js", assets.FIGURES, assets.LECTURE, ("js/main.js",), ("css/theme.css",)),
    ):
        addresses = set(re.findall(r'href="/there/([^"]+)"', found.head("/there") + found.hints("/there")))
        assert len(addresses) == len(assets.FACES) + len(found.modules) + len(found.sheets)
        assert [address for address in addresses if not (page.STATIC / address).is_file()] == []
