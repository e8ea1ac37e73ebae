"""Why scores are divided by √d_head: the theory's own numbers, and what is measured on a head."""

from __future__ import annotations

import numpy as np
import pytest

from model.study import sampling, scaling


def test_of_unit_components_the_dot_product_has_variance_d_and_divided_one():
    """Vaswani et al. 2017, footnote 4."""
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(600, 64)), rng.normal(size=(600, 64))
    measured = scaling.measure(q, k, np.ones((600, 600), dtype=bool), 0, scales=True, bias=None)
    assert measured["variance"]["dot"] == pytest.approx(64, rel=0.02)
    assert measured["divided_variance"] == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("scales", [True, False])
def test_the_row_is_shown_both_ways_and_one_is_the_models_own(scales: bool):
    rng = np.random.default_rng(1)
    q, k, bias = rng.normal(size=(5, 16)), rng.normal(size=(5, 16)), rng.normal(size=(5, 5))
    allowed = np.tri(5, dtype=bool)
    measured = scaling.measure(q, k, allowed, 3, scales=scales, bias=bias)
    dots = k[:4] @ q[3]
    for name, scores in {"divided": dots / 4 + bias[3, :4], "undivided": dots + bias[3, :4]}.items():
        row = measured["row"][name]
        np.testing.assert_allclose(row["probabilities"], sampling.probabilities_of(scores))
        assert row["entropy_bits"] == pytest.approx(-sum(p * np.log2(p) for p in row["probabilities"]))
    assert measured["own"] == ("divided" if scales else "undivided")
    assert measured["pairs"] == 15
