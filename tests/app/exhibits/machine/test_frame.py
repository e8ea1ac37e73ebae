"""What the machine is sent: lengths, gates and embeddings recomputed from the taps, for every make of model."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.engine import Engine
from app.exhibits.machine import frame as machine
from app.exhibits.machine.anatomy import anatomy
from app.page.answers import Answers
from app.wire import payload
from app.wire.patterns import in_steps
from model import taps
from model.config import BertConfig, Config, GPTConfig, Place, PositionConfig, T5Config
from model.trace import ForwardTrace, Stream, Token
from tests.app.conftest import CONFIG
from tests.app.wire.test_payload import unpack

TEXT = "the little dog ran to the park"


@pytest.fixture
def trace(engine: Engine) -> ForwardTrace:
    return engine.trace(TEXT, model="tiny")


def drawn(trace: ForwardTrace, name: str) -> NDArray[Any]:
    """One array as the browser sees it."""
    return unpack(payload.pack(machine.drawing(trace)[1]), name)


def norm(vectors: NDArray[Any]) -> list[float]:
    """Euclidean lengths, one number at a time."""
    return [sum(float(x) ** 2 for x in vector) ** 0.5 for vector in vectors]


def made_up(config: Config, n_tokens: int = 3) -> ForwardTrace:
    """A trace of random taps, as nothing here depends on how they came about."""
    rng = np.random.default_rng(0)
    sizes = {**taps.sizes(config), "batch": 1}
    values = {
        name: rng.normal(size=[sizes.get(axis, n_tokens) for axis in tap.axes])
        for name, tap in taps.table(config).items()
    }
    stream = Stream("abc", (Token(1, "a", 0, 1),) * n_tokens)
    streams = dict.fromkeys(config.streams, stream)
    return ForwardTrace(config, streams, values, np.zeros((1, n_tokens, config.d_vocab)))


def test_lengths_of_the_stream_follow_it_from_block_to_block(trace: ForwardTrace) -> None:
    norms = drawn(trace, "norms")
    assert norms.shape == (2 * CONFIG.n_layers + 2, len(trace.tokens))
    np.testing.assert_allclose(norms[-1], norm(trace.read(taps.FINAL)), rtol=1e-5)
    np.testing.assert_allclose(norms[0], norm(trace.read(taps.RESID_PRE, 0)), rtol=1e-5)
    for layer in range(CONFIG.n_layers):
        np.testing.assert_allclose(norms[2 * layer + 1], norm(trace.read(taps.RESID_MID, layer)), rtol=1e-5)
        np.testing.assert_allclose(norms[2 * layer + 2], norm(trace.read(taps.RESID_POST, layer)), rtol=1e-5)


def test_the_open_block_is_told_token_by_token_and_the_stream_by_its_medians(trace: ForwardTrace) -> None:
    rivers, arrays = machine.drawing(trace, layer=1)
    packed = payload.pack(arrays)
    added = [norm(trace.read(tap, 1)) for tap in (taps.ATTN_OUT, taps.MLP_OUT)]
    np.testing.assert_allclose(unpack(packed, "added_open"), added, rtol=1e-5)
    medians = [np.median(row) for row in unpack(packed, "norms")]
    np.testing.assert_allclose(unpack(packed, "medians"), medians, rtol=1e-6)
    fed = max(max(norm(trace.read(taps.MLP_OUT, layer))) for layer in range(CONFIG.n_layers))
    assert rivers["text"]["every"] == 1
    assert rivers["text"]["fed"] == pytest.approx(fed, rel=1e-5)
    assert rivers["text"]["longest"] == pytest.approx(
        max(unpack(packed, name).max() for name in ("norms", "added")), rel=1e-6
    )


@pytest.mark.parametrize(("n_tokens", "size"), [(1, 1), (256, 1), (257, 4), (511, 4), (512, 8), (1000, 8), (8192, 128)])
def test_a_long_text_is_measured_in_groups(n_tokens: int, size: int) -> None:
    assert machine.every(n_tokens) == size
    lengths = np.random.default_rng(0).random((3, n_tokens), dtype=np.float32)
    means = [[float(row[at : at + size].mean()) for at in range(0, n_tokens, size)] for row in lengths]
    np.testing.assert_allclose(machine.grouped(lengths, size), means, rtol=1e-5)


def test_lengths_of_what_is_added_alternate_between_attention_and_feed_forward(trace: ForwardTrace) -> None:
    added = drawn(trace, "added")
    assert added.shape == (2 * CONFIG.n_layers, len(trace.tokens))
    for layer in range(CONFIG.n_layers):
        np.testing.assert_allclose(added[2 * layer], norm(trace.read(taps.ATTN_OUT, layer)), rtol=1e-5)
        np.testing.assert_allclose(added[2 * layer + 1], norm(trace.read(taps.MLP_OUT, layer)), rtol=1e-5)


def test_gates_are_the_router_of_each_layer_that_has_experts(trace: ForwardTrace) -> None:
    router = drawn(trace, "router")
    assert CONFIG.experts is not None
    assert router.shape == (len(CONFIG.expert_layers), len(trace.tokens), CONFIG.experts.n_experts)
    for index, layer in enumerate(CONFIG.expert_layers):
        np.testing.assert_allclose(router[index], trace.router(layer), rtol=1e-6)
    np.testing.assert_allclose(router.sum(axis=-1), 1, rtol=1e-6)


@pytest.mark.parametrize(("d_model", "cells"), [(4, 4), (32, 32), (48, 32), (64, 32), (192, 32)])
def test_a_cell_is_the_mean_of_neighbouring_dimensions(d_model: int, cells: int) -> None:
    config = GPTConfig(name="x", d_vocab=5, n_ctx=8, d_model=d_model, n_layers=1, n_heads=2, d_mlp=4)
    trace = made_up(config)
    embed, (scale,) = drawn(trace, "embed"), drawn(trace, "embed_scale")
    assert embed.shape == (3, 1, cells)
    edges = np.cumsum([0, *(d_model // cells + (cell < d_model % cells) for cell in range(cells))])
    for token, row in enumerate(trace.read(taps.EMBED)):
        means = [row[start:end].mean() for start, end in pairwise(edges)]
        np.testing.assert_allclose(embed[token, 0] * scale / 127, means, atol=0.51 * scale / 127)
    assert np.abs(embed).max() == 127


def test_a_model_without_experts_sends_no_gates() -> None:
    config = GPTConfig(name="dense", d_vocab=5, n_ctx=8, d_model=8, n_layers=2, n_heads=2, d_mlp=4)
    assert "router" not in machine.drawing(made_up(config))[1]


def test_side_by_side_blocks_are_measured_where_both_are_added() -> None:
    config = GPTConfig(name="neox", d_vocab=5, n_ctx=8, d_model=8, n_layers=2, n_heads=2, d_mlp=4, parallel=True)
    trace = made_up(config)
    norms, added = drawn(trace, "norms"), drawn(trace, "added")
    assert (len(norms), len(added)) == (1 + 2 + 1, 4)
    np.testing.assert_allclose(norms[2], norm(trace.read(taps.RESID_POST, 1)), rtol=1e-5)
    assert anatomy(config)["parallel"]


def test_where_norms_stand_in_the_stream_it_is_measured_before_and_after_each() -> None:
    config = BertConfig(name="b", d_vocab=5, n_ctx=8, d_model=8, n_layers=2, n_heads=2, d_mlp=4)
    trace = made_up(config)
    norms, embed = drawn(trace, "norms"), drawn(trace, "embed")
    assert len(norms) == 1 + 4 * 2
    for index, tap in enumerate((taps.RESID_MID, taps.POST_LN1, taps.RESID_POST, taps.POST_LN2)):
        np.testing.assert_allclose(norms[5 + index], norm(trace.read(tap, 1)), rtol=1e-5)
    assert embed.shape == (3, 3, 8)
    assert anatomy(config)["embeddings"] == ["token", "position", "segment"]


def test_a_decoder_has_three_parts_a_block_and_a_bridge() -> None:
    config = T5Config(name="t", d_vocab=5, n_ctx=8, d_model=8, n_layers=1, n_decoder_layers=2, n_heads=2, d_mlp=4)
    trace = made_up(config)
    norms, added = drawn(trace, "decoder_norms"), drawn(trace, "decoder_added")
    assert (len(norms), len(added)) == (1 + 3 * 2 + 1, 3 * 2)
    np.testing.assert_allclose(norms[5], norm(trace.read(taps.RESID_MID_CROSS, 1, "decoder")), rtol=1e-5)
    np.testing.assert_allclose(added[4], norm(trace.read(taps.CROSS_OUT, 1, "decoder")), rtol=1e-5)
    assert drawn(trace, "norms").shape == (4, 3)
    told, packed = machine.patterns(trace, 1, 1)
    assert {name: array.shape for name, array in packed.items()} == {
        "pattern": (2, 2, 3, 3),
        "pattern_head": (1, 1, 3, 3),
        "pattern_encoder": (1, 2, 3, 3),
        "pattern_head_encoder": (1, 1, 3, 3),
        "pattern_decoder": (2, 2, 3, 3),
        "pattern_head_decoder": (1, 1, 3, 3),
    }
    assert told == {"blocks": {"encoder": 1, "decoder": 1, "cross": 1}}
    heads: dict[str, tuple[Place, int]] = {"": ("cross", 1), "_encoder": ("encoder", 0), "_decoder": ("decoder", 1)}
    for of, (place, layer) in heads.items():
        expected = trace.pattern(layer, place)[1]
        kept = expected[np.tril_indices(3)] if place == "decoder" else expected
        np.testing.assert_array_equal(packed[f"pattern_head{of}"].values, in_steps(kept), place)


def test_an_anatomy_says_what_tells_architectures_apart() -> None:
    config = GPTConfig(
        name="m",
        d_vocab=5,
        n_ctx=8,
        d_model=8,
        n_layers=2,
        n_heads=2,
        d_mlp=4,
        positions=PositionConfig("learned"),
    )
    parts = anatomy(config)
    assert (parts["norm"], parts["feed"], parts["post_norm"]) == ("RMSNorm", "SwiGLU", False)
    assert parts["embeddings"] == ["token", "position"]


def test_embeddings_of_zero_have_a_scale() -> None:
    config = GPTConfig(name="zero", d_vocab=5, n_ctx=8, d_model=8, n_layers=1, n_heads=2, d_mlp=4)
    trace = made_up(config)
    nothing = {**trace.taps, taps.EMBED.template: np.zeros((1, 3, 8))}
    zero = ForwardTrace(config, trace.streams, nothing, trace.logits)
    assert not drawn(zero, "embed").any()
    assert drawn(zero, "embed_scale") == 1


def test_the_two_stacks_of_a_t5_are_drawn_on_one_scale() -> None:
    config = T5Config(name="t", d_vocab=5, n_ctx=8, d_model=64, n_layers=1, n_decoder_layers=2, n_heads=2, d_mlp=4)
    trace = made_up(config)
    (scale,) = drawn(trace, "embed_scale")
    assert "decoder_embed_scale" not in machine.drawing(trace)[1]
    pairs = trace.read(taps.EMBED, place="encoder"), trace.read(taps.EMBED, place="decoder")
    means = [np.reshape(rows, (3, 32, 2)).mean(axis=-1) for rows in pairs]
    largest = [np.abs(each).max() for each in means]
    assert largest[0] != largest[1]
    assert scale == pytest.approx(max(largest))
    for name, each in zip(("embed", "decoder_embed"), means, strict=True):
        np.testing.assert_allclose(drawn(trace, name)[:, 0] * scale / 127, each, atol=0.51 * scale / 127)


def test_the_frame_of_one_token_is_whole(answers: Answers) -> None:
    request = {"seq": 1, "text": "", "model": "tiny", "exhibit": "machine"}
    settings = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0}
    frame = answers.frame({**request, "sampling": settings})
    shapes = {name: tuple(array["shape"]) for name, array in frame["arrays"].items()}
    assert shapes["norms"] == (8, 1)
    assert shapes["router"] == (2, 1, 4)
    assert shapes["embed"] == (1, 1, 24)
