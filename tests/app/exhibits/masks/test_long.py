"""What the Masks exhibit is sent of a long text: a part of what is sent of a short one; and what it measures anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.engine import Engine
from app.exhibits.masks import frame as masks_frame
from app.exhibits.masks.reach import Kept
from app.page.answers import Answers
from app.wire.mask_specification import Mask, base, by_layer, with_self
from app.wire.patterns import in_steps
from model.config import GPTConfig
from model.study import sparsity
from tests.app.page.test_answers import ask
from tests.app.wire.test_mask_specification import painted
from tests.app.wire.test_payload import unpack

TEXT = "Tom and Anna went to the park. Tom gave the ball to her. " * 5
MORE = (" and", " then", " they", " ran")
LONG, SHOWN = 40, 24
SPECS = (None, "window:4", "strided:6", "longformer:4:1", "bigbird:4:1:1:7", "document:20:41", painted(9, [(4, 1)]))
ARRAYS = ("pattern_head", "lost", "allowed", "steps")
TWO_WIDTHS = GPTConfig(
    name="small", d_model=8, n_layers=5, n_heads=2, d_mlp=16, d_vocab=32, n_ctx=99, window=4, window_layers=(0, 1, 3)
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is long that the bundled models can read, and it is read in several blocks."""
    monkeypatch.setattr(masks_frame, "LONG", LONG)
    monkeypatch.setattr(masks_frame, "SHOWN", SHOWN)
    monkeypatch.setattr("app.running.prefix.BLOCK", 16)
    monkeypatch.setattr("app.running.prefix.WHOLE", 16)


def asked(mask: str | None, text: str, **fields: Any) -> dict[str, Any]:
    changes = {} if mask is None else {"mask": mask}
    return ask(exhibit="masks", model="gpt", text=text, interventions=changes, layer=2, head=3) | fields


def of_all(array: np.ndarray, frame: dict[str, Any]) -> np.ndarray:
    """The cells of a frame that shows all, one by one."""
    n = len(frame["tokens"])
    return np.unpackbits(array)[: n * n].reshape(n, n)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("mask", SPECS)
@pytest.mark.parametrize("of", ["head", "mean"])
def test_a_long_text_shows_a_part_of_what_would_be_sent_of_all(
    mask: str | None, of: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    """Of each key's text, all of it from another engine, which has read nothing else."""
    typing = Answers(engine)
    for at in range(len(MORE) + 1):
        request = asked(mask, TEXT + "".join(MORE[:at]), pattern_of=of)
        frame = typing.frame(request)
        with monkeypatch.context() as patched:
            patched.setattr(masks_frame, "LONG", 10**6)
            whole = Answers(engine).frame(request)
        assert "shown" not in whole["masks"]
        first, end = frame["masks"].pop("shown")
        n = len(frame["tokens"])
        assert (first, end) == (n - SHOWN, n)
        assert frame["masks"] == whole["masks"]
        assert frame["change"] == whole["change"]
        cut = np.s_[first:end, first:end]
        pattern, lost, allowed, steps = (unpack(whole, name) for name in ARRAYS)
        assert np.array_equal(unpack(frame, "pattern_head")[0, 0], pattern[0, 0][cut])
        shown = lost[2, 3] if of == "head" else lost[2].mean(axis=0, dtype=np.float64)
        np.testing.assert_allclose(unpack(frame, "lost"), shown[first:end], atol=1e-6)
        np.testing.assert_allclose(unpack(frame, "lost_mean"), lost.mean(axis=-1), atol=1e-6)
        bits = np.unpackbits(unpack(frame, "allowed"))[: SHOWN**2].reshape(SHOWN, SHOWN)
        assert np.array_equal(bits, of_all(allowed, frame)[cut])
        assert np.array_equal(unpack(frame, "steps"), steps[cut])
        heard = [[(row <= layers).sum() for layers in range(7)] for row in steps[first:end]]
        assert unpack(frame, "heard").tolist() == heard


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(("query", "first"), [(None, -SHOWN), (0, 0), (11, 0), (30, 18), (10**6, -SHOWN)])
def test_the_token_that_is_selected_stands_in_the_middle_of_what_is_shown(
    query: int | None, first: int, engine: Engine
):
    frame = Answers(engine).frame(asked("window:4", TEXT, query=query))
    n = len(frame["tokens"])
    start = first % n
    assert frame["masks"]["shown"] == [start, start + SHOWN]
    expected = (
        engine.trace(TEXT).pattern(2).mean(axis=0, dtype=np.float64)[start : start + SHOWN, start : start + SHOWN]
    )
    assert np.array_equal(unpack(frame, "pattern_head")[0, 0], in_steps(expected))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("model", ["bert", "t5"])
def test_models_that_read_both_ways_show_a_part_too(model: str, engine: Engine, monkeypatch: pytest.MonkeyPatch):
    request = asked("bigbird:4:1:1:7", TEXT, model=model, query=50)
    frame = Answers(engine).frame(request)
    monkeypatch.setattr(masks_frame, "LONG", 10**6)
    whole = Answers(engine).frame(request)
    first, end = frame["masks"]["shown"]
    assert end - first == SHOWN < len(frame["tokens"]) > LONG
    assert first == 50 - SHOWN // 2
    for name in ("pattern_head", "steps"):
        assert np.array_equal(unpack(frame, name), unpack(whole, name)[..., first:end, first:end])
    np.testing.assert_allclose(unpack(frame, "lost_mean"), unpack(whole, "lost").mean(axis=-1), atol=1e-6)


@pytest.mark.usefixtures("short")
def test_a_key_measures_only_what_has_changed(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    answers = Answers(engine)
    answers.frame(asked("window:3", TEXT))
    measured, walked = list[int](), list[int]()
    mass_lost, steps_from = sparsity.mass_lost, sparsity.steps_from

    def counted(pattern: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        measured.append(pattern.shape[1])
        return mass_lost(pattern, allowed)

    def followed(query: int, allowed: sparsity.Layers) -> np.ndarray:
        walked.append(query)
        return steps_from(query, allowed)

    monkeypatch.setattr(sparsity, "mass_lost", counted)
    monkeypatch.setattr(sparsity, "steps_from", followed)
    frame = answers.frame(asked("window:3", TEXT + MORE[0]))
    n = len(frame["tokens"])
    n_new = n - len(engine.trace(TEXT).tokens)
    assert sum(measured) <= (n_new + 1) * len(frame["masks"]["layers"])
    assert walked == list(range(n - n_new, n))
    measured.clear()
    answers.frame(asked(None, TEXT + MORE[0]))
    assert measured == [], "without a mask nothing is lost"


@pytest.mark.parametrize("mask", ["window:3", "bigbird:4:1:1:7", "document:30", None])
def test_how_far_is_heard_is_kept_for_longer_texts_and_true_of_them(mask: str | None):
    """Of layers that differ, and of one mask after the other."""
    kept = Kept()
    named = None if mask is None else Mask.read(mask, TWO_WIDTHS)
    for n in (60, 61, 75, 50):
        allowed = base(n, TWO_WIDTHS) if named is None else named.allowed(n, TWO_WIDTHS)
        squares = by_layer(with_self(allowed), TWO_WIDTHS)
        steps, heard = kept.reach(TWO_WIDTHS, named, squares, slice(n - 30, n))
        whole = sparsity.steps_to_reach(squares)
        assert np.array_equal(steps, whole[n - 30 :, n - 30 :])
        assert heard.tolist() == [[(row <= layers).sum() for layers in range(6)] for row in whole[n - 30 :]]
