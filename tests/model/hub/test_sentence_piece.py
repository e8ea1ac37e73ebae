"""DeBERTa's vocabulary, read from the file that SentencePiece writes: held against SentencePiece and `transformers`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import transformers as hf

from model.config import BertConfig
from model.hub import sentence_piece, vocabularies
from model.tokenizer import Tokenizer
from tests.model.hub.test_vocabularies import TEXTS

SPECIAL = {"pad": "[PAD]", "bos": "[CLS]", "eos": "[SEP]", "unk": "[UNK]"}
"""The entries in front, as in the published files."""
TRAINED = (vocabularies.__doc__ or "").split("\n")
PLAIN = [text for text in TEXTS if "[MASK]" not in text]
ODD = [
    "ﬁne ① ½ ＡＢＣ",
    "  lead and trail  ",
    "a\n\nb\tc",
    "a\u00a0b",
    "e\u0301",
    "🙂 x",
    "▁ literal ▁y",
    "\u200b zero",
]


def learned(folder: Path, **settings: Any) -> sentencepiece.SentencePieceProcessor:
    """A small model in `folder/spm.model`."""
    model = io.BytesIO()
    ids: dict[str, Any] = {f"{name}_id": id for id, name in enumerate(SPECIAL)}
    names: dict[str, Any] = {f"{name}_piece": piece for name, piece in SPECIAL.items()}
    said: dict[str, Any] = {"model_type": "unigram", "vocab_size": 160} | settings
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*PLAIN, *TRAINED, "saw the mask and the dog"] * 3),
        model_writer=model,
        hard_vocab_limit=False,
        minloglevel=2,
        **ids,
        **names,
        **said,
    )
    (folder / "spm.model").write_bytes(model.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def test_texts_are_cut_as_sentencepiece_cuts_them(tmp_path: Path) -> None:
    theirs = learned(tmp_path)
    made = vocabularies.read(tmp_path)
    assert made is not None
    assert vocabularies.needed(["spm.model", "x"], "some/name") == ("spm.model",)
    for text in [*PLAIN, *ODD]:
        assert made.encode(text).ids == [1, *theirs.encode(text), 2], text
    assert made.decode(made.encode("the little dog").ids) == "the little dog"


def test_plain_texts_and_special_tokens_are_read_as_transformers_reads_them(tmp_path: Path) -> None:
    learned(tmp_path)
    made, peer = vocabularies.read(tmp_path), hf.DebertaV2Tokenizer.from_pretrained(str(tmp_path))
    assert made is not None
    for text in [*TEXTS, "saw the [MASK] and the [MASK].", "[MASK]the"]:
        assert made.encode(text).ids == peer(text)["input_ids"], text
    assert made.token_to_id("[MASK]") == peer.mask_token_id == len(peer) - 1


def test_lower_case_is_a_setting(tmp_path: Path) -> None:
    theirs = learned(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    made = vocabularies.read(tmp_path)
    assert made is not None
    assert made.encode("The Dog").ids == [1, *theirs.encode("the dog"), 2]


def test_a_model_knows_where_each_token_stands_and_which_is_the_mask(tmp_path: Path) -> None:
    learned(tmp_path)
    inner = vocabularies.read(tmp_path)
    assert inner is not None
    config = BertConfig("x", d_vocab=200, n_ctx=64, d_model=8, n_layers=1, n_heads=1, d_mlp=8)
    tokenizer, text = Tokenizer.around(config, inner), "saw the [MASK] and ½"
    tokens = tokenizer.encode(text).tokens
    assert [tokens[0].text, tokens[-1].text] == ["[CLS]", "[SEP]"]
    [mask] = [token for token in tokens if token.id == tokenizer.mask_id]
    assert text[mask.start : mask.end] == "[MASK]"
    assert b"".join(token.raw for token in tokens).replace(b" ", b"") == b"sawthe[MASK]and\xc2\xbd"


@pytest.mark.parametrize("settings", [{"model_type": "bpe"}, {"byte_fallback": True}, {"add_dummy_prefix": False}])
def test_other_kinds_are_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    learned(tmp_path, **settings | ({"vocab_size": 400} if "byte_fallback" in settings else {}))
    with pytest.raises(ValueError, match=r"spm\.model is no Unigram model with a space in front"):
        vocabularies.read(tmp_path)


def test_a_split_that_is_not_by_pieces_is_refused(tmp_path: Path) -> None:
    learned(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"split_by_punct": true}')
    with pytest.raises(ValueError, match="says split_by_punct"):
        vocabularies.read(tmp_path)


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_damaged_file_is_told(tmp_path: Path, cut: int) -> None:
    learned(tmp_path)
    path = tmp_path / "spm.model"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match=r"spm\.model is no SentencePiece model"):
        sentence_piece.load(path)
