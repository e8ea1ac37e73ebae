"""Where exported hub models lie."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from export.runtime import exported_models


def test_the_directory_follows_the_system_unless_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("CUTAWAY_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for platform, expected in {
        "linux": tmp_path / "cutaway",
        "darwin": Path.home() / "Library" / "Caches" / "cutaway",
    }.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert exported_models.directory() == expected
    monkeypatch.setenv("CUTAWAY_CACHE", str(tmp_path / "mine"))
    assert exported_models.directory() == tmp_path / "mine"
