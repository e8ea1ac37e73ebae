"""The KV cache: decoding with it is the same as reading the whole text again."""

from __future__ import annotations

import pytest
import torch

from model import taps
from model.config import GPTConfig
from model.masks import sliding_window
from model.transformer import cache
from tests.model.util import VARIANTS, all_taps, places, random_gpt, random_ids, tiny

N_TOKENS = 24
every_variant = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)


@every_variant
def test_cached_decode_matches_full_forward_at_every_split(config: GPTConfig):
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    with torch.no_grad():
        full = module(ids)
        for split in range(1, N_TOKENS):
            first = module(ids[:, :split])
            second = module(ids[:, split:], past=first.cache)
            logits = torch.cat([first.logits, second.logits], dim=1)
            torch.testing.assert_close(logits, full.logits, atol=1e-10, rtol=0)
            torch.testing.assert_close(second.cache, full.cache, atol=1e-10, rtol=0)


@every_variant
def test_cached_decode_token_by_token_matches_full_forward(config: GPTConfig):
    module, ids = random_gpt(config, dtype=torch.float32), random_ids(config, N_TOKENS)
    past, logits = None, []
    with torch.no_grad():
        for token in ids.split(1, dim=1):
            output = module(token, past=past)
            past = output.cache
            logits.append(output.logits)
        torch.testing.assert_close(torch.cat(logits, dim=1), module(ids).logits, atol=2e-4, rtol=1e-4)


@every_variant
def test_patterns_of_cached_tokens_are_the_last_rows_of_the_full_ones(config: GPTConfig):
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    full = all_taps(module, ids)
    with torch.no_grad():
        past = module(ids[:, :15]).cache
    cached = all_taps(module, ids[:, 15:], past=past)
    for layer in range(config.n_layers):
        name = taps.PATTERN.name(layer)
        torch.testing.assert_close(cached[name], full[name][:, :, 15:], atol=1e-10, rtol=0)


def test_a_sliding_window_holds_over_the_cache():
    config = tiny()
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    mask = sliding_window(places(N_TOKENS), places(N_TOKENS), 5)
    with torch.no_grad():
        full = module(ids, attention_mask=mask).logits
        past = module(ids[:, :15], attention_mask=mask[:, :15, :15]).cache
        rest = module(ids[:, 15:], past=past, attention_mask=mask[:, 15:]).logits
    torch.testing.assert_close(rest, full[:, 15:], atol=1e-10, rtol=0)
    assert (full - module(ids).logits).abs().max() > 1e-3


def test_a_cache_is_a_value_and_one_prefix_serves_many_continuations():
    config = tiny()
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    with torch.no_grad():
        past = module(ids[:, :10]).cache
        before = [tensor.clone() for layer in past for tensor in layer]
        others = [module(random_ids(config, 6, seed=seed), past=past).logits for seed in (3, 4, 3)]
    assert all(map(torch.equal, before, (tensor for layer in past for tensor in layer)))
    assert torch.equal(others[0], others[2])
    assert not torch.equal(others[0], others[1])


@every_variant
def test_a_cache_holds_the_rotated_keys_and_the_values_of_every_block(config: GPTConfig):
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    taken = all_taps(module, ids)
    with torch.no_grad():
        grown = module(ids).cache
    assert len(grown) == config.n_layers
    for layer, (key, value) in enumerate(grown):
        torch.testing.assert_close(key.transpose(1, 2), taken[taps.ROT_K.name(layer)])
        torch.testing.assert_close(value.transpose(1, 2), taken[taps.V.name(layer)])


@pytest.mark.parametrize("n_kv_heads", [4, 2, 1])
def test_length_and_bytes_are_counted_from_the_tensors(n_kv_heads: int):
    config = tiny(n_kv_heads=n_kv_heads)
    assert cache.length(None) == 0
    for dtype, n_bytes in ((torch.float32, 4), (torch.float64, 8)):
        grown = random_gpt(config, dtype=dtype)(random_ids(config, N_TOKENS, batch=3)).cache
        assert cache.length(grown) == N_TOKENS
        numbers = 2 * config.n_layers * 3 * n_kv_heads * N_TOKENS * config.head_width
        assert cache.n_bytes(grown) == n_bytes * numbers
