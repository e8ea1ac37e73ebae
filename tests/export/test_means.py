"""The means that stand in for parts that are switched off: those of the bundled weights, and where they came from."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from export import means as measuring
from export.__main__ import CHECKPOINTS
from export.runtime import means
from export.runtime.session import Session
from model import config as configs
from model import stories, taps
from model.tokenizer import Tokenizer

BUNDLED = sorted(path.parent for path in CHECKPOINTS.glob("*/model.safetensors"))


@pytest.mark.parametrize("folder", BUNDLED, ids=lambda folder: folder.name)
def test_every_bundled_model_has_the_means_of_its_weights(folder: Path):
    config = configs.load(folder)
    found = means.load(folder, config)
    assert found is not None, f"{folder} has no {means.FILE}; python -m export means {folder.name} writes it"
    assert {name: mean.shape for name, mean in found.items()} == means.shapes(config)
    for name, mean in found.items():
        assert np.isfinite(mean).all(), name
        assert (np.abs(mean).max(axis=-1) > 0).all(), f"{name}: a part that never says anything"


def test_a_mean_is_that_over_all_tokens_but_the_first_of_its_text():
    folder, story = CHECKPOINTS / "gpt", stories.held_out()[0]
    session = Session(folder)
    ids = [token.id for token in Tokenizer.of(session.config, folder / "tokenizer.json").encode(story).tokens]
    assert len(ids) < session.config.n_ctx
    run = session.run(ids, taps=[taps.Z.name(4), taps.MLP_OUT.name(2)])
    found, count = measuring.measure(folder, [story])
    assert count == len(ids) - 1
    np.testing.assert_allclose(found["head_bias"][4], run.taps[taps.Z.name(4)][0, 1:].mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found["mlp_bias"][2], run.taps[taps.MLP_OUT.name(2)][0, 1:].mean(axis=0), atol=1e-5)


def test_a_t5_reads_what_is_left_and_writes_what_was_cut():
    story = stories.held_out()[0]
    found, count = measuring.measure(CHECKPOINTS / "t5", [story])
    config = configs.load(CHECKPOINTS / "t5")
    assert {name: mean.shape for name, mean in found.items()} == means.shapes(config)
    whole = len(Tokenizer.of(config, CHECKPOINTS / "t5" / "tokenizer.json").encode(story).tokens)
    assert 0.8 * whole < count < 0.95 * whole, "15 % is cut, and a sentinel stands where it was"


def test_means_of_other_weights_are_refused(tmp_path: Path):
    config = configs.load(CHECKPOINTS / "gpt-nope")
    shutil.copy(CHECKPOINTS / "gpt-nope" / means.FILE, tmp_path)
    shutil.copy(CHECKPOINTS / "gpt-rope" / "model.safetensors", tmp_path)
    with pytest.raises(ValueError, match=r"was measured on another model\.safetensors"):
        means.load(tmp_path, config)
    (tmp_path / means.FILE).unlink()
    assert means.load(tmp_path, config) is None
