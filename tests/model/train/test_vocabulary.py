"""The vocabularies of BERT and T5."""

from __future__ import annotations

import pytest
import tokenizers

from model.tokenizer import Tokenizer
from model.train.vocabulary import SENTINELS, id_of, unigram, word_piece

TEXTS = ["The little girl was very happy.", "La petite fille était très heureuse.", "I thank you, said the girl."] * 30


@pytest.fixture(scope="module")
def pieces() -> tokenizers.Tokenizer:
    return word_piece(TEXTS, 120)


@pytest.fixture(scope="module")
def grams() -> tokenizers.Tokenizer:
    return unigram(TEXTS, 90)


def test_word_pieces_are_lower_case_without_accents_between_cls_and_sep(pieces: tokenizers.Tokenizer):
    encoding = pieces.encode("The Girl était happy")
    assert encoding.tokens == ["[CLS]", "the", "girl", "etait", "happy", "[SEP]"]
    assert pieces.encode("happy", "girl").type_ids == [0, 0, 0, 1, 1]
    assert [pieces.id_to_token(id) for id in range(5)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def test_a_written_mask_is_read_as_one_by_the_page_and_as_text_in_training(pieces: tokenizers.Tokenizer):
    page = Tokenizer(tokenizers.Tokenizer.from_str(pieces.to_str()), template=True, reads_special=True)
    assert [token.text for token in page.encode("very [MASK].").tokens][2] == "[MASK]"
    pieces.encode_special_tokens = True
    assert id_of(pieces, "[MASK]") not in pieces.encode("very [MASK].", add_special_tokens=False).ids


def test_unigram_keeps_the_text_of_both_languages_and_ends_it(grams: tokenizers.Tokenizer):
    for text in TEXTS[:3]:
        encoding = grams.encode(text)
        assert encoding.tokens[-1] == "</s>"
        assert grams.decode(encoding.ids) == text
    assert [grams.id_to_token(id) for id in range(4)] == ["<pad>", "</s>", "<unk>", SENTINELS[0]]


def test_a_sentinel_written_into_a_text_stands_where_a_cut_would(grams: tokenizers.Tokenizer):
    def ids(text: str) -> list[int]:
        return grams.encode(text, add_special_tokens=False).ids

    gaps = [id_of(grams, sentinel) for sentinel in SENTINELS[:2]]
    assert ids("I <extra_id_0> you, said the girl.") == [*ids("I"), gaps[0], *ids(" you, said the girl.")]
    assert ids("The girl <extra_id_1>.") == [*ids("The girl"), gaps[1], *ids("a.")[-1:]]


def test_word_pieces_are_learned_the_same_twice(pieces: tokenizers.Tokenizer):
    assert pieces.get_vocab_size() == len(set(pieces.get_vocab().values())) <= 120
    assert word_piece(reversed(TEXTS), 120).to_str() == pieces.to_str()
    assert all(len(pieces.encode(letter, add_special_tokens=False).ids) == 1 for letter in "abcdef")


def test_a_missing_entry_is_named(grams: tokenizers.Tokenizer):
    with pytest.raises(ValueError, match=r"no entry '\[MASK\]'"):
        id_of(grams, "[MASK]")


def test_unigram_is_learned_the_same_twice_and_marks_stand_apart_from_words(grams: tokenizers.Tokenizer):
    assert unigram(TEXTS, 90).to_str() == grams.to_str()
    assert not [piece for piece in grams.get_vocab() if piece.strip("▁.").isalpha() and piece.endswith(".")]
