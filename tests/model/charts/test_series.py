"""A figure holds the numbers it was given, its labels stand apart, and no name is read as markup."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.charts.series import LABEL, Axis, Chart, Frame, Series, Span, apart, figure

LOSS = Series("held-out", "attention", [1, 2, 4], [3.0, 2.5, 2.25], label="held-out 2.25")
LEVEL = Series("a <b> & c", "ink", [0, 4], [2.4, 2.4], "dashes", "a <b> & c")
CHART = Chart(Axis("tokens", low=0), Axis("loss", unit=" nats"), (LOSS, LEVEL), spans=(Span("trained", 0, 2),))


def test_each_trace_holds_the_numbers_of_its_series():
    traces = figure(CHART, Frame()).data
    assert [(list(trace.x), list(trace.y)) for trace in traces] == [(one.x, one.y) for one in CHART.series]


def test_axes_reach_over_all_values_unless_told_where_to_end():
    layout = figure(CHART, Frame()).layout
    assert tuple(layout.xaxis.range) == (0, 4)
    low, high = layout.yaxis.range
    assert low < 2.25 < 3 < high


def test_no_name_is_read_as_markup():
    drawn = figure(CHART, Frame())
    assert drawn.data[1].name == "a &lt;b&gt; &amp; c"
    assert "a &lt;b&gt; &amp; c" in [note.text for note in drawn.layout.annotations]


def test_a_level_and_a_line_that_end_close_together_have_labels_apart():
    notes = {note.text: note for note in figure(CHART, Frame()).layout.annotations}
    upper, lower = notes["a &lt;b&gt; &amp; c"], notes["held-out 2.25"]
    assert upper.yshift >= 0 >= lower.yshift


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_stand_apart_in_the_order_of_their_lines(heights: list[float]):
    places = [height + shift for height, shift in zip(heights, apart(heights), strict=True)]
    in_order = [place for _, place in sorted(zip(heights, places, strict=True))]
    assert all(above - below >= LABEL - 0.2 for below, above in itertools.pairwise(in_order))


def test_labels_that_are_far_apart_stay_where_they_are():
    assert apart([10, 100, 40]) == [0, 0, 0]


def test_a_series_without_values_is_refused():
    with pytest.raises(ValueError, match="alone has 1 places and 0 values"):
        Series("alone", "ink", [1], [])


def test_describing_a_chart_does_not_import_plotly():
    script = "import sys, model.charts.series, model.charts.picture; assert 'plotly' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
