"""`cutaway shoot`: what it saves is what the sheet of the page saves."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from app.engine import Engine
from tests.ui.page import Pages
from tests.ui.test_take import taken

TEXT = "The little dog ran"


def shoot(*arguments: str | Path) -> str:
    """What the command says; in a process of its own, as a browser may be driven by one hand only."""
    command = [sys.executable, "-m", "app.cli", "shoot", *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_link_gives_the_very_bytes_of_the_sheet(open_page: Pages, url: str, tmp_path: Path) -> None:
    file = tmp_path / "head.svg"
    said = shoot(f"{url}#exhibit=attention&layer=3&head=5", "--text", TEXT, "--part", "head", "-o", file)
    page = open_page(exhibit="attention", text=TEXT, layer="3", head="5")
    page.rest()
    assert file.read_text() == taken(page, "figure.head")["text"]
    assert TEXT in said


def test_without_a_server_it_starts_one_and_the_link_leads_to_where_one_will_be(tmp_path: Path, engine: Engine) -> None:
    file = tmp_path / "head.csv"
    shoot("attention", "--text", TEXT, "--part", "head", "-o", file)
    comment, header, *rows = file.read_text().splitlines()
    assert "http://127.0.0.1:7860/#exhibit=attention" in comment
    layer, head = (int(comment.partition(f"{name} ")[2].split(",")[0].split(".")[0]) - 1 for name in ("layer", "head"))
    pattern = engine.trace(TEXT).pattern(layer, "text")[head]
    values = [float(row[-1]) for row in csv.reader(rows)]
    assert header == "query,key,head_pattern"
    assert values == pattern.ravel().tolist()
