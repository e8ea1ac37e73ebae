"""The ForwardTrace: what it accepts, what it refuses, and that its readers give the right part of the right array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model import taps
from model.config import ExpertsConfig, GPTConfig
from model.trace import ForwardTrace, Stream, Token

CONFIG = GPTConfig(
    name="tiny",
    d_vocab=11,
    n_ctx=16,
    d_model=12,
    n_layers=2,
    n_heads=6,
    n_kv_heads=2,
    d_mlp=8,
    experts=ExpertsConfig(n_experts=3, top_k=2, d_expert=4, every=2),
)
N_TOKENS = 5
STREAM = Stream("hello", tuple(Token(id, char, id, id + 1, char.encode()) for id, char in enumerate("hello")))


def random_arrays(batch: int = 1) -> tuple[dict[str, NDArray[Any]], NDArray[Any]]:
    """Every tap of `CONFIG`, and logits."""
    rng = np.random.default_rng(0)
    sizes = taps.sizes(CONFIG) | {"batch": batch} | dict.fromkeys(("pos", "query", "key"), N_TOKENS)
    arrays = {
        name: rng.normal(size=[sizes[axis] for axis in tap.axes]).astype(np.float32)
        for name, tap in taps.table(CONFIG).items()
    }
    return arrays, rng.normal(size=(batch, N_TOKENS, CONFIG.d_vocab)).astype(np.float32)


def trace(batch: int = 1) -> ForwardTrace:
    arrays, logits = random_arrays(batch)
    return ForwardTrace(CONFIG, {"text": STREAM}, arrays, logits)


def test_every_tap_of_the_table_is_accepted_and_so_is_none() -> None:
    assert set(trace().taps) == set(taps.table(CONFIG))
    assert not ForwardTrace(CONFIG, {"text": STREAM}, {}, random_arrays()[1]).taps


def test_the_length_of_every_axis_is_known() -> None:
    sizes = trace(batch=2).sizes
    assert {axis: sizes[axis] for axis in ("batch", "pos", "query", "key", "head", "kv_head", "d_head", "expert")} == {
        "batch": 2,
        "pos": 5,
        "query": 5,
        "key": 5,
        "head": 6,
        "kv_head": 2,
        "d_head": 2,
        "expert": 3,
    }


@pytest.mark.parametrize("name", taps.table(CONFIG))
def test_a_tap_of_another_shape_is_refused_with_both_shapes(name: str) -> None:
    arrays, logits = random_arrays()
    right = arrays[name].shape
    for axis in range(arrays[name].ndim):
        wrong = np.concatenate([arrays[name], arrays[name]], axis=axis)
        with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the message is compared below
            ForwardTrace(CONFIG, {"text": STREAM}, arrays | {name: wrong}, logits)
        assert str(refusal.value).startswith(f"{name} has shape {wrong.shape}; ")
        assert str(refusal.value).endswith(f"should be {right}")


@pytest.mark.parametrize("name", ["blocks.2.hook_resid_pre", "blocks.0.mlp.hook_router_logits", "hook_pos_embed", ""])
def test_a_tap_that_the_model_does_not_have_is_refused_by_name(name: str) -> None:
    arrays, logits = random_arrays()
    with pytest.raises(ValueError, match=f"tiny has no tap '{name}'"):
        ForwardTrace(CONFIG, {"text": STREAM}, arrays | {name: arrays["hook_embed"]}, logits)


@pytest.mark.parametrize("shape", [(1, 5, 10), (1, 4, 11), (5, 11), (1, 1, 5, 11), ()])
def test_logits_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="logits have shape"):
        ForwardTrace(CONFIG, {"text": STREAM}, {}, np.zeros(shape, dtype=np.float32))


def test_a_stream_under_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="streams are \\['encoder'\\]"):
        ForwardTrace(CONFIG, {"encoder": STREAM}, {}, random_arrays()[1])


def test_nothing_in_a_trace_can_be_changed() -> None:
    arrays, logits = random_arrays()
    held = ForwardTrace(CONFIG, {"text": STREAM}, arrays, logits)
    with pytest.raises(ValueError, match="read-only"):
        held.taps["hook_embed"][0] = 0
    with pytest.raises(ValueError, match="read-only"):
        held.pattern(0)[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        held.logits[0] = 0
    with pytest.raises(TypeError):
        held.taps["hook_embed"] = arrays["hook_embed"]  # type: ignore[index]
    arrays["hook_embed"] = arrays["hook_embed"] + 1
    assert (held.taps["hook_embed"] != arrays["hook_embed"]).all()
    logits[0] = 0  # the caller's own arrays stay the caller's


def test_readers_drop_the_batch_axis_of_the_first_sequence() -> None:
    held = trace(batch=2)
    np.testing.assert_array_equal(held.pattern(1), held.taps["blocks.1.attn.hook_pattern"][0])
    np.testing.assert_array_equal(held.read(taps.RESID_POST, 1), held.taps["blocks.1.hook_resid_post"][0])
    np.testing.assert_array_equal(held.read(taps.EMBED), held.taps["hook_embed"][0])


def test_query_heads_read_the_key_head_of_their_group() -> None:
    held = trace()
    for head, kv_head in enumerate([0, 0, 0, 1, 1, 1]):
        q, k, v = held.qkv(1, head)
        np.testing.assert_array_equal(q, held.taps["blocks.1.attn.hook_rot_q"][0, :, head])
        np.testing.assert_array_equal(k, held.taps["blocks.1.attn.hook_rot_k"][0, :, kv_head])
        np.testing.assert_array_equal(v, held.taps["blocks.1.attn.hook_v"][0, :, kv_head])


def test_router_rows_are_the_softmax_of_all_experts_even_at_extremes() -> None:
    arrays, logits = random_arrays()
    name = "blocks.1.mlp.hook_router_logits"
    arrays[name][0, 0] = [1e4, 0, 0]
    arrays[name][0, 1] = [-np.inf, 0, 0]
    router = ForwardTrace(CONFIG, {"text": STREAM}, arrays, logits).router(1)
    np.testing.assert_allclose(router.sum(axis=-1), 1, rtol=1e-6)
    np.testing.assert_array_equal(router[:2], [[1, 0, 0], [0, 0.5, 0.5]])
    expected = np.exp(arrays[name][0, 2:]) / np.exp(arrays[name][0, 2:]).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(router[2:], expected, rtol=1e-6)


def test_a_tap_that_was_not_kept_is_a_key_error_with_its_name() -> None:
    held = ForwardTrace(CONFIG, {"text": STREAM}, {}, random_arrays()[1])
    with pytest.raises(KeyError, match="blocks.1.attn.hook_pattern"):
        held.pattern(1)


def test_the_cache_is_what_the_dot_product_sees_and_the_values() -> None:
    held = trace()
    key, value = held.cache(0)
    np.testing.assert_array_equal(key, held.taps["blocks.0.attn.hook_rot_k"][0])
    np.testing.assert_array_equal(value, held.taps["blocks.0.attn.hook_v"][0])
