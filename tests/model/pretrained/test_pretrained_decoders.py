"""Decoders saved by `transformers` and loaded by us agree with it: logits, attention probabilities, cached passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model.agreement import compare_decoder, left_padding
from tests.model.published import DECODERS, random_peer, saved

TOLERANCE = 1e-4


@pytest.mark.parametrize("name", DECODERS)
def test_decoder_agrees_with_transformers(name: str, tmp_path: Path) -> None:
    peer = random_peer(DECODERS[name])
    loaded = saved(peer, tmp_path)
    for padding in (None, left_padding(), left_padding().flip(1)):
        worst = compare_decoder(loaded, peer, padding)
        assert worst.logits < TOLERANCE
        assert worst.pattern < TOLERANCE
