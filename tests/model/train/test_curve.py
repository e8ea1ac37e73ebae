"""The loss curve as a file and as a chart, and the pictures of those that are committed."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from model.charts import picture
from model.charts.series import Frame, figure
from model.study import points
from model.study.points import Point
from model.train import curve
from model.train.__main__ import main
from model.zoo import CHECKPOINTS

POINTS = [Point(step, 3000 * step, step / 4000, 6 / step + 2, 5 / step + 2, 1 / step + 0.5) for step in (1, 2)]
POINTS += [Point(500, 1_500_000, 0.125, 2.012, 2.01, 0.502, lr=1.5e-3, clipped=7)]


def test_a_written_curve_is_read_back(tmp_path: Path):
    points.write(POINTS, tmp_path, "accuracy")
    first = (tmp_path / "curve.csv").read_text().splitlines()[0]
    assert first == "step,tokens,hours,train,held_out,accuracy,lr,clipped"
    for expected, got in zip(POINTS, points.read(tmp_path), strict=True):
        assert (got.lr, got.clipped) == (expected.lr, expected.clipped)
        assert (got.step, got.tokens) == (expected.step, expected.tokens)
        assert (got.train, got.held_out) == pytest.approx((expected.train, expected.held_out), rel=1e-5)


def test_a_curve_from_before_rates_and_clips_were_logged_is_read(tmp_path: Path):
    (tmp_path / "curve.csv").write_text("step,tokens,hours,train,held_out,accuracy\n5,90,0.5,4.5,3.25,0.125\n")
    assert points.read(tmp_path) == [Point(5, 90, 0.5, 4.5, 3.25, 0.125, lr=None, clipped=None)]


def test_what_a_curve_is_held_against_is_read_back(tmp_path: Path):
    assert curve.read_baselines(tmp_path) == {}
    curve.write_baselines({"5-gram": 3.0501234}, tmp_path)
    assert curve.read_baselines(tmp_path) == {"5-gram": 3.05012}


def test_the_figure_holds_the_points_and_names_its_lines():
    drawn = figure(curve.chart(POINTS, {"5-gram": 3.5}), Frame())
    level, train, held_out = drawn.data
    assert list(level.y) == [3.5, 3.5]
    assert list(train.x) == list(held_out.x) == [point.tokens / 1e6 for point in POINTS]
    assert list(train.y) == [point.train for point in POINTS]
    assert list(held_out.y) == [point.held_out for point in POINTS]
    labels = {note.text for note in drawn.layout.annotations}
    assert {"train 2.01", "held-out 2.01", "5-gram 3.50"} <= labels


def test_a_curve_of_one_point_can_be_drawn():
    assert figure(curve.chart(POINTS[:1], {}), Frame()).layout.xaxis.range == (0, 0.003)


def test_without_a_browser_the_points_stay_and_the_way_to_draw_them_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    points.write(POINTS, tmp_path, "accuracy")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(picture, "NAMES", ())
    with pytest.raises(SystemExit, match=r"in curve\.csv; `python -m model\.train curves FOLDER` draws them later"):
        main(["curves", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["curve.csv"]


@pytest.mark.parametrize(
    "folder", [path.parent for path in sorted(CHECKPOINTS.glob("*/curve.csv"))], ids=lambda path: path.name
)
def test_a_committed_picture_is_of_the_points_beside_it(folder: Path):
    drawn = figure(curve.chart(points.read(folder), curve.read_baselines(folder)), Frame())
    root = ElementTree.fromstring((folder / "curve.svg").read_text(encoding="utf-8"))
    said = set(root.itertext())
    assert {note.text for note in drawn.layout.annotations} <= said
    (plot,) = (group for group in root.findall("{*}g") if group.get("clip-path"))
    lines = [path.get("d", "").count("L") + 1 for path in plot]
    assert lines == [len(trace.x) for trace in drawn.data]
