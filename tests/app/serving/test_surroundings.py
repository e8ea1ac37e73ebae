"""A place with no home and nothing that can be written is no reason not to serve."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from app.serving import surroundings


def test_where_nothing_can_be_written_gradio_finds_what_it_would_make(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    environment = {"GRADIO_TEMP_DIR": "/elsewhere"}
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    surroundings.settle(environment)
    import gradio.routes as routes

    made = [line for line in Path(routes.__file__).read_text().splitlines() if "Path(DEFAULT_TEMP_DIR) /" in line]
    assert made, "Gradio makes nothing at its start any more; app/serving/unwritten can go"
    for line in made:
        name = line.rpartition('"')[0].rpartition('"')[2]
        assert (Path(environment["GRADIO_TEMP_DIR"]) / name).is_dir(), line


def test_a_temporary_folder_that_can_be_written_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    surroundings.settle(environment)
    assert environment["GRADIO_TEMP_DIR"] == str(tmp_path / "gradio")
