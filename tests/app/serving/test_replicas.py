"""Several replicas: what can be told without Ray. `python -m tests.bench.replicas` kills one under load."""

from __future__ import annotations

import os

import pytest

from app import main
from app.running.limits import limits
from app.serving import replicas


def test_replicas_without_their_package_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(replicas, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"pip install 'cutaway\[ray\]'"):
        main.main(["--ray", "2"])


def test_no_replica_is_no_server() -> None:
    with pytest.raises(ValueError, match="0 replicas serve nobody"):
        replicas.serve(0, "127.0.0.1", 0, limits())
