"""Marian's vocabulary, made of `source.spm` and `vocab.json`: held against `MarianTokenizer` and SentencePiece."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import tokenizers
import transformers as hf

from model.config import PositionConfig, T5Config
from model.hub import two_languages, vocabularies
from model.study.ruler import Axis, Rule
from model.tokenizer import Tokenizer
from tests.model.hub.test_sentence_piece import ODD
from tests.model.hub.test_vocabularies import TEXTS

SOURCE = [*(two_languages.__doc__ or "").split("\n"), *(vocabularies.__doc__ or "").split("\n"), "naïve Zoë’s café"]
TARGET = [
    "Собака побежала в парк, потому что было тепло.",
    "привет мир, как дела?",
    "ein kleiner Hund läuft in den Park, weil es dort schön ist",
]
OTHERS = ["</s>", "<unk>", ">>fra<<", ">>deu_Latn<<", "привет", "я", "ππ"]
"""Entries of vocab.json that no piece of the source is: two languages, and runs of characters of no piece."""
CODED = [
    *(">>fra<< the dog", ">>fra<<the dog", ">>fra<<", ">>fra<<  ", ">>fra<< >>deu_Latn<< x", ">>fra<<>>fra<<x"),
    *("a >>fra<< b", " >>fra<< b", "\n>>fra<< x", ">>fra\n<< x", "＞＞fra＜＜ x", "≫fra≪"),
    *(">>xyz<< the dog", ">>xyz<<the", ">> <<x", ">><<", ">>a", "<<"),
]
FOREIGN = ["привет", "привет мир", "the приветя", "я", "ππ π πππ", "¿qué? 日本語 text", "aя b", "\ue002 the \ue100 x"]
SPECIAL = ["a </s> b", "a<pad>b", "a <unk> b", "<s> the", ">>fra<< a</s>>>fra<< b"]
PARTS = [
    "привет",
    ">>fra<<",
    "the",
    "</s>",
    "<unk>",
    "<pad>",
    "ππ",
    "  ",
    *"abcdeth  .,'’ïπяпривет你é>><<▁\tＡAﬁ½\u3000",
]


def learned(lines: list[str], path: Path, **settings: Any) -> list[str]:
    """A small model in a file, and its pieces."""
    model = io.BytesIO()
    said: dict[str, Any] = {"model_type": "unigram", "vocab_size": 160} | settings
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines * 3), model_writer=model, hard_vocab_limit=False, minloglevel=2, **said
    )
    path.write_bytes(model.getvalue())
    trained = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return [trained.id_to_piece(id) for id in range(trained.get_piece_size())]


def published(folder: Path, n_dropped: int = 12, **settings: Any) -> list[str]:
    """The files as they lie on the hub; gives the entries. Some pieces of the source are numbered nowhere."""
    source = learned(SOURCE, folder / "source.spm", **settings)
    target = learned(TARGET, folder / "target.spm", vocab_size=120)
    dropped = random.Random(0).sample([piece for piece in source[3:] if len(piece) > 1], n_dropped)
    kept = dict.fromkeys([*OTHERS, *source, *target]).keys() - {"<s>", *dropped}
    entries = [*sorted(kept), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({entry: id for id, entry in enumerate(entries)}), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"source_lang": "eng", "target_lang": "mul"}))
    return entries


def tokenizer(folder: Path, n_entries: int) -> Tokenizer:
    """What a model of so many entries reads texts with, as it is stored and read again."""
    made = vocabularies.read(folder)
    assert made is not None
    sizes: dict[str, Any] = {"n_ctx": 256, "d_model": 8, "n_layers": 1, "n_heads": 1, "d_mlp": 8}
    config = T5Config("x", d_vocab=n_entries, positions=PositionConfig("sinusoidal", cosines_behind=True), **sizes)
    return Tokenizer.around(config, tokenizers.Tokenizer.from_str(made.to_str()))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Any]:
    """Ours, and that of `transformers`."""
    folder = tmp_path_factory.mktemp("marian")
    entries = published(folder)
    with pytest.warns(UserWarning, match="sacremoses"):
        peer = hf.MarianTokenizer.from_pretrained(str(folder))
    return tokenizer(folder, len(entries)), peer


@pytest.mark.parametrize(
    "texts", [TEXTS, ODD, CODED, FOREIGN, SPECIAL], ids=["plain", "odd", "coded", "foreign", "ends"]
)
def test_texts_are_read_as_transformers_reads_them(both: tuple[Tokenizer, Any], texts: list[str]) -> None:
    ours, peer = both
    for text in texts:
        assert list(ours.encode(text).ids) == peer(text)["input_ids"], text


def test_texts_at_random_are_read_as_transformers_reads_them(both: tuple[Tokenizer, Any]) -> None:
    ours, peer = both
    draw = random.Random(1)
    for _ in range(3_000):
        text = draw.choice(["", "", ">>fra<<", ">>x<<"]) + "".join(draw.choices(PARTS, k=draw.randint(0, 14)))
        assert list(ours.encode(text).ids) == peer(text)["input_ids"], text


def test_what_is_numbered_nowhere_is_unknown_and_every_byte_is_some_tokens(both: tuple[Tokenizer, Any]) -> None:
    ours, peer = both
    dropped = [piece for piece in ours.inner.get_vocab() if ours.inner.token_to_id(piece) >= peer.vocab_size]
    assert len(dropped) == 12
    text = "the 你好 " + " ".join(piece.replace("\u2581", " ") for piece in dropped)
    read = ours.encode(text).tokens
    assert [token.id for token in read] == peer(text)["input_ids"]
    assert max(token.id for token in read) < peer.vocab_size
    assert sum(token.text == "<unk>" for token in read) > 6
    [strange] = [token for token in read if "你" in text[token.start : token.end]]
    assert text[strange.start : strange.end] == "你好"
    assert Rule(ours).cut(Axis(text)).ids == peer(text, add_special_tokens=False)["input_ids"]


def test_a_language_is_one_token_of_all_its_characters(both: tuple[Tokenizer, Any]) -> None:
    ours, _ = both
    for text in (">>fra<< the dog", ">>xyz<< the dog"):
        first = ours.encode(text).tokens[0]
        assert (first.start, first.end) == (0, 7)
    assert ours.text_of(ours.encode(">>fra<< the").tokens[0].id) == ">>fra<<"


def test_what_is_written_is_spelled_as_transformers_spells_it(both: tuple[Tokenizer, Any]) -> None:
    ours, peer = both
    for words in ("the little dog", "привет", "ein Hund"):
        ids = [id for id in peer(words)["input_ids"] if id < peer.vocab_size]
        assert ours.decode(ids) == peer.decode(ids, skip_special_tokens=True)


def test_every_piece_may_be_numbered(tmp_path: Path) -> None:
    entries = published(tmp_path, n_dropped=0)
    assert tokenizer(tmp_path, len(entries)).d_vocab == len(entries)


def test_another_normalization_is_followed(tmp_path: Path) -> None:
    entries = published(tmp_path, normalization_rule_name="identity")
    with pytest.warns(UserWarning, match="sacremoses"):
        peer = hf.MarianTokenizer.from_pretrained(str(tmp_path))
    ours = tokenizer(tmp_path, len(entries))
    for text in [*TEXTS, *ODD, *CODED, *FOREIGN, ">>fra<<▁x ▁", "▁", "x▁", "▁▁ x", "▁</s>▁ x▁"]:
        assert list(ours.encode(text).ids) == peer(text)["input_ids"], text


def test_two_vocabularies_a_gap_or_other_rows_are_refused(tmp_path: Path) -> None:
    entries = published(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"separate_vocabs": true}')
    with pytest.raises(ValueError, match="a vocabulary for each language"):
        vocabularies.read(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text("{}")
    (tmp_path / "config.json").write_text(json.dumps({"vocab_size": len(entries) + 8}))
    with pytest.raises(ValueError, match="its config.json another vocab_size"):
        vocabularies.read(tmp_path)
    (tmp_path / "config.json").unlink()
    (tmp_path / "vocab.json").write_text(json.dumps({entry: 2 * id for id, entry in enumerate(entries)}))
    with pytest.raises(ValueError, match="does not number its entries one by one"):
        vocabularies.read(tmp_path)


def test_pieces_of_other_kinds_are_refused(tmp_path: Path) -> None:
    published(tmp_path, user_defined_symbols=["the dog"])
    with pytest.raises(ValueError, match="pieces of the kinds 4; only plain ones"):
        vocabularies.read(tmp_path)
