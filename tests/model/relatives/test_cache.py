"""What published models keep: known figures, and states as `transformers` makes them."""

from __future__ import annotations

import pytest

from model.relatives import cache, table
from model.relatives.shape import Shape

GIB = 2**30


def of(id: str) -> Shape:
    shape = table.load().by_id[id].shape
    assert shape is not None
    return shape


@pytest.mark.parametrize(
    ("id", "n_tokens", "gib"),
    [("llama-3-8b", 8192, 1.0), ("llama-3-70b", 8192, 2.5), ("mistral-7b", 4096, 0.5), ("mistral-7b", 131_072, 0.5)],
)
def test_published_models_take_what_is_known_of_them(id: str, n_tokens: int, gib: float) -> None:
    assert cache.n_bytes(of(id), n_tokens, "fp16") == gib * GIB


def test_a_latent_cache_keeps_one_vector_for_all_heads() -> None:
    shape = cache.shape_of(of("deepseek-v3"))
    assert shape is not None
    assert shape.n_bytes(1, "fp16") == 2 * 61 * (512 + 64)
    assert shape.numbers_per_token_uncompressed == 61 * 128 * (192 + 128)


def test_some_layers_with_a_window_keep_less_of_a_long_text() -> None:
    """Gemma 3: 52 of 62 layers look back on 1,024 tokens."""
    a_token = 2 * 16 * 128 * 2
    gemma = of("gemma-3-27b")
    assert cache.n_bytes(gemma, 1_000, "fp16") == 62 * a_token * 1_000
    assert cache.n_bytes(gemma, 32_768, "fp16") == a_token * (52 * 1_024 + 10 * 32_768)


def test_what_has_no_attention_keeps_as_much_of_one_token_as_of_many() -> None:
    mamba, rwkv = of("mamba-2.8b"), of("rwkv-4-14b")
    assert cache.n_bytes(mamba, 1, "fp32") == cache.n_bytes(mamba, 10**6, "fp32") == 4 * 64 * 5120 * (16 + 4)
    assert cache.n_bytes(rwkv, 1, "fp32") == cache.n_bytes(rwkv, 10**6, "fp32") == 4 * 5 * 40 * 5120


def test_a_hybrid_keeps_both() -> None:
    """Jamba: 4 layers with attention of 8 heads of keys and values, 28 with a state."""
    states = 28 * 8192 * (16 + 4)
    assert cache.n_bytes(of("jamba"), 100, "fp16") == 2 * (2 * 4 * 8 * 128 * 100 + states)


def test_an_encoder_keeps_nothing_and_a_decoder_what_it_reads_and_writes() -> None:
    assert cache.n_bytes(of("bert-base"), 100, "fp16") == 0
    assert cache.n_bytes(of("t5-base"), 100, "fp16") == 2 * 2 * 12 * 12 * 64 * (100 + 1)
