"""What `cutaway shoot` refuses before it draws, each with a sentence that says what would do."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.exhibits import WALK
from app.running.version import version
from app.shooting import chromium, command, studio


def test_where_there_is_no_chromium_it_says_how_to_install_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(chromium, "find", lambda: None)
    assert command.main(["attention", "-o", str(tmp_path / "figure.svg")]) == 1
    assert "apt-get install chromium" in capsys.readouterr().err


def test_a_chromium_that_cannot_be_started_is_told_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chromium"))
    assert command.main(["attention", "-o", str(tmp_path / "figure.svg")]) == 1
    assert str(tmp_path / "chromium") in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["attention"], ["attention", "-o", "figure.gif"], ["attention", "-o", "figure"]])
def test_a_file_must_be_of_a_kind_that_the_sheet_makes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert "svg" in capsys.readouterr().err


def test_a_link_gives_the_state_and_its_page() -> None:
    link = "https://someone.example/cutaway/#exhibit=masks&text=Caf%C3%A9+%26+tea&mask=window:4"
    assert command.state_of(link) == {"exhibit": "masks", "text": "Café & tea", "mask": "window:4"}
    assert studio.base_of(link) == "https://someone.example/cutaway/"
    assert command.state_of("tokens") == {"exhibit": "tokens"}
    with pytest.raises(studio.ShootingError, match=WALK[-1]):
        command.state_of("attentoin")


def test_only_a_cutaway_of_this_version_is_taken_for_one() -> None:
    told: list[object] = [{"cutaway": version()}]

    class Told(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told[-1]).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Told) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/"
        assert studio.runs(base)
        others: list[object] = [{"cutaway": "0.0.1"}, {}, [], "cutaway"]
        for other in others:
            told.append(other)
            assert not studio.runs(base)
        server.shutdown()
    assert not studio.runs(base), "nobody listens there any more"
