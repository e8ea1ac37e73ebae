"""Encoders and encoder-decoders saved by `transformers` and loaded by us agree with it in all that they give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model.agreement import compare_encoder, compare_encoder_decoder, left_padding
from tests.model.published import ENCODER_DECODERS, random_peer, saved
from tests.model.published_encoders import ENCODERS

TOLERANCE = 1e-4
PADDINGS = {"none": None, "left": left_padding(), "right": left_padding().flip(1)}


@pytest.mark.parametrize("name", ENCODERS)
def test_encoder_agrees_with_transformers(name: str, tmp_path: Path) -> None:
    case = ENCODERS[name]
    peer = random_peer(case)
    loaded = saved(peer, tmp_path)
    for padding in PADDINGS.values():
        worst = compare_encoder(loaded, peer, case.extra, padding)
        assert worst.logits < TOLERANCE
        assert worst.pattern < TOLERANCE


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_encoder_decoder_agrees_with_transformers(name: str, tmp_path: Path) -> None:
    peer = random_peer(ENCODER_DECODERS[name])
    loaded = saved(peer, tmp_path)
    for padding in PADDINGS.values():
        worst = compare_encoder_decoder(loaded, peer, padding)
        assert worst.logits < TOLERANCE
        assert worst.pattern < TOLERANCE
