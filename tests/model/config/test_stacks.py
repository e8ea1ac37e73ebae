"""What a config says of its stacks, of made-up models that no bundled one is like; and that it says the truth."""

from __future__ import annotations

import json
from typing import Any

import pytest

from model import taps
from model.config import PRESETS, BertConfig, Config, GPTConfig, PositionConfig, Stack, T5Config, from_json, to_json
from model.study import cache_size

SIZES: dict[str, Any] = {"d_vocab": 60, "n_ctx": 32, "d_model": 24, "n_heads": 3, "d_mlp": 32}
WINDOWED = GPTConfig("windowed", **SIZES, n_layers=4, window=5, window_layers=(1, 3), d_head=8)
BERT = BertConfig("both ways", **SIZES, n_layers=3)
UNEQUAL = T5Config("unequal", **SIZES, n_layers=2, n_decoder_layers=5)


def test_a_gpt_has_one_stack_that_reads_back_with_windows_on_some_of_its_layers():
    assert WINDOWED.stacks == {"text": Stack("text", "text", causal=True, windows=(None, 5, None, 5))}
    assert (WINDOWED.stacks["text"].layers, WINDOWED.reader, WINDOWED.speaker) == (4, "text", "text")


def test_a_window_without_layers_is_on_all_of_them():
    everywhere = GPTConfig("everywhere", **SIZES, n_layers=2, window=7, positions=PositionConfig("none"))
    assert everywhere.stacks["text"].windows == (7, 7)


def test_a_bert_has_one_stack_that_reads_both_ways():
    assert BERT.stacks == {"text": Stack("text", "text", causal=False, windows=(None,) * 3)}


def test_the_stacks_of_a_t5_are_as_deep_as_each_is():
    encoder, decoder, cross = UNEQUAL.stacks.values()
    assert list(UNEQUAL.stacks) == ["encoder", "decoder", "cross"]
    assert [stack.layers for stack in (encoder, decoder, cross)] == [2, 5, 5]
    assert [stack.causal for stack in (encoder, decoder, cross)] == [False, True, False]
    assert [(stack.asks, stack.reads) for stack in (encoder, decoder, cross)] == [
        ("encoder", "encoder"),
        ("decoder", "decoder"),
        ("decoder", "encoder"),
    ]
    assert (UNEQUAL.reader, UNEQUAL.speaker) == ("encoder", "decoder")


@pytest.mark.parametrize("config", [WINDOWED, BERT, UNEQUAL, *PRESETS.values()], ids=lambda config: config.name)
def test_the_patterns_that_can_be_tapped_are_those_of_the_stacks(config: Config):
    """A pattern in each block of each place, from the tokens that ask to those that are read; and none besides."""
    table = taps.table(config)
    told = {
        taps.PATTERN.at(place).name(layer): ("batch", "head", stack.asks, stack.reads)
        for place, stack in config.stacks.items()
        for layer in range(stack.layers)
    }
    patterns = {name: tap.lengths for name, tap in table.items() if name.endswith("hook_pattern")}
    assert patterns.keys() == told.keys()
    if len(config.streams) > 1:
        assert patterns == told


def test_the_cache_is_that_of_the_stack_that_speaks():
    assert cache_size.of(UNEQUAL).n_layers == 5
    kept = cache_size.of(WINDOWED)
    assert (kept.window, kept.n_windowed) == (5, 2), "two of its layers keep everything"


@pytest.mark.parametrize("config", [WINDOWED, UNEQUAL], ids=lambda config: config.name)
def test_stacks_follow_from_the_fields_and_are_not_written_beside_them(config: Config):
    assert "stacks" not in json.loads(to_json(config))
    assert from_json(to_json(config)).stacks == config.stacks
