"""A pass and what it hands to each block: positions behind a past, masks by window, each layer's own past and gates."""

from __future__ import annotations

import pytest
import torch

from model import masks
from model.config import Stack
from model.transformer.passes import Across, Pass
from model.transformer.positions import PositionScheme
from tests.model.util import places

IDS = torch.zeros(2, 5, dtype=torch.long)
CAUSAL = Stack("text", "text", causal=True, windows=(None, 3, None, 3))
PAST = tuple((torch.full((2, 1, 4, 6), float(layer)), torch.zeros(2, 1, 4, 6)) for layer in range(4))


def test_tokens_stand_behind_their_past():
    begun = Pass.over(IDS, CAUSAL, PositionScheme(), past=PAST)
    assert torch.equal(begun.q_positions, places(5, 4, batch=2))
    assert torch.equal(begun.k_positions, places(9, batch=2))
    assert torch.equal(Pass.over(IDS, CAUSAL, PositionScheme()).q_positions, places(5, batch=2))


def test_each_block_has_the_mask_of_its_window_and_blocks_of_one_window_share_it():
    begun = Pass.over(IDS, CAUSAL, PositionScheme(), past=PAST)
    q, k = begun.q_positions, begun.k_positions
    plain, windowed = masks.causal(q, k), masks.causal(q, k) & masks.sliding_window(q, k, 3)
    for layer, expected in enumerate((plain, windowed, plain, windowed)):
        assert torch.equal(begun.at(layer).mask, expected)
    assert begun.at(0).mask is begun.at(2).mask
    assert begun.at(1).mask is begun.at(3).mask


@pytest.mark.parametrize("causal", [True, False])
def test_an_attention_mask_only_forbids(causal: bool):
    stack = Stack("text", "text", causal=causal, windows=(None,))
    allowed = torch.rand(2, 5, 5, generator=torch.Generator().manual_seed(0)) < 0.7
    own = Pass.over(IDS, stack, PositionScheme()).at(0).mask
    assert torch.equal(own, torch.ones(2, 5, 5).tril().bool() if causal else torch.ones(2, 5, 5).bool())
    assert torch.equal(Pass.over(IDS, stack, PositionScheme(), attention_mask=allowed).at(0).mask, own & allowed)
    with pytest.raises(ValueError, match="give bool"):
        Pass.over(IDS, stack, PositionScheme(), attention_mask=torch.ones(2, 5))


def test_each_block_has_its_own_past_and_its_own_gates():
    gate, bias = torch.arange(12.0).view(4, 3), torch.arange(8.0).view(4, 2)
    begun = Pass.over(IDS, CAUSAL, PositionScheme(), past=PAST, head_gate=gate, expert_bias=bias)
    for layer in range(4):
        block = begun.at(layer)
        assert block.past is PAST[layer]
        assert block.head_gate is not None
        assert block.expert_bias is not None
        assert torch.equal(block.head_gate, gate[layer])
        assert torch.equal(block.expert_bias, bias[layer])
    untouched = Pass.over(IDS, CAUSAL, PositionScheme()).at(1)
    assert [untouched.past, untouched.head_gate, untouched.expert_bias] == [None] * 3


def test_looking_across_everything_is_allowed_but_what_the_mask_forbids():
    cross = tuple((torch.full((2, 7, 12), float(layer)), torch.zeros(2, 7, 12)) for layer in range(2))
    gate = torch.arange(6.0).view(2, 3)
    allowed = torch.arange(7)[None, None] < 4
    across = Across.over(places(5, batch=2), cross, allowed, gate)
    assert across.at(1).keys_and_values is cross[1]
    assert torch.equal(across.at(1).mask, allowed.expand(2, 5, 7))
    head_gate = across.at(1).head_gate
    assert head_gate is not None
    assert torch.equal(head_gate, gate[1])
    assert torch.equal(Across.over(places(5, batch=2), cross).at(0).mask, torch.ones(2, 5, 7).bool())
