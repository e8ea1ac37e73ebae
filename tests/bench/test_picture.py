"""The picture of the keystroke benchmark holds the numbers that it was given."""

from __future__ import annotations

from tests.bench.picture import figure

ROWS = [
    {"exhibit": "machine", "tokens": 32, "median_ms": 31.5, "p95_ms": 40.25},
    {"exhibit": "attention", "tokens": 128, "median_ms": 43.0, "p95_ms": 58.5},
]


def test_each_row_has_its_median_and_its_95th_percentile():
    drawn = figure(ROWS, "paper")
    (dots,) = drawn.data
    assert list(dots.y) == ["machine", "attention, 128 tokens"]
    assert list(dots.x) == [31.5, 43.0]
    assert [at + more for at, more in zip(dots.x, dots.error_x.array, strict=True)] == [40.25, 58.5]
    assert drawn.layout.xaxis.range[1] > 58.5
    assert {"31.5", "43.0"} <= {note.text for note in drawn.layout.annotations}
