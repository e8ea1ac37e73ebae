"""The command line: each command reaches its module, and serving takes its address from options or the host."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import cli, main
from app.running.limits import Limits, variable

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The addresses that `serve` was called with, in place of serving."""
    calls: list[tuple[Any, ...]] = []
    for name in ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(main, "serve", lambda host, port, models: calls.append((host, port, *models)))
    return calls


def test_serve_listens_on_the_loopback_interface_unless_told_otherwise(served: list[tuple[Any, ...]]) -> None:
    assert cli.main(["serve"]) == 0
    assert cli.main(["serve", "--host", "0.0.0.0", "--port", "7881"]) == 0
    assert cli.main(["serve", "--model", "folder", "--model", "someone/model"]) == 0
    assert served == [("127.0.0.1", 7860), ("0.0.0.0", 7881), ("127.0.0.1", 7860, "folder", "someone/model")]


def test_serve_obeys_the_host_that_sets_gradios_variables(
    served: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "7000")
    main.main([])
    main.main(["--port", "7001"])
    assert served == [("0.0.0.0", 7000), ("0.0.0.0", 7001)]


@pytest.mark.parametrize(("command", "passed_on"), [("export", "build"), ("verify", "verify")])
def test_export_and_verify_pass_their_options_on(command: str, passed_on: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def export_main(arguments: list[str]) -> int:
        calls.append(arguments)
        return 3

    monkeypatch.setitem(sys.modules, "export.__main__", SimpleNamespace(main=export_main))
    assert cli.main([command, "gpt", "--help"]) == 3
    assert calls == [[passed_on, "gpt", "--help"]]


def test_shoot_says_what_to_install_where_there_is_no_playwright(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda name: None)
    assert cli.main(["shoot", "attention", "-o", "figure.svg"]) == 1
    assert "pip install 'cutaway[figures]'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["dance"], ["serve", "--port", "many"]])
def test_an_unknown_command_or_option_is_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert "usage: cutaway" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("-m", "app.main"), ("app/main.py",)])
def test_the_module_and_the_script_start_anywhere_with_the_same_options(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    script = command if command[0] == "-m" else (str(ROOT / command[0]),)
    folder = ROOT if command[0] == "-m" else tmp_path
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRADIO_")}
    run = subprocess.run(
        [sys.executable, *script, "--help"], cwd=folder, capture_output=True, text=True, env=environment, check=True
    )
    assert "--host" in run.stdout
    assert "(default: 7860)" in run.stdout
    assert all(variable(field.name) in run.stdout for field in dataclasses.fields(Limits))
