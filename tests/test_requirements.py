"""What serving needs: `requirements.txt` names it all, and bounds it as `pyproject.toml` does."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical_name

from tests.test_house import ROOT, imported, modules


def test_requirements_are_the_serving_part_of_the_dependencies():
    with (ROOT / "pyproject.toml").open("rb") as file:
        dependencies = [Requirement(line) for line in tomllib.load(file)["project"]["dependencies"]]
    bounds = {dependency.name: dependency.specifier for dependency in dependencies}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert {requirement.name: requirement.specifier for requirement in required}.items() <= bounds.items()
    assert "torch" not in {requirement.name for requirement in required}


def test_what_serving_imports_stands_in_the_requirements_by_name():
    """Not by way of another package, which may do without it one day."""
    of_module = packages_distributions()
    script = "import sys; import app.serving.house, app.serving.server; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    sources = [path for name, path in modules("app", "export", "model") if name in loaded.split()]
    assert len(sources) > 50
    asked = {
        module.partition(".")[0]
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for module in imported(node, "app")
    }
    foreign = {name for module in asked - {"app", "export", "model"} for name in of_module.get(module, ())}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = {canonical_name(Requirement(line).name) for line in lines if line and not line.startswith("#")}
    missing = {canonical_name(name) for name in foreign} - required
    assert missing <= {"onnxruntime-gpu"}, missing
