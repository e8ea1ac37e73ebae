"""Several replicas: what can be told without Ray. `python -m tests.bench.replicas` kills one under load."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app import main
from app.running.limits import limits
from app.serving import replicas

ROOT = Path(__file__).resolve().parents[3]


def test_replicas_without_their_package_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(replicas, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"pip install 'cutaway\[ray\]'"):
        main.main(["--ray", "2"])


def test_no_replica_is_no_server() -> None:
    with pytest.raises(ValueError, match="0 replicas serve nobody"):
        replicas.serve(0, "127.0.0.1", 0, limits())


def test_each_replica_builds_the_same_page() -> None:
    """The same addresses, the same numbers of server functions: any of them answers what another's page asks."""
    script = """
from app.engine import Engine
from app.running.limits import Limits
from app.serving.house import CutawayServer
print(CutawayServer(Engine(), "127.0.0.1", Limits()).page().plain)
"""
    both = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
    pages = [process.communicate(timeout=120)[0] for process in both]
    one, other = (re.sub(rb'"app_id":\d+', b"", page) for page in pages)  # Gradio's, by chance; nobody is told it later
    assert one == other
    assert b"gradio_config" in one
