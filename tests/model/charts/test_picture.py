"""A picture is the same bytes every time, keeps its letters as text, and needs a Chromium."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ElementTree

import pytest

from model.charts import picture
from model.charts.series import Axis, Chart, Frame, Series, figure
from tests.ui import chromium

CHART = Chart(
    Axis("tokens", low=0), Axis("loss"), (Series("train", "residual", [1, 2, 3], [3, 1, 2], label="train 2"),)
)
DRAWN = """<svg xmlns="http://www.w3.org/2000/svg" class="main-svg" width="9" height="9" style="">
<defs id="defs-1f2"><g class="clips"><clipPath id="clip1f2x"><rect width="5" height="5"/></clipPath>
<clipPath id="clip1f2y"><rect width="6" height="6"/></clipPath></g></defs>
<g class="bglayer"/><g class="plot" clip-path="url(#clip1f2x)"><path class="js-line" d="M0,1.23456L2,3"
style="vector-effect: none; opacity: 1; stroke: rgb(1, 2, 3)"/></g><g class="infolayer"><g><text data-unformatted="a"
x="1" y="2" style="font-size: 13px; white-space: pre">a</text></g></g></svg>"""


def test_a_tidied_picture_keeps_what_is_seen_and_no_more():
    root = ElementTree.fromstring(picture.tidy(DRAWN, "a label"))
    assert root.get("aria-label") == "a label"
    (path,) = root.findall(".//{*}path")
    assert (path.get("d"), path.get("style")) == ("M0,1.23L2,3", "stroke: rgb(1, 2, 3)")
    assert [clip.get("id") for clip in root.findall(".//{*}clipPath")] == ["clip1"]
    assert [group.get("clip-path") for group in root.findall(".//{*}g")] == ["url(#clip1)"]
    assert [text.text for text in root.findall("{*}text")] == ["a"]


def test_the_same_figure_gives_the_same_bytes_with_its_letters_as_text():
    drawn = figure(CHART, Frame())
    one, other = picture.svg([drawn, drawn], chromium.find())
    assert one == other
    root = ElementTree.fromstring(one)
    assert {"loss", "tokens", "train 2"} <= set(root.itertext())
    (line,) = [path for path in root.findall(".//{*}g/{*}path") if "fill: none" in path.get("style", "")]
    heights = [float(at.split(",")[1]) for at in line.get("d", "")[1:].split("L")]
    assert heights[0] < heights[2] < heights[1]  # SVG counts downwards
    assert "http" not in one.replace(picture.SVG, "")


def test_a_notebook_draws_too():
    """Its cells run within an event loop."""

    async def cell() -> list[str]:
        return picture.svg([figure(CHART, Frame())], chromium.find())

    (drawn,) = asyncio.run(cell())
    assert {"loss", "tokens", "train 2"} <= set(ElementTree.fromstring(drawn).itertext())


def test_without_a_browser_the_reason_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(picture, "NAMES", ())
    with pytest.raises(picture.NoBrowserError, match="install one or name it in CHROMIUM"):
        picture.svg([])
