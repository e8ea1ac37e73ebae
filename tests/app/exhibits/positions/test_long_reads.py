"""How the small models read far beyond their training: the curve and the losses against readings without a cache."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from app.engine import Engine
from app.exhibits.positions import long_reads
from app.exhibits.positions.long_reads import LongReads
from app.running.model import Model
from model import stories

TEXT = "The little dog ran to the park because he saw a big red ball."


@pytest.fixture(scope="module")
def bundled() -> Engine:
    """The models that come with the project."""
    return Engine()


def story_ids(model: Model) -> list[int]:
    """The stories as one row, the end-of-text token before each."""
    end, ids = model.config.bos_token_id, list[int]()
    assert end is not None
    for story in stories.held_out():
        ids += [end, *model.tokenizer.inner.encode(story, add_special_tokens=False).ids]
    return ids


def nats(model: Model, ids: list[int]) -> NDArray[np.float64]:
    """-ln p of each token but the first, all read at once."""
    logits = model.graph("tapped").run(ids[:-1]).logits[0].astype(np.float64)
    chances = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return -np.log(chances[np.arange(len(ids) - 1), ids[1:]])


@pytest.mark.parametrize(("name", "n_read"), [("gpt-nope", 512), ("gpt-learned", 128)])
def test_the_curve_is_the_mean_over_eight_stretches_as_far_as_positions_reach(
    bundled: Engine, name: str, n_read: int
) -> None:
    model = bundled.model(name)
    ids = story_ids(model)
    losses = [nats(model, ids[at : at + n_read + 1]) for at in range(0, 8 * 512, 512)]
    expected = np.mean(losses, axis=0).reshape(n_read // 32, 32).mean(axis=1)
    stretches = long_reads.read_stretches(model)
    np.testing.assert_allclose(stretches.curve, expected, rtol=1e-4)
    assert (stretches.past is None) is (n_read < 512)


def test_a_text_is_read_alone_and_behind_511_tokens_of_stories(bundled: Engine) -> None:
    model = bundled.model("gpt-alibi")
    stretches = LongReads().stretches(model)
    assert stretches is not None
    assert stretches.past is not None
    assert stretches.past[0][0].shape[-2] == 511
    ids = [token.id for token in model.tokenizer.encode(TEXT, 128).tokens]
    losses = long_reads.read_text(model, TEXT, stretches.past)
    assert losses["tokens"] == len(ids) - 1
    assert losses["alone"] == pytest.approx(nats(model, ids).mean(), rel=1e-4)
    behind = nats(model, [*story_ids(model)[:511], *ids])[511:]
    assert losses["behind"] == pytest.approx(behind.mean(), rel=1e-4)
    assert losses["alone"] != pytest.approx(losses["behind"], rel=1e-2)


def test_of_a_long_text_as_many_tokens_as_were_trained_on_are_read(bundled: Engine) -> None:
    model = bundled.model("gpt-nope")
    text = f"{TEXT} " * 20
    ids = [token.id for token in model.tokenizer.encode(text, 4096).tokens]
    losses = long_reads.read_text(model, text, None)
    assert losses["tokens"] == 127 < len(ids)
    assert losses["alone"] == pytest.approx(nats(model, [ids[0], *ids[-127:]]).mean(), rel=1e-4)
    assert losses["behind"] is None


def test_of_no_text_nothing_is_said(bundled: Engine) -> None:
    assert long_reads.read_text(bundled.model("gpt-nope"), "", None) == {"tokens": 0, "alone": None, "behind": None}


def test_the_table_of_the_training_is_the_file_beside_the_model(bundled: Engine) -> None:
    model = bundled.model("gpt-nope")
    assert long_reads.lengths(model) == json.loads((model.folder / "lengths.json").read_text(encoding="utf-8"))
    assert long_reads.lengths(bundled.model("gpt")) is None
