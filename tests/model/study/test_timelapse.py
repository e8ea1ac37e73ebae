"""A training's moments in 8 bits: how far off they may be, and how the file is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from model.study.timelapse import Moment, Timelapse, add, quantize

MATRICES = npst.arrays(
    np.float32, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.floats(-100, 100, width=32)
)


def weights(seed: int) -> dict[str, np.ndarray]:
    """A vector, a matrix and a stack of matrices, their rows of unlike size."""
    rng = np.random.default_rng(seed)
    rows = 10.0 ** rng.uniform(-4, 1, (6, 1))
    tensors = {
        "ln.weight": rng.normal(1, 0.1, 7),
        "embed.weight": rows * rng.normal(0, 1, (6, 7)),
        "w": rng.normal(0, 1, (2, 3, 5)),
    }
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items()}


@given(matrix=MATRICES)
def test_no_weight_is_further_off_than_half_its_rows_scale(matrix: np.ndarray):
    numbers, scale = quantize(matrix)
    assert numbers.dtype == np.int8
    assert scale.shape == (len(matrix), 1)
    bound = np.abs(matrix).max(axis=1, keepdims=True) / 254
    assert (np.abs(numbers * scale - matrix) <= bound * (1 + 1e-4) + 1e-30).all()


def test_moments_come_back_in_order_within_the_bound(tmp_path: Path):
    path = tmp_path / "timelapse.npz"
    moments = [Moment(step, 1000 * step, 8 / (step + 1)) for step in (0, 1, 9)]
    for moment in moments:
        add(path, moment, weights(moment.step))
    lapse = Timelapse(path)
    assert lapse.moments == tuple(moments)
    for index, moment in enumerate(moments):
        found, true = lapse.weights(index), weights(moment.step)
        assert found.keys() == true.keys()
        for name, tensor in true.items():
            bound = 1e-3 if tensor.ndim == 1 else np.abs(tensor).max(axis=-1, keepdims=True) / 253
            assert (np.abs(found[name] - tensor) <= bound).all()
            if tensor.ndim > 1:
                numbers, scale = quantize(tensor)
                np.testing.assert_array_equal(found[name], numbers * scale)
    with pytest.raises(IndexError, match="there is no moment 3"):
        lapse.weights(3)


def test_a_moment_taken_again_after_an_interruption_replaces_it_and_those_behind(tmp_path: Path):
    path = tmp_path / "timelapse.npz"
    for step in (0, 4, 9, 4):
        add(path, Moment(step, 0, float(step)), weights(step))
    assert [moment.step for moment in Timelapse(path).moments] == [0, 4]
    assert np.abs(Timelapse(path).weights(1)["w"] - weights(4)["w"]).max() < 0.02


def test_a_snapshot_takes_little_more_than_a_byte_a_weight(tmp_path: Path):
    add(
        tmp_path / "a.npz",
        Moment(0, 0, 0.0),
        {"w": np.random.default_rng(0).normal(size=(200, 512)).astype(np.float32)},
    )
    assert (tmp_path / "a.npz").stat().st_size < 1.05 * 200 * 512


def test_a_moment_that_moved_little_takes_little(tmp_path: Path):
    path, rng, sizes = tmp_path / "a.npz", np.random.default_rng(0), []
    before = rng.normal(size=(200, 512)).astype(np.float32)
    for step, moved in enumerate((0, 0, 1e-3, 1)):
        before = before + moved * rng.normal(size=before.shape).astype(np.float32)
        add(path, Moment(step, 0, 0.0), {"w": before})
        sizes.append(path.stat().st_size)
    same, near, far = np.diff(sizes) / (200 * 512)
    assert same < 0.05
    assert near < 0.3
    assert 0.8 < far < 1.05


def test_reading_needs_no_torch():
    code = "import sys, model.study.timelapse; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0
