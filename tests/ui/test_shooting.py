"""`cutaway shoot`: what it saves is what the sheet of the page saves; a pack goes on where it was."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import xml.dom.minidom
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from app.engine import Engine
from app.exhibits import registry
from app.shooting.pack import Pack
from app.shooting.studio import ShootingError, Shown, Studio
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


def test_a_pack_has_every_step_in_its_light_and_goes_on_where_it_was(
    url: str, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = [step.says for step in registry.STEPS["experts"] if step.feed != "mlp"]
    room = Studio(browser, url)
    state = {"text": TEXT}
    made: list[int] = []

    def interrupted(self: Shown, at: int) -> str:
        if at == 2 and len(made) == 2:
            raise KeyboardInterrupt
        made.append(at)
        return to_step(self, at)

    to_step = Shown.to_step
    monkeypatch.setattr(Shown, "to_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Pack(tmp_path, state).make(room, ["experts"])
    made.append(-1)
    assert Pack(tmp_path, state).make(room, ["experts"]) == len(says)
    assert made == [0, 1, -1, *range(2, len(says))], "what was there was made again"
    assert Pack(tmp_path, state).make(room, ["experts"]) == len(says)
    assert made[-1] == len(says) - 1
    drawings = [(tmp_path / "experts" / f"{number}.svg").read_text() for number in range(1, len(says) + 1)]
    assert all(xml.dom.minidom.parseString(one) for one in drawings)
    assert sum('fill-rule="evenodd"' in one for one in drawings) >= len(says) - 1, "what a step is not about is dimmed"
    veils = [re.search(r'<path d="M(-?[\d.]+) (-?[\d.]+)h([\d.]+)[^>]*evenodd', one) for one in drawings]
    assert {(float(veil[1]), float(veil[2])) for veil in veils if veil} == {(-16, -16)}, "up to the edge of the paper"
    assert len(set(drawings)) == len(says)
    with Image.open(tmp_path / "experts" / "1.png") as picture:
        assert TEXT in picture.info["Description"]
    told = json.loads((tmp_path / "pack.json").read_text())["exhibits"]["experts"]["steps"]
    for step, one in zip(told, says, strict=True):
        assert step["says"].startswith(one.partition("{")[0]), "the sentence of another step"
    page = (tmp_path / "index.html").read_text()
    assert [page.count(f'src="experts/{number}.svg"') for number in range(1, len(says) + 1)] == [1] * len(says)
    assert "Shazeer" in (tmp_path / "CREDITS.txt").read_text()
    with pytest.raises(ShootingError, match="another folder"):
        Pack(tmp_path, {"text": "Another text"})
