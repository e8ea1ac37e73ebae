"""DeBERTa as it is published: its buckets, the head that finds replaced tokens, and what files hold besides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position

from model import pretrained, unsaid
from model.config import PositionConfig
from model.study import position_math
from tests.model.agreement import left_padding, peer_output, random_ids
from tests.model.published import random_peer, saved
from tests.model.published_encoders import DEBERTA, ENCODERS, V3, deberta


@pytest.mark.parametrize("settings", [(256, 512), (256, 1024), (32, 128), (12, 24), (8, 64), (4, 16), (4, 5)])
def test_distances_fall_into_the_buckets_of_transformers(settings: tuple[int, int]) -> None:
    buckets, most = settings
    distance = torch.arange(-3 * most, 3 * most + 1)
    theirs = (make_log_bucket_position(distance, buckets, most).long() + buckets).clamp(0, 2 * buckets - 1)
    rows = position_math.distance_rows(buckets, most, log_buckets=True)
    ours = rows[np.clip(distance.numpy(), -most, most) + most]
    np.testing.assert_array_equal(ours, theirs.numpy())


def test_without_buckets_every_distance_has_its_row_and_those_past_the_end_its_last() -> None:
    assert position_math.distance_rows(3, 3, log_buckets=False).tolist() == [0, 1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"terms": ()}, "'disentangled' has each once"),
        ({"terms": ("c2p", "c2p")}, "'disentangled' has each once"),
        ({"terms": ("p2p",)}, "positions.terms is 'p2p'; choose one of c2p, p2c"),
        ({"scheme": "rope", "terms": ("c2p",)}, "other schemes have none"),
        ({"n_buckets": 8}, "without log_buckets it is max_distance"),
        ({"log_buckets": True, "n_buckets": 7}, "log_buckets need an even number"),
        ({"log_buckets": True, "n_buckets": 30}, "less than 30"),
    ],
)
def test_distances_that_cannot_be_are_refused(settings: dict[str, Any], message: str) -> None:
    right: dict[str, Any] = {"scheme": "disentangled", "n_buckets": 16, "max_distance": 16, "terms": ("c2p", "p2c")}
    PositionConfig(**right)
    with pytest.raises(ValueError, match=message):
        PositionConfig(**right | settings)


def published(folder: Path, more: dict[str, Tensor]) -> Any:
    """A body as transformers saves it, and beside it the tensors that the authors' files hold."""
    peer = random_peer(ENCODERS["deberta-v2, no head"])
    peer.save_pretrained(folder)
    tensors = {f"deberta.{name}": tensor for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(tensors | more, folder / "model.safetensors")
    return peer


def head(name: str, shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """A head's tensors, random."""
    generator = torch.Generator().manual_seed(3)
    return {f"{name}.{part}": torch.randn(shape, generator=generator) / 4 for part, shape in shapes.items()}


LATE = {"deberta.embeddings.position_embeddings.weight": torch.zeros(64, 32)}
"""The positions that the authors' decoder of masked tokens adds."""
NORMED = {"dense.weight": (32, 32), "dense.bias": (32,), "LayerNorm.weight": (32,), "LayerNorm.bias": (32,)}
FOUND = head("mask_predictions", NORMED | {"classifier.weight": (1, 32), "classifier.bias": (1,)})
GUESSED = head("lm_predictions.lm_head", NORMED | {"bias": (97,)})


def test_a_discriminator_says_of_each_token_what_the_authors_head_says(tmp_path: Path) -> None:
    """Theirs reads the sum with the first token's stream, normalized (microsoft/DeBERTa, `LMMaskPredictionHead`)."""
    peer = published(tmp_path, FOUND | GUESSED | LATE)
    loaded = pretrained.load(tmp_path)
    assert loaded.config.head == "replaced"
    said = unsaid.sentence("it", loaded.config)
    assert said is not None
    assert said.startswith("it predicts no token: its head says of each token whether it was replaced")
    ids, padding = random_ids(), left_padding().flip(1)
    x = peer_output(peer, ids, padding).last_hidden_state
    of = {name.removeprefix("mask_predictions."): tensor for name, tensor in FOUND.items()}
    read = nn.functional.layer_norm(x + x[:, :1], (32,), of["LayerNorm.weight"], of["LayerNorm.bias"], 1e-7)
    hidden = nn.functional.gelu(read @ of["dense.weight"].T + of["dense.bias"])
    theirs = (hidden @ of["classifier.weight"].T + of["classifier.bias"]).squeeze(-1)
    with torch.no_grad():
        ours = loaded.module(ids, attention_mask=padding[:, None]).replaced
    assert (ours - theirs)[padding].abs().max() < 1e-4


def test_a_file_of_the_authors_has_its_head_for_masked_tokens_read(tmp_path: Path) -> None:
    published(tmp_path, GUESSED | LATE)
    loaded = pretrained.load(tmp_path)
    assert loaded.config.head == "masked"
    settings = json.loads((tmp_path / "config.json").read_text()) | {"legacy": False, "position_biased_input": False}
    peer = hf.DebertaV2ForMaskedLM(hf.DebertaV2Config(**settings)).eval()
    state = load_file(tmp_path / "model.safetensors")
    missing, unexpected = peer.load_state_dict(state, strict=False)
    assert (missing, unexpected) == ([], list(LATE))
    ids = random_ids()
    with torch.no_grad():
        assert (loaded.module(ids).logits - peer(ids).logits).abs().max() < 1e-4


def test_vectors_of_distances_that_no_term_reads_are_left(tmp_path: Path) -> None:
    peer = random_peer(deberta(**V3 | {"pos_att_type": "", "position_biased_input": True}))
    loaded = saved(peer, tmp_path)
    assert loaded.config.positions.scheme == "learned"
    ids = random_ids()
    with torch.no_grad():
        assert (loaded.module(ids).logits - peer(ids).logits).abs().max() < 1e-4


def test_texts_past_the_last_position_are_read_unless_positions_are_added(tmp_path: Path) -> None:
    peer = random_peer(ENCODERS["deberta-v2, no head"])
    loaded = saved(peer, tmp_path / "distances")
    ids = random_ids(100)
    with torch.no_grad():
        assert (loaded.module(ids).hidden - peer(ids).last_hidden_state).abs().max() < 1e-4
    added = saved(
        random_peer(ENCODERS["deberta-v2, position to content, segments, positions added"]), tmp_path / "added"
    )
    with pytest.raises(ValueError, match="100 tokens, but the model learned n_ctx = 64 positions"):
        added.module(ids)


def test_heads_that_talk_to_each_other_are_refused(tmp_path: Path) -> None:
    said = {"model_type": "deberta", "pos_att_type": ["c2p"], "talking_head": True} | DEBERTA | {"num_hidden_layers": 1}
    (tmp_path / "config.json").write_text(json.dumps(said))
    save_file({"x": torch.zeros(97, 64)}, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="says talking_head = True; only False can be loaded"):
        pretrained.load(tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pos_att_type": "c2p|p2p"}, "its pos_att_type names p2p; only c2p and p2c can be loaded"),
        ({"pos_att_type": ""}, "nothing in its config.json tells it positions"),
        ({"relative_attention": False}, "names pos_att_type c2p and p2c without relative_attention"),
        ({"norm_rel_ebd": "rms"}, "says norm_rel_ebd = 'rms'"),
        ({"attention_head_size": 16}, "says attention_head_size = 16; only 8 can be loaded"),
        ({"conv_kernel_size": 3}, "the activation 'tanh' is unknown"),
        ({"conv_kernel_size": 4, "conv_act": "gelu"}, "conv_kernel = 4 must be odd"),
    ],
)
def test_what_no_layer_of_ours_computes_is_refused_by_name(
    settings: dict[str, Any], message: str, tmp_path: Path
) -> None:
    said = {"model_type": "deberta-v2", "pos_att_type": ["c2p", "p2c"]} | DEBERTA | {"num_hidden_layers": 1} | settings
    (tmp_path / "config.json").write_text(json.dumps(said))
    save_file({"x": torch.zeros(97, 64)}, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="^cannot load") as refused:
        pretrained.load(tmp_path)
    assert message in str(refused.value)
