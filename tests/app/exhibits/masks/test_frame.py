"""What the Masks exhibit is sent by the bundled models: the masked pass against PyTorch and against the formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from app.engine import Engine
from app.exhibits.cache import clock
from app.exhibits.masks.frame import counts
from app.exhibits.sampling.continuations import Decoder
from app.page.answers import Answers
from app.wire.interventions import Interventions
from app.wire.mask_specification import Mask, base, by_layer, with_self
from app.wire.patterns import in_steps
from model import pretrained, taps
from model.config import Config, GPTConfig, T5Config
from model.trace import ForwardTrace
from tests.app.page.test_answers import ask
from tests.app.wire.test_mask_specification import painted
from tests.app.wire.test_payload import unpack

TEXT = "Tom and Anna went to the park. Tom gave the ball to"
SPECS = ("window:3", "strided:4", "fixed:4:1", "longformer:2:1", "bigbird:2:1:1:5", "document:8", painted(9, [(4, 1)]))


@pytest.fixture(scope="module")
def real() -> Answers:
    """Answers of the models that ship."""
    return Answers(Engine())


def frame_of(real: Answers, mask: str | None, **fields: Any) -> dict[str, Any]:
    changed = {} if mask is None else {"mask": mask}
    request = {"exhibit": "masks", "model": "gpt", "text": TEXT, "interventions": changed}
    return real.frame(ask(**request | fields))


def masked(real: Answers, mask: str, model: str = "gpt") -> ForwardTrace:
    config = real.engine.config(model)
    return real.engine.read(TEXT, model, Interventions(mask=Mask.read(mask, config))).trace


def allowed(mask: str, n_tokens: int, config: Config) -> np.ndarray:
    """In every layer: none of the bundled models has a window."""
    return with_self(Mask.read(mask, config).allowed(n_tokens, config))[0]


@pytest.mark.parametrize("spec", SPECS)
def test_the_masked_graph_says_what_pytorch_says_under_the_same_mask(real: Answers, spec: str):
    trace = masked(real, spec)
    module = pretrained.load("gpt").module.eval()
    ids = torch.tensor([[token.id for token in trace.tokens]])
    mask = torch.from_numpy(allowed(spec, ids.shape[1], trace.config))[None]
    with torch.no_grad():
        expected = module(ids, attention_mask=mask).logits.numpy()
    np.testing.assert_allclose(trace.logits, expected, atol=2e-3)
    assert not np.allclose(trace.logits, real.engine.trace(TEXT).logits, atol=2e-3) or spec.startswith("painted")


@pytest.mark.parametrize("spec", SPECS)
def test_every_pattern_is_the_softmax_over_the_allowed_keys_alone(real: Answers, spec: str):
    """Attention in float64 out of the graph's own queries and keys, for one layer."""
    trace, layer = masked(real, spec), 1
    may = allowed(spec, len(trace.tokens), trace.config)
    for head in range(trace.config.n_heads):
        q, k, _ = (rows.astype(np.float64) for rows in trace.qkv(layer, head))
        scores = np.where(may, q @ k.T / np.sqrt(trace.config.head_width), -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        expected = weights / weights.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(trace.pattern(layer)[head], expected, atol=1e-5)


def test_a_token_left_nothing_attends_to_itself_and_nothing_is_not_a_number(real: Answers):
    spec = painted(6, [(5, key) for key in range(6)])
    frame, trace = frame_of(real, spec), masked(real, spec)
    assert frame["masks"]["alone"] == [5]
    assert np.isfinite(trace.logits).all()
    np.testing.assert_allclose(trace.pattern(2)[:, 5, 5], 1)
    assert all(layer["pairs"] == layer["of"] - 5 for layer in frame["masks"]["layers"]), "its own cell is left"


@pytest.mark.parametrize("spec", SPECS)
def test_what_is_lost_saved_and_changed_is_counted_from_the_passes(real: Answers, spec: str):
    frame, before, after = frame_of(real, spec), real.engine.trace(TEXT), masked(real, spec)
    config, n = before.config, len(before.tokens)
    may = allowed(spec, n, config)
    lost = np.stack([before.pattern(layer) for layer in range(config.n_layers)])[..., ~may].sum(axis=-1)
    np.testing.assert_allclose(unpack(frame, "lost").sum(axis=-1), lost, atol=1e-4)
    bits = np.unpackbits(unpack(frame, "allowed"), count=n * n).reshape(n, n)
    assert np.array_equal(bits, may)
    sums = frame["masks"]
    assert {(layer["pairs"], layer["of"]) for layer in sums["layers"]} == {(may.sum(), n * (n + 1) // 2)}
    assert sums["multiply_adds"]["kept"] == may.sum() * 2 * config.head_width * config.n_heads * config.n_layers
    p, q = (softmax(trace.logits[0, -1]) for trace in (before, after))
    assert frame["change"]["kl_bits"] == pytest.approx(float((p * np.log2(p / q)).sum()), abs=1e-5)
    assert frame["next"]["top"][0]["probability"] == pytest.approx(q.max(), rel=1e-5)


def test_the_reach_of_a_frame_is_the_boolean_power_of_its_mask(real: Answers):
    frame = frame_of(real, "window:3")
    n = len(frame["tokens"])
    steps, once = unpack(frame, "steps"), allowed("window:3", n, real.engine.config("gpt"))
    for layers in range(1, 7):
        reached = np.linalg.matrix_power(once.astype(np.int64), layers) > 0
        assert np.array_equal(steps <= layers, reached)


def test_without_a_mask_nothing_is_lost(real: Answers):
    frame = frame_of(real, None)
    assert frame["change"] is None
    assert not unpack(frame, "lost").any()
    for layer in frame["masks"]["layers"]:
        assert layer["pairs"] == layer["of"]
        assert layer["at_lengths"]["of"] == layer["at_lengths"]["pairs"]


def test_before_is_the_model_with_its_other_changes(real: Answers):
    """The exhibit speaks of the mask alone, whatever head is off besides."""
    other: Mapping[str, Any] = {"heads_off": ["text.1.2"]}
    frame = frame_of(real, None, interventions={**other, "mask": "window:3"})
    alone = real.frame(ask(exhibit="masks", model="gpt", text=TEXT, interventions=dict(other)))
    assert np.array_equal(unpack(frame, "pattern_head"), unpack(alone, "pattern_head"))
    assert alone["change"] is None


@pytest.mark.parametrize("of", ["head", "mean"])
def test_what_is_looked_at_is_one_head_before_the_mask_or_the_mean_over_its_layer(real: Answers, of: str):
    request = ask(exhibit="masks", model="gpt", text=TEXT, interventions={"mask": "window:3"})
    frame = real.frame({**request, "layer": 2, "head": 3, "pattern_of": of})
    layer = real.engine.trace(TEXT).pattern(2)
    expected = layer[3] if of == "head" else layer.mean(axis=0, dtype=np.float64)
    np.testing.assert_array_equal(unpack(frame, "pattern_head")[0, 0], in_steps(expected))
    assert (frame["layer"], frame["head"]) == (2, 3)


@pytest.mark.parametrize("model", ["bert", "t5"])
def test_models_that_read_both_ways_are_masked_in_their_own_square(real: Answers, model: str):
    config = real.engine.config(model)
    frame, trace = frame_of(real, "window:2", model=model), masked(real, "window:2", model)
    n = len(frame["tokens"])
    assert {(layer["pairs"], layer["of"]) for layer in frame["masks"]["layers"]} == {(3 * n - 2, n * n)}
    pattern = trace.read(taps.PATTERN, 0, "encoder" if isinstance(config, T5Config) else "text")
    far = ~np.tri(n, k=1, dtype=np.bool_) | np.tri(n, k=-2, dtype=np.bool_)
    assert not pattern[:, far].any()
    assert base(n, config).all()
    if isinstance(config, T5Config):
        assert np.any(trace.pattern(0, "cross")[:, :, -1] > 0, axis=0).all(), "what the decoder reads is left alone"


WINDOWED = GPTConfig(
    name="small", d_model=8, n_layers=3, n_heads=2, d_mlp=16, d_vocab=32, n_ctx=64, window=4, window_layers=(0, 2)
)


def test_a_model_s_own_window_is_the_base_of_its_layers_and_of_no_others():
    n = 11
    cells = base(n, WINDOWED)
    layers = by_layer(cells, WINDOWED)
    distance = np.arange(n)[:, None] - np.arange(n)
    assert np.array_equal(layers[0], (distance >= 0) & (distance < 4))
    assert layers[0] is layers[2]
    assert np.array_equal(layers[1], distance >= 0)
    sums = counts(cells, None, WINDOWED)
    narrow, whole = 4 * n - 6, n * (n + 1) // 2
    counted = [(layer["of"], layer["pairs"]) for layer in sums["layers"]]
    assert counted == [(pairs, pairs) for pairs in (narrow, whole, narrow)]
    assert sums["multiply_adds"]["of"] == (2 * narrow + whole) * 2 * WINDOWED.head_width * WINDOWED.n_heads
    by_formula = [layer["at_lengths"]["of"][sums["lengths"].index(8)] for layer in sums["layers"]]
    assert by_formula == [26, 36, 26]


@pytest.mark.parametrize(("window", "narrow", "whole", "of_eight"), [(6, 4 * 11 - 6, 6 * 11 - 15, 26), (3, 30, 30, 21)])
def test_a_mask_saves_only_what_the_model_s_own_window_left(window: int, narrow: int, whole: int, of_eight: int):
    mask = Mask.read(f"window:{window}", WINDOWED)
    layers = counts(mask.allowed(11, WINDOWED), mask, WINDOWED)["layers"]
    assert [layer["pairs"] for layer in layers] == [narrow, whole, narrow]
    assert layers[0]["at_lengths"]["pairs"][0] == of_eight


def test_no_formula_has_a_stride_within_a_window():
    mask = Mask.read("strided:3", WINDOWED)
    layers = counts(mask.allowed(11, WINDOWED), mask, WINDOWED)["layers"]
    assert [layer["at_lengths"]["pairs"] is None for layer in layers] == [True, False, True]


def test_a_token_whose_window_is_forbidden_attends_to_itself_in_every_layer():
    mask = Mask.read(painted(9, [(8, key) for key in range(5, 9)]), WINDOWED)
    allowed = mask.allowed(9, WINDOWED)
    assert allowed[1, 8, :5].all()
    assert not allowed[0, 8].any()
    assert counts(allowed, mask, WINDOWED)["alone"] == [8]
    given = Interventions(mask=mask).inputs(WINDOWED, 9)["attention_mask"]
    assert np.flatnonzero(given[0, 8]).tolist() == [0, 1, 2, 3, 4, 8]


@pytest.mark.parametrize("spec", ["window:3", "document:8"])
def test_a_continuation_with_a_cache_is_masked_as_a_whole_pass_is(real: Answers, spec: str):
    """The new token's row alone enters the graph: shifted by a cache, a mask would be another mask."""
    config = real.engine.config("gpt")
    reading = real.engine.read(TEXT, "gpt", Interventions(mask=Mask.read(spec, config)))
    grown = Decoder(reading, room=2)
    ids = [token.id for token in reading.trace.tokens]
    for id in (17, 300):
        ids.append(id)
        mask = allowed(spec, len(ids), config)[None]
        whole = reading.model.session.run(ids, attention_mask=mask).logits[0, -1]
        np.testing.assert_allclose(grown([0], [id])[0], whole, atol=1e-3)
    step, expected = clock.newest(reading, 0), reading.trace.logits[0, -1]
    for run in (step.cached, step.uncached):
        np.testing.assert_allclose(run().logits[0, -1], expected, atol=1e-3)


def test_a_frame_of_thirty_two_tokens_stays_small(real: Answers):
    frame = frame_of(real, "window:4", text="the dog ran to the park and " * 4 + "the cat sat")
    assert len(frame["tokens"]) >= 32
    assert len(str(frame)) < 80_000


def softmax(logits: np.ndarray) -> np.ndarray:
    unnormalized = np.exp(logits.astype(np.float64) - logits.max())
    return unnormalized / unnormalized.sum()
