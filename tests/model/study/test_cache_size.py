"""The memory of a KV cache: the formulas against real tensors and hand-made figures."""

from __future__ import annotations

import pytest
import torch

from model.config import PRESETS, GPTConfig, T5Config
from model.study import cache_size
from model.study.cache_size import CacheShape
from model.transformer import cache
from model.transformer.gpt import GPT
from model.transformer.t5 import T5
from tests.model.util import tiny


def test_the_formula_counts_what_a_gpts_tensors_take_up() -> None:
    config = PRESETS["gpt"]
    assert isinstance(config, GPTConfig)
    output = GPT(config).eval()(torch.arange(1, 38)[None])
    assert cache_size.of(config).n_bytes(37, "fp32") == cache.n_bytes(output.cache)


def test_the_formula_counts_what_a_t5s_decoder_keeps() -> None:
    config = PRESETS["t5"]
    assert isinstance(config, T5Config)
    output = T5(config).eval()(torch.arange(1, 12)[None], torch.arange(1, 8)[None])
    assert cache_size.of(config).n_bytes(7, "fp32") == cache.n_bytes(output.cache)


def test_precision_and_batch_multiply() -> None:
    shape = CacheShape(32, n_heads=32, n_kv_heads=8, d_head=128)
    assert shape.n_bytes(1000, "int8", batch=3) * 2 == shape.n_bytes(1000, "fp16", batch=3)
    assert shape.n_bytes(1000, "int4") * 8 == shape.n_bytes(1000, "fp32")
    assert shape.n_bytes(1000, "fp16", batch=3) == 3 * shape.n_bytes(1000, "fp16")


@pytest.mark.parametrize(
    ("n_heads", "n_kv_heads", "groups"), [(6, 2, 2), (12, 12, 3), (16, 16, 4), (32, 1, 4), (5, 5, None), (2, 2, None)]
)
def test_gqa_is_the_models_own_grouping_or_half_way(n_heads: int, n_kv_heads: int, groups: int | None) -> None:
    shape = CacheShape(4, n_heads, n_kv_heads, 32)
    beside = cache_size.variants(shape, window=16)
    assert beside["MHA"] is not None
    assert beside["MQA"] is not None
    assert beside["MHA"].n_bytes(100, "fp32") == n_heads * beside["MQA"].n_bytes(100, "fp32")
    assert (beside["GQA"] and beside["GQA"].n_kv_heads) == groups
    assert beside["window"] is not None
    assert beside["window"].n_bytes(100, "fp32") == shape.n_bytes(16, "fp32")
    assert beside["window"].n_bytes(7, "fp32") == shape.n_bytes(7, "fp32")


def test_a_window_rolls_in_the_blocks_that_have_it_alone() -> None:
    whole, mixed, rolling = (
        cache_size.of(config) for config in (tiny(), tiny(window=7, window_layers=(1,)), tiny(window=7))
    )
    assert (whole.window, mixed.window, mixed.n_windowed, rolling.n_windowed) == (None, 7, 1, None)
    each = whole.numbers(1) // whole.n_layers
    for n in (1, 7, 8, 50):
        assert rolling.numbers(n) == whole.n_layers * each * min(n, 7)
        assert mixed.numbers(n) == whole.numbers(n) - each * (n - min(n, 7))
        assert mixed.numbers(n) == mixed.numbers_per_token * n - mixed.numbers_rolling * max(0, n - 7)
    beside = cache_size.variants(mixed, window=3)
    assert beside["window"] is not None
    assert beside["window"].numbers(50) == whole.numbers(3), "every block rolls there"


def test_a_t5_keeps_what_its_decoders_blocks_make_however_deep_its_encoder_is() -> None:
    config = T5Config("tiny", 60, 32, 24, 2, 3, 32, n_decoder_layers=5, d_head=8)
    assert cache_size.of(config).n_bytes(1, "fp32") == 2 * 5 * 3 * 8 * 4
