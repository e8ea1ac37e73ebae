"""What people who cite or index the project read: one version and licence everywhere, types for those who import."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def cited(field: str) -> str:
    """A field of CITATION.cff that fills one line."""
    found = re.search(rf"^{field}: (.+)$", CITATION, flags=re.MULTILINE)
    assert found, f"CITATION.cff has no {field}"
    return found[1].strip('"')


def test_the_citation_names_this_version_and_licence() -> None:
    assert cited("cff-version") == "1.2.0"
    assert cited("version") == PROJECT["project"]["version"]
    assert cited("license") == PROJECT["project"]["license"]
    assert cited("url") in PROJECT["project"]["urls"].values()
    assert cited("title")
    assert re.search(r"^authors:\n  - name: \S", CITATION, flags=re.MULTILINE)


def test_who_imports_a_package_gets_its_types() -> None:
    packages = [name for name in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] if name != "static"]
    assert "Typing :: Typed" in PROJECT["project"]["classifiers"]
    for name in packages:
        assert (ROOT / name / "py.typed").is_file(), f"{name} has no py.typed"


def test_what_is_bundled_of_others_comes_with_its_licences() -> None:
    licences = (ROOT / "static" / "js" / "vendor" / "LICENCES.txt").read_text(encoding="utf-8")
    for name in ("jspdf", "svg2pdf.js", "fflate", "fast-png"):
        assert re.search(rf"^{re.escape(name)} \d", licences, flags=re.MULTILINE), f"no licence of {name}"
