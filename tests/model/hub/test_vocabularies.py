"""Tokenizers of checkpoints without a tokenizer.json: made from older files, equal to the published, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import transformers

from model.hub import vocabularies

TEXTS = [
    "The little dog ran to the park because",
    "  two  spaces, a\ttab and\na line",
    "naïve Zoë’s café — 100 % “done”, isn't it? 你好 👋🏽",
    "UPPER lower unbelievable <|endoftext|> [MASK] </s>",
    "",
]


def published(cache: Path, name: str) -> Path:
    (path,) = cache.glob(f"models--{name.replace('/', '--')}/snapshots/*/tokenizer.json")
    return path


def older(path: Path, to: Path, settings: dict[str, Any]) -> None:
    """The files of earlier years with the entries of a tokenizer.json."""
    model = json.loads(path.read_text(encoding="utf-8"))["model"]
    if "merges" in model:
        pairs = (pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"])
        (to / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
        (to / "merges.txt").write_text("#version: 0.2\n" + "\n".join(pairs) + "\n", encoding="utf-8")
    else:
        entries = sorted(model["vocab"], key=model["vocab"].__getitem__)
        (to / "vocab.txt").write_text("\n".join(entries) + "\n", encoding="utf-8")
    (to / "tokenizer_config.json").write_text(json.dumps(settings))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("openai-community/gpt2", {"model_max_length": 1024}),
        ("google-bert/bert-base-uncased", {"do_lower_case": True}),
        ("google-bert/bert-base-cased", {"do_lower_case": False}),
    ],
)
def test_older_files_give_the_tokenizer_that_was_published_later(
    hub_cache: Path, tmp_path: Path, name: str, settings: dict[str, Any]
) -> None:
    path = published(hub_cache, name)
    older(path, tmp_path, settings)
    made, expected = vocabularies.read(tmp_path), tokenizers.Tokenizer.from_file(str(path))
    assert made is not None
    for text in TEXTS:
        ours, theirs = made.encode(text), expected.encode(text)
        assert (ours.ids, ours.offsets) == (theirs.ids, theirs.offsets)
        assert made.decode(ours.ids) == expected.decode(theirs.ids)


def test_a_byte_level_vocabulary_with_special_tokens_of_berts_kind_is_read_as_transformers_reads_it(
    hub_cache: Path, tmp_path: Path
) -> None:
    """DeBERTa's first: GPT-2's entries, with [CLS] and [SEP] around a text."""
    older(published(hub_cache, "openai-community/gpt2"), tmp_path, {"do_lower_case": False})
    entries = json.loads((tmp_path / "vocab.json").read_text(encoding="utf-8"))
    entries |= {name: len(entries) + at for at, name in enumerate(("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"))}
    (tmp_path / "vocab.json").write_text(json.dumps(entries), encoding="utf-8")
    made, peer = vocabularies.read(tmp_path), transformers.DebertaTokenizer.from_pretrained(str(tmp_path))
    assert made is not None
    for text in (*TEXTS, "saw the [MASK] and"):
        assert made.encode(text).ids == peer(text)["input_ids"], text


@pytest.mark.parametrize(
    ("names", "files"),
    [
        ({"tokenizer.json", "vocab.txt"}, ("tokenizer.json",)),
        ({"vocab.json", "merges.txt", "x"}, ("vocab.json", "merges.txt")),
        ({"vocab.txt", "tokenizer_config.json"}, ("vocab.txt", "tokenizer_config.json")),
        ({"source.spm", "target.spm", "vocab.json"}, ("source.spm", "vocab.json")),
    ],
)
def test_only_the_files_that_are_needed_are_asked_for(names: set[str], files: tuple[str, ...]) -> None:
    assert vocabularies.needed(names, "some/name") == files


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"source.spm", "target.spm"}, r"\(none\).*save_pretrained"),
        ({"spiece.model"}, r"\(only spiece\.model\)"),
        ({"vocab.json"}, r"\(none\).*save_pretrained"),
    ],
)
def test_what_no_tokenizer_can_be_made_of_is_refused_with_the_way_out(names: set[str], message: str) -> None:
    with pytest.raises(FileNotFoundError, match=message):
        vocabularies.needed(names, "some/name")


def test_a_folder_without_any_has_no_tokenizer_and_a_damaged_file_is_told(tmp_path: Path) -> None:
    assert vocabularies.read(tmp_path) is None
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match="its tokenizer cannot be read"):
        vocabularies.read(tmp_path)
