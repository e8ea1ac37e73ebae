"""Gradio's stubs are not written while a server starts."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import gradio as gr
import pytest

from app.serving import stubs

SOURCE = "import gradio as gr\n\n\nclass {name}(gr.HTML):\n    pass\n"


def load(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Imports a module that makes a component; gives where its stub would be."""
    (folder / f"{name.lower()}.py").write_text(SOURCE.format(name=name))
    monkeypatch.syspath_prepend(folder)
    __import__(name.lower())
    return folder / f"{name.lower()}.pyi"


def test_no_stub_is_written_within_and_one_is_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    getfile = inspect.getfile
    with stubs.unwritten():
        assert not load(tmp_path, "Quick", monkeypatch).exists()
        assert inspect.getfile(Path).endswith(".py")
        with pytest.raises(OSError, match="not told"):
            inspect.getfile(gr.HTML)
    assert inspect.getfile is getfile
    assert load(tmp_path, "Slow", monkeypatch).exists(), "Gradio writes none any more: app/serving/stubs.py may go"


def test_a_server_that_starts_reads_no_sources_of_components() -> None:
    script = """
import ast, sys
from pathlib import Path
segment, ast.get_source_segment = ast.get_source_segment, lambda *_: sys.exit("a stub is written")
from app import main
from app.serving import server
server.Server.run = lambda self, sockets: print("it runs")
main.serve("127.0.0.1", 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "it runs\n"), run.stderr
