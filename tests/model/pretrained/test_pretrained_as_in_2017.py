"""BART and its kin: in double precision as `transformers`, to the last position; what their files say of writing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from model import pretrained
from model.config import T5Config
from model.hub.bart import NEVER
from model.transformer.t5 import T5
from tests.model.agreement import peer_output, random_ids
from tests.model.hub.test_lora import adapter, by_hand, low_rank
from tests.model.published import ENCODER_DECODERS, N_TOKENS, PADDING_ID, random_peer, saved


@pytest.mark.parametrize(("name", "tolerance"), [("bart", 1e-11), ("mbart", 1e-11), ("marian", 1e-5)])
def test_in_double_precision_only_sinusoids_are_rounded(name: str, tolerance: float, tmp_path: Path) -> None:
    """Sines are computed in single precision here, and stored in it there."""
    peer = random_peer(ENCODER_DECODERS[name])
    peer.save_pretrained(tmp_path)
    loaded = pretrained.load(tmp_path, dtype=torch.float64)
    ids, written = random_ids(), random_ids(N_TOKENS, seed=2)
    theirs = peer_output(peer.double(), ids, None, decoder_input_ids=written)
    with torch.no_grad():
        ours = loaded.module(ids, written)
    assert (ours.logits - theirs.logits).abs().max() < tolerance


def test_a_text_longer_than_the_table_of_positions_is_refused_on_either_side(tmp_path: Path) -> None:
    module = saved(random_peer(ENCODER_DECODERS["bart"]), tmp_path).module
    fits, too_long = random_ids(N_TOKENS), random_ids(N_TOKENS + 1)
    for ids, written in ((too_long, fits), (fits, too_long)):
        with pytest.raises(ValueError, match="49 tokens, but the model learned n_ctx = 48 positions"):
            module(ids, written)


def test_what_is_never_written_has_no_chance_and_all_else_stays(tmp_path: Path) -> None:
    plain = saved(random_peer(ENCODER_DECODERS["marian"]), tmp_path)
    said = {"bad_words_ids": [[PADDING_ID], [3, 4]], "forced_bos_token_id": 7, "decoder_start_token_id": 9}
    (tmp_path / "generation_config.json").write_text(json.dumps(said))
    held = pretrained.load(tmp_path)
    config = held.config
    assert isinstance(config, T5Config)
    assert (config.never_written, config.first_token_id, config.start_token_id) == ((PADDING_ID,), 7, 9)
    assert config.end_token_id == 0
    with torch.no_grad():
        before, after = (loaded.module(random_ids(), random_ids(5, seed=2)).logits for loaded in (plain, held))
    assert (after.softmax(-1)[..., PADDING_ID] == 0).all()
    others = torch.arange(97) != PADDING_ID
    torch.testing.assert_close(after[..., others], before[..., others])
    assert isinstance(held.module, T5)
    assert held.module.logit_bias is not None
    assert held.module.logit_bias[PADDING_ID] == NEVER


def test_a_generation_that_holds_entries_back_needs_a_bias_of_logits(tmp_path: Path) -> None:
    saved(random_peer(ENCODER_DECODERS["bart, scaled, tanh GELU, no bias of logits"]), tmp_path)
    (tmp_path / "generation_config.json").write_text(json.dumps({"bad_words_ids": [[1]]}))
    with pytest.raises(ValueError, match="has no final_logits_bias to say so"):
        pretrained.load(tmp_path)


def test_an_adapter_is_merged_into_either_stack(tmp_path: Path) -> None:
    peer = random_peer(ENCODER_DECODERS["bart"])
    peer.save_pretrained(tmp_path / "base")
    layers = "model.decoder.layers.1.encoder_attn.v_proj", "model.encoder.layers.0.self_attn.q_proj"
    tensors = low_rank(peer, *layers, "model.decoder.layers.0.fc2")
    loaded = pretrained.load(adapter(tmp_path / "lora", tmp_path / "base", tensors))
    ids, written = random_ids(), random_ids(30, seed=2)
    theirs = peer_output(by_hand(peer, tensors, 6 / 4), ids, None, decoder_input_ids=written)
    with torch.no_grad():
        assert (loaded.module(ids, written).logits - theirs.logits).abs().max() < 1e-4


def test_what_a_decoder_starts_with_is_what_transformers_starts_with(tmp_path: Path) -> None:
    config = saved(random_peer(ENCODER_DECODERS["bart"]), tmp_path).config
    assert isinstance(config, T5Config)
    assert (config.start_token_id, config.end_token_id, config.never_written) == (2, 2, ())
    assert dataclasses.replace(config, name="other") != config
