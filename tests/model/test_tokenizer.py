"""The tokenizer: every byte accounted for, in every kind of vocabulary, and no text that breaks or fools it."""

from __future__ import annotations

from pathlib import Path

import pytest
import tokenizers
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from model import config as configs
from model import zoo
from model.tokenizer import Tokenizer
from model.trace import Token

END = "<|endoftext|>"
SENTENCES = [
    "Once upon a time there was a little girl who had a little dog.",
    "The little dog went to the park, and the girl went with him.",
    "«Schöne Grüße», said the fox; the café was closed. 1, 2, 3...",
]
UNTOUCHED = "é 😀\t日本\x00"
"""Characters that no vocabulary learned from `SENTENCES` has an entry for, only their bytes."""
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
MODELS = {
    "byte-level BPE": ["openai-community/gpt2", "Xenova/gpt-4", "bigcode/starcoder2-15b", "Qwen/Qwen2-VL-7B-Instruct"],
    "others": [
        "microsoft/Phi-3-mini-4k-instruct",
        "google/flan-t5-small",
        "google-bert/bert-base-cased",
        "google-bert/bert-base-uncased",
    ],
}


def train(normalizer: normalizers.Normalizer | None = None) -> tokenizers.Tokenizer:
    """A byte-level BPE of `SENTENCES`, `<|endoftext|>` as entry 0."""
    inner = tokenizers.Tokenizer(models.BPE())
    if normalizer is not None:
        inner.normalizer = normalizer
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=320, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    inner.train_from_iterator(SENTENCES, trainer)
    return inner


@pytest.fixture(scope="module")
def bpe() -> Tokenizer:
    return Tokenizer(train(), bos_token_id=0)


READS_SPECIAL = Tokenizer(train(), reads_special=True)


def spells(tokens: tuple[Token, ...]) -> bytes:
    """The bytes of a row of tokens."""
    return b"".join(token.raw for token in tokens)


@given(text=any_text)
@example("")
@example(" ")
@example("\x00\r\n\t\x7f\x1b[0m")
@example("👩‍👩‍👧 🏳️‍🌈 e\u0301 \u202eabc\ufeff\ufffd")
@example("\U0010ffff\ud7ff\ue000")
def test_any_text_comes_back_byte_by_byte(bpe: Tokenizer, text: str) -> None:
    stream = bpe.encode(text)
    assert stream.text == text
    assert bpe.decode([token.id for token in stream.tokens]) == text
    assert spells(stream.tokens) == text.encode()
    assert b"".join(bpe.bytes_of(token.id) for token in stream.tokens) == text.encode()


@given(text=any_text)
@example(UNTOUCHED)
def test_spans_cover_the_text_in_order_and_hold_the_bytes(bpe: Tokenizer, text: str) -> None:
    """Tokens that share a character share its span; otherwise one ends where the next begins."""
    tokens = bpe.encode(text).tokens[1:]
    at = 0
    for token in tokens:
        assert token.start <= at <= token.end
        assert token.start < token.end
        assert token.raw in text[token.start : token.end].encode()
        at = token.end
    assert at == len(text)


def test_a_character_in_pieces_gives_tokens_with_its_span_and_the_replacement_character(bpe: Tokenizer) -> None:
    tokens = bpe.encode("a😀b").tokens[1:]
    pieces = tokens[1:-1]
    assert len(pieces) == 4
    assert [token.raw for token in pieces] == [b"\xf0", b"\x9f", b"\x98", b"\x80"]
    assert {(token.start, token.end, token.text) for token in pieces} == {(1, 2, "\ufffd")}
    assert (tokens[0].text, tokens[-1].text) == ("a", "b")


def test_the_bos_token_stands_in_front_and_for_nothing(bpe: Tokenizer) -> None:
    bos = Token(0, END, 0, 0, b"", special=True)
    assert bpe.encode("").tokens == (bos,)
    first, *others = bpe.encode("the dog").tokens
    assert first == bos
    assert others
    assert not any(token.special for token in others)
    assert not Tokenizer(train()).encode("").tokens


@given(text=any_text, n_ctx=st.integers(1, 20))
def test_clipping_keeps_the_last_tokens_behind_the_bos(bpe: Tokenizer, text: str, n_ctx: int) -> None:
    whole, cut = bpe.encode(text), bpe.encode(text, n_ctx)
    assert len(cut.tokens) == min(len(whole.tokens), n_ctx)
    assert cut.tokens[0] == whole.tokens[0]
    kept = cut.tokens[1:]
    assert kept == whole.tokens[len(whole.tokens) - len(kept) :]
    assert cut.clipped == len(whole.tokens) - len(cut.tokens)
    assert whole.clipped == 0
    assert cut.text == text


@pytest.mark.parametrize("n_ctx", [0, -3])
def test_a_context_without_room_is_refused(bpe: Tokenizer, n_ctx: int) -> None:
    for tokenizer in (bpe, Tokenizer(train())):
        with pytest.raises(ValueError, match=f"n_ctx is {n_ctx}; a context has room for at least 1 token"):
            tokenizer.encode("a", n_ctx)


def test_half_a_surrogate_pair_is_refused(bpe: Tokenizer) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        bpe.encode("a\ud83d")


@given(before=any_text, after=any_text)
def test_a_special_token_written_in_a_text_is_plain_characters(bpe: Tokenizer, before: str, after: str) -> None:
    tokens = bpe.encode(before + END + after).tokens[1:]
    assert not bpe.special_ids & {token.id for token in tokens}
    assert spells(tokens) == (before + END + after).encode()


def test_special_tokens_are_left_out_of_decoded_text_and_write_no_bytes(bpe: Tokenizer) -> None:
    assert bpe.special_ids == {0}
    assert bpe.decode([0, *bpe.inner.encode("the dog").ids, 0]) == "the dog"
    assert bpe.bytes_of(0) == b""
    assert bpe.text_of(0) == END


@given(before=any_text, after=any_text)
def test_a_tokenizer_that_reads_special_tokens_gives_them_the_span_and_bytes_of_their_name(
    before: str, after: str
) -> None:
    text = before + END + after
    tokens = READS_SPECIAL.encode(text).tokens
    assert spells(tokens) == text.encode()
    special = [token for token in tokens if token.special]
    assert (len(before), len(before) + len(END)) in [(token.start, token.end) for token in special]
    assert {(token.id, token.text, token.raw) for token in special} == {(0, END, END.encode())}


def test_an_id_without_an_entry_writes_nothing_and_says_so(bpe: Tokenizer) -> None:
    assert bpe.text_of(bpe.d_vocab) == f"id {bpe.d_vocab}, no entry"
    assert bpe.bytes_of(bpe.d_vocab) == b""
    with pytest.raises(ValueError, match=f"no entry 999; it has {bpe.d_vocab}"):
        Tokenizer(train(), bos_token_id=999)


def test_padding_and_truncation_saved_with_a_vocabulary_are_off() -> None:
    inner = train()
    inner.enable_padding(length=50)
    inner.enable_truncation(3)
    assert spells(Tokenizer(inner).encode("the little dog").tokens) == b"the little dog"


def test_a_normalizing_vocabulary_accounts_for_the_input_and_not_for_its_normal_form() -> None:
    tokenizer = Tokenizer(train(normalizers.NFC()))
    composed, decomposed = "café", "cafe\u0301"
    assert spells(tokenizer.encode(composed).tokens) == composed.encode()
    tokens = tokenizer.encode(decomposed).tokens
    assert [token.id for token in tokens] == [token.id for token in tokenizer.encode(composed).tokens]
    assert all(token.raw == decomposed[token.start : token.end].encode() for token in tokens)


def test_added_tokens_that_are_not_special_are_read_literally() -> None:
    inner = train()
    inner.add_tokens(["  ", "日本"])
    tokenizer = Tokenizer(inner)
    tokens = tokenizer.encode("a  日本").tokens
    assert [token.raw for token in tokens] == [b"a", b"  ", "日本".encode()]
    assert tokenizer.bytes_of(tokens[2].id) == "日本".encode()


def test_a_saved_vocabulary_loads(bpe: Tokenizer, tmp_path: Path) -> None:
    bpe.inner.save(str(tmp_path / "tokenizer.json"))
    loaded = Tokenizer.load(tmp_path / "tokenizer.json", bos_token_id=0)
    assert loaded.d_vocab == bpe.d_vocab == 320
    assert loaded.encode(UNTOUCHED) == bpe.encode(UNTOUCHED)


@pytest.mark.parametrize(
    ("name", "text", "special"),
    [
        ("gpt", "Hi<|endoftext|>", ["<|endoftext|>"]),
        ("bert", "very [MASK].", ["[CLS]", "[MASK]", "[SEP]"]),
        ("t5", "I <extra_id_0> you.", ["<extra_id_0>", "</s>"]),
    ],
)
def test_each_family_reads_the_special_tokens_that_it_is_asked_with_and_gets_its_own_around(
    name: str, text: str, special: list[str]
) -> None:
    folder = zoo.CHECKPOINTS / name
    tokens = Tokenizer.of(configs.load(folder), folder / "tokenizer.json").encode(text).tokens
    assert [token.text for token in tokens if token.special] == special
    assert tokens[-1].special == (name != "gpt")


@pytest.fixture(scope="module")
def published(hub_cache: Path) -> dict[str, Tokenizer]:
    """The vocabularies of the field, by name."""
    folders = {name: hub_cache / f"models--{name.replace('/', '--')}" for kind in MODELS.values() for name in kind}
    return {name: Tokenizer.load(next(folder.glob("snapshots/*/tokenizer.json"))) for name, folder in folders.items()}


TEXTS = [
    "The quick brown fox isn't here: 3.14159 times!",
    "  two  spaces\tand\n\nlines ",
    "Grüße aus 東京, שלום, привет 👩‍👩‍👧 🏳️‍🌈",
    "<|endoftext|> [MASK] <|im_start|> <0x0A> ▁ Ġ ##ing",
    "\x00\x07 a\x7f",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", MODELS["byte-level BPE"])
def test_published_byte_level_vocabularies_account_for_every_byte(
    published: dict[str, Tokenizer], name: str, text: str
) -> None:
    tokenizer = published[name]
    tokens = tokenizer.encode(text).tokens
    assert spells(tokens) == text.encode()
    assert not tokenizer.special_ids & {token.id for token in tokens}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", MODELS["others"])
def test_other_published_vocabularies_account_for_the_characters_they_span(
    published: dict[str, Tokenizer], name: str, text: str
) -> None:
    """They drop or change characters, so bytes may be missing; what is there is the input's own, and in order."""
    tokenizer = published[name]
    tokens = tokenizer.encode(text).tokens
    assert tokens or not text.strip("\x00\x07\x7f ")
    assert all(token.raw in text[token.start : token.end].encode() for token in tokens)
    starts = [token.start for token in tokens]
    assert starts == sorted(starts)
    assert not tokenizer.special_ids & {token.id for token in tokens if token.text not in ("[UNK]", "<unk>")}


def test_byte_fallback_spells_a_character_byte_by_byte(published: dict[str, Tokenizer]) -> None:
    tokens = published["microsoft/Phi-3-mini-4k-instruct"].encode("a👩b").tokens
    assert [token.raw for token in tokens] == [b"a", b"\xf0", b"\x9f", b"\x91", b"\xa9", b"b"]


def test_a_unigram_vocabulary_that_lists_its_special_tokens_as_pieces_matches_them(
    published: dict[str, Tokenizer],
) -> None:
    """The one exception to special tokens being plain characters, as `Tokenizer.encode` says."""
    (token,) = published["google/flan-t5-small"].encode("</s>").tokens[-1:]
    assert (token.id, token.raw) == (1, b"</s>")


def test_a_template_puts_special_tokens_around_the_text_and_clipping_keeps_them(
    hub_cache: Path, published: dict[str, Tokenizer]
) -> None:
    (path,) = hub_cache.glob("models--google-bert--bert-base-uncased/snapshots/*/tokenizer.json")
    tokenizer = Tokenizer.load(path, template=True, reads_special=True)
    text = "the girl was very [MASK]."
    first, *inner, last = tokenizer.encode(text).tokens
    assert (first.text, last.text) == ("[CLS]", "[SEP]")
    assert (first.start, first.end, first.raw, first.special) == (0, 0, b"", True)
    plain = published["google-bert/bert-base-uncased"]
    assert [token.id for token in inner[:4]] == [token.id for token in plain.encode("the girl was very").tokens]
    assert [(token.text, token.raw, token.special) for token in inner[4:]] == [
        ("[MASK]", b"[MASK]", True),
        (".", b".", False),
    ]
    cut = tokenizer.encode(text, n_ctx=4)
    assert [token.text for token in cut.tokens] == ["[CLS]", "[MASK]", ".", "[SEP]"]
    assert cut.clipped == 4
    with pytest.raises(ValueError, match="n_ctx is 1; a context has room for at least 2 tokens"):
        tokenizer.encode(text, n_ctx=1)


def test_an_unknown_word_is_shown_as_such_with_the_bytes_that_were_lost(published: dict[str, Tokenizer]) -> None:
    (token,) = published["google-bert/bert-base-cased"].encode("👩").tokens
    assert (token.text, token.raw) == ("[UNK]", "👩".encode())
