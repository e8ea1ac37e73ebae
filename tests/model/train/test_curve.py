"""The loss curve as a file and as a drawing."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.train.curve import HEIGHT, Point, draw, read, ticks, write

POINTS = [Point(step, 3000 * step, step / 4000, 6 / step + 2, 5 / step + 2, 1 / step + 0.5) for step in (1, 2, 500)]


def test_a_written_curve_is_read_back(tmp_path: Path):
    write(POINTS, tmp_path, "accuracy")
    assert (tmp_path / "curve.csv").read_text().splitlines()[0] == "step,tokens,hours,train,held_out,accuracy"
    for expected, got in zip(POINTS, read(tmp_path), strict=True):
        assert (got.step, got.tokens) == (expected.step, expected.tokens)
        assert (got.train, got.held_out) == pytest.approx((expected.train, expected.held_out), rel=1e-5)


def test_the_drawing_goes_down_where_the_loss_does_and_names_its_lines():
    root = ElementTree.fromstring(draw(POINTS, {"5-gram": 3.5}))
    curves = [path.attrib["d"] for path in root.findall(".//{*}path") if path.get("fill") == "none"]
    assert len(curves) == 2
    for curve in curves:
        heights = [float(at.split()[1]) for at in curve[1:].split("L")]
        assert heights == sorted(heights)  # SVG counts downwards
        assert max(heights) < HEIGHT
    labels = "".join(root.itertext())
    assert all(name in labels for name in ("train 2.01", "held-out 2.01", "5-gram 3.50"))


def test_a_curve_of_one_point_can_be_drawn():
    assert ElementTree.fromstring(draw(POINTS[:1])).tag.endswith("svg")


@given(low=st.floats(0, 10), length=st.floats(0.2, 100))
def test_ticks_are_few_and_inside(low: float, length: float):
    found = ticks(low, low + length)
    assert 3 <= len(found) <= 11
    assert all(low - 1e-9 <= tick <= low + length + 1e-9 for tick in found)
