"""What each token was made of: every byte of a text is some token's, once, whatever the vocabulary reads instead."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
import tokenizers
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, processors

from model.made_of import groups
from model.tokenizer import Tokenizer
from tests.model.test_tokenizer import any_text, spells, train

NFC = Tokenizer(train(normalizers.NFC()))
DECOMPOSED = "Ti\u0301nh ye\u0302\u0301u, \u1112\u1161\u11ab\u1100\u1173\u11af, m\u0301 A\u030a"
"""Vietnamese, Hangul in its letters, one with an accent that it has no composed form with, and Å."""


@given(text=any_text)
@example(DECOMPOSED)
@example("\u212bngstro\u0308m e\u0301")
@example("\u0301 \u0301")
@example("a\u0327\u0323 \u212b\u05b4\u0323")  # the second mark is composed, the first comes behind it
def test_a_composing_vocabulary_accounts_for_every_byte_of_what_was_typed(text: str) -> None:
    assert spells(NFC.encode(text).tokens) == text.encode()


def test_the_marks_that_a_token_composed_are_its_own() -> None:
    whole = NFC.encode("cafe\u0301s").tokens[-2:]
    assert [(token.text, token.start, token.end, token.raw) for token in whole] == [
        ("é", 3, 5, "e\u0301".encode()),
        ("s", 5, 6, b"s"),
    ]
    parts = NFC.encode("xo\u0301s").tokens[1:-1]  # no entry for ó: its two bytes
    assert [(token.text, token.start, token.end) for token in parts] == [("\ufffd", 1, 3)] * 2
    assert spells(parts) == "o\u0301".encode()


@pytest.mark.parametrize("text", ["cafe\u0301 x", DECOMPOSED, unicodedata.normalize("NFC", DECOMPOSED)])
def test_published_composing_vocabularies_account_for_every_byte(hub_cache: Path, text: str) -> None:
    (path,) = hub_cache.glob("models--Qwen--Qwen2-VL-7B-Instruct/snapshots/*/tokenizer.json")
    qwen = Tokenizer.load(path)
    tokens = qwen.encode(text).tokens
    assert spells(tokens) == text.encode()
    assert all(token.raw in text[token.start : token.end].encode() for token in tokens)
    for n_ctx in (1, 3, len(tokens)):
        assert qwen.encode(text, n_ctx).tokens == tokens[-n_ctx:]


def test_many_dropped_characters_between_marks_are_told_in_time_that_grows_with_the_text() -> None:
    n = 20_000
    begun = time.process_time()
    spans = [(0, 1), *((at, at + 1) for at in range(2, 2 * n, 2))]
    assert len(list(groups("a" + "\0\u0301" * n, spans, [b"a"] + ["\u0301".encode()] * (n - 1)))) == n
    assert time.process_time() - begun < 10.0


def test_dropped_accents_are_nobodys() -> None:
    assert list(groups("e\u0301a", [(0, 1), (2, 3)], [b"e", b"a"])) == [(0, 1, 0, 1), (1, 2, 2, 3)]
    assert list(groups("e\u0301a", [(0, 1), (2, 3)], ["é".encode(), b"a"])) == [(0, 1, 0, 2), (1, 2, 2, 3)]


def roberta(*, trim_offsets: bool, add_prefix_space: bool = False) -> Tokenizer:
    """Bytes as entries, with what RoBERTa puts around them; its mask takes in the spaces in front of it."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    ids = {entry: id for id, entry in enumerate([*alphabet, "Ġa", "<s>", "</s>", "<mask>"])}
    inner = tokenizers.Tokenizer(models.BPE(ids, [("Ġ", "a")]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    inner.decoder = decoders.ByteLevel()
    inner.post_processor = processors.RobertaProcessing(
        ("</s>", ids["</s>"]), ("<s>", ids["<s>"]), trim_offsets, add_prefix_space
    )
    inner.add_special_tokens(["<s>", "</s>", AddedToken("<mask>", lstrip=True)])
    return Tokenizer(inner, template=True, reads_special=True)


@pytest.mark.parametrize("trim_offsets", [True, False])
def test_a_mask_stands_where_it_is_written_and_a_space_is_its_words(trim_offsets: bool) -> None:
    _, *tokens, _ = roberta(trim_offsets=trim_offsets).encode("x  a <mask> a").tokens
    assert [(token.text, token.start, token.end, token.raw) for token in tokens] == [
        ("x", 0, 1, b"x"),
        (" ", 1, 2, b" "),
        (" a", 2, 4, b" a"),
        ("<mask>", 5, 11, b"<mask>"),
        (" a", 11, 13, b" a"),
    ]


def test_a_space_that_was_not_typed_is_no_byte_of_the_text() -> None:
    tokenizer = roberta(trim_offsets=True, add_prefix_space=True)
    _, token, _ = tokenizer.encode("a").tokens
    assert (token.text, token.start, token.end, token.raw) == (" a", 0, 1, b"a")
    assert tokenizer.puts_space_in_front
    assert not roberta(trim_offsets=True).puts_space_in_front


@given(text=st.text(st.sampled_from("ae ½日"), max_size=12))
@example("a½½")
def test_tokens_of_one_character_divide_its_bytes(text: str) -> None:
    inner = tokenizers.Tokenizer(models.WordLevel({entry: id for id, entry in enumerate("?ae12⁄ 日")}, unk_token="?"))
    inner.normalizer = normalizers.NFKC()  # ½ is read as three characters
    inner.pre_tokenizer = pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    assert spells(Tokenizer(inner).encode(text).tokens) == text.encode()


def test_sentencepiece_vocabularies_read_a_space_in_front(hub_cache: Path) -> None:
    spaced = {
        path.parts[-4].partition("--")[2]: Tokenizer.load(path).puts_space_in_front
        for path in hub_cache.glob("models--*/snapshots/*/tokenizer.json")
    }
    assert {name for name, has in spaced.items() if has} == {
        "microsoft--Phi-3-mini-4k-instruct",
        "google--flan-t5-small",
    }
