"""A SentencePiece vocabulary: its entries begin with their space, so that none looks like another."""

from __future__ import annotations

from model import config as configs
from model import zoo
from model.tokenizer import Tokenizer


def test_no_two_entries_of_a_sentencepiece_vocabulary_look_alike() -> None:
    t5 = zoo.CHECKPOINTS / "t5"
    tokenizer = Tokenizer.of(configs.load(t5), t5 / "tokenizer.json")
    ids = tokenizer.inner.get_vocab()
    with_space, without = ids["\u2581le"], ids["le"]
    assert (tokenizer.text_of(with_space), tokenizer.text_of(without)) == (" le", "le")
    assert (tokenizer.bytes_of(with_space), tokenizer.bytes_of(without)) == (b" le", b"le")
    texts = [tokenizer.text_of(id) for id in range(tokenizer.d_vocab)]
    assert len(texts) == len(set(texts))
