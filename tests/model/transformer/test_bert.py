"""BERT: what its parts are for, beyond agreeing with `transformers` (test_pretrained_encoders.py)."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import Tensor

from model import taps
from model.config import BertConfig, from_json, to_json
from model.transformer.bert import Bert
from model.transformer.capture import capture, hook_points, intervene

CONFIG = BertConfig(name="tiny", d_vocab=61, n_ctx=40, d_model=24, n_layers=2, n_heads=4, d_mlp=40)
VARIANTS = {
    "bert": CONFIG,
    "distilbert": dataclasses.replace(CONFIG, n_segments=0, pooler=False, next_sentence=False),
    "electra": dataclasses.replace(CONFIG, d_embed=16, head="replaced", pooler=False, next_sentence=False),
    "roberta": dataclasses.replace(CONFIG, counting_from=1, n_segments=1, next_sentence=False),
}


def random_bert(config: BertConfig) -> Bert:
    torch.manual_seed(0)
    module = Bert(config).double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=1.5 * parameter.shape[-1] ** -0.5)
            elif "ln" not in name:
                parameter.normal_(std=0.3)
    return module.eval()


def random_ids(n_tokens: int) -> Tensor:
    return torch.randint(2, CONFIG.d_vocab, (2, n_tokens), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", VARIANTS)
def test_its_hook_points_are_the_table_and_its_taps_have_the_tables_shapes(name: str) -> None:
    config = VARIANTS[name]
    module, table = random_bert(config), taps.table(config)
    assert hook_points(module).keys() == {*table, *taps.within(config)}
    with torch.no_grad(), capture(module, table) as taken:
        module(random_ids(9))
    sizes = taps.sizes(config) | {"batch": 2, "pos": 9, "query": 9, "key": 9}
    for tap_name, tap in table.items():
        assert tuple(taken[tap_name].shape) == tuple(sizes[axis] for axis in tap.axes), tap_name


@pytest.mark.parametrize("name", VARIANTS)
def test_its_config_travels_through_json(name: str) -> None:
    assert from_json(to_json(VARIANTS[name])) == VARIANTS[name]


def test_every_token_sees_every_other_both_ways() -> None:
    module, ids = random_bert(CONFIG), random_ids(9)
    changed = ids.clone()
    changed[:, 7] = (changed[:, 7] + 1) % CONFIG.d_vocab
    with torch.no_grad():
        moved = (module(ids).hidden - module(changed).hidden).abs().amax(dim=-1)
    assert (moved > 1e-6).all()


def test_padding_changes_nothing_for_real_tokens() -> None:
    module, ids = random_bert(CONFIG), random_ids(9)
    padded = torch.cat([ids, torch.zeros(2, 4, dtype=torch.long)], dim=1)
    is_token = torch.arange(13).lt(9).expand(2, -1)
    with torch.no_grad():
        alone, beside = module(ids), module(padded, attention_mask=is_token[:, None, :])
    torch.testing.assert_close(beside.hidden[:, :9], alone.hidden)
    torch.testing.assert_close(beside.next_sentence, alone.next_sentence)


def test_roberta_numbers_real_tokens_from_behind_its_padding_id() -> None:
    module, ids = random_bert(VARIANTS["roberta"]), random_ids(6)
    padded = torch.cat([torch.ones(2, 3, dtype=torch.long), ids], dim=1)
    with torch.no_grad(), capture(module, ["hook_pos_embed"]) as taken:
        module(padded)
    table = module.get_parameter("positions.weight")
    torch.testing.assert_close(taken["hook_pos_embed"][0, 3:], table[2:8])
    torch.testing.assert_close(taken["hook_pos_embed"][0, :3], table[1].expand(3, -1))


def test_segments_tell_two_sentences_apart() -> None:
    module, ids = random_bert(CONFIG), random_ids(9)
    segments = torch.arange(9).ge(5).long().expand(2, -1)
    with torch.no_grad():
        assert not torch.allclose(module(ids, segments).next_sentence, module(ids).next_sentence)
        torch.testing.assert_close(module(ids, torch.zeros_like(ids)).logits, module(ids).logits)


def test_the_stream_leaves_every_block_normalized() -> None:
    module = random_bert(CONFIG)
    with torch.no_grad(), capture(module, ["blocks.0.ln2.hook_normalized"]) as taken:
        module(random_ids(9))
    leaving = taken["blocks.0.ln2.hook_normalized"]
    torch.testing.assert_close(leaving.mean(dim=-1), torch.zeros(2, 9, dtype=torch.float64), atol=1e-9, rtol=0)
    torch.testing.assert_close(leaving.var(dim=-1, correction=0), torch.ones(2, 9, dtype=torch.float64))


def test_a_closed_head_adds_nothing() -> None:
    module, ids = random_bert(CONFIG), random_ids(9)
    gate = torch.ones(2, 4, dtype=torch.float64)
    gate[1, 2] = 0

    def silence(z: Tensor) -> Tensor:
        z[:, :, 2] = 0
        return z

    with torch.no_grad():
        gated = module(ids, head_gate=gate).logits
        with intervene(module, {"blocks.1.attn.hook_z": silence}):
            silenced = module(ids).logits
        assert not torch.allclose(gated, module(ids).logits)
    torch.testing.assert_close(gated, silenced)


@pytest.mark.parametrize("name", VARIANTS)
def test_positions_end_at_n_ctx_with_a_clear_error(name: str) -> None:
    module = random_bert(VARIANTS[name])
    assert module(random_ids(40)).hidden.shape == (2, 40, 24)
    with pytest.raises(ValueError, match="41 tokens.*n_ctx = 40"):
        module(random_ids(41))


def test_impossible_configs_are_refused() -> None:
    with pytest.raises(ValueError, match="needs pooler"):
        dataclasses.replace(CONFIG, pooler=False)
    with pytest.raises(ValueError, match="no multiple of n_heads"):
        dataclasses.replace(CONFIG, n_heads=5)
    with pytest.raises(ValueError, match="head is 'both'"):
        dataclasses.replace(CONFIG, head="both")  # type: ignore[arg-type]
