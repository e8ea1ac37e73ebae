"""A checkpoint's tokenizer where it has no tokenizer.json: made from the files that earlier years kept, or refused.

Two kinds can be made without guessing: byte-level BPE (`vocab.json` and `merges.txt`, as GPT-2's and RoBERTa's) and
WordPiece (`vocab.txt`, as BERT's). A SentencePiece model is a protocol buffer with rules of its own; it is refused
with the way out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

TOKENIZER, SETTINGS = "tokenizer.json", "tokenizer_config.json"
BYTE_LEVEL = ("vocab.json", "merges.txt")
WORD_PIECE = ("vocab.txt",)
ALL = (TOKENIZER, *BYTE_LEVEL, *WORD_PIECE, SETTINGS)
"""All files that `read` may look at."""
TWO_LANGUAGES = ("source.spm", "target.spm")
"""Marian's: the first cuts the text into pieces, vocab.json numbers them, and pieces that it lacks are unknown ones."""
SENTENCE_PIECE = ("spiece.model", "tokenizer.model", "sentencepiece.bpe.model")


def needed(names: Collection[str], where: str) -> tuple[str, ...]:
    """The files of a checkpoint that its tokenizer is read from.

    Args:
        names: all files that it has.
        where: what a message calls it.

    Raises:
        FileNotFoundError: there are none from which it could be.
    """
    if TOKENIZER in names:
        return (TOKENIZER,)
    for kind in (BYTE_LEVEL, WORD_PIECE):
        if set(kind) <= set(names):
            return (*kind, *({SETTINGS} & set(names)))
    if set(TWO_LANGUAGES) <= set(names):
        raise FileNotFoundError(
            f"{where} has no {TOKENIZER}: its text is cut by {TWO_LANGUAGES[0]} and numbered by vocab.json, which may"
            f" leave pieces out, and no {TOKENIZER} can say that; one that does without them has to lie in its folder"
        )
    there = [name for name in SENTENCE_PIECE if name in names]
    found = f"only {', '.join(there)}" if there else "none"
    raise FileNotFoundError(
        f"{where} has no {TOKENIZER} ({found}). Where transformers reads it, "
        f"AutoTokenizer.from_pretrained({where!r}).save_pretrained(FOLDER) makes one"
    )


def read(folder: Path) -> tokenizers.Tokenizer | None:
    """The tokenizer of a folder, from whichever files it has; None without any that can be read.

    Raises:
        ValueError: a file is not what its name says.
    """
    try:
        if (folder / TOKENIZER).is_file():
            return tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
        settings = json.loads(text) if (text := _text(folder / SETTINGS)) else {}
        if all((folder / name).is_file() for name in BYTE_LEVEL):
            return _byte_level(folder, settings)
        if (folder / WORD_PIECE[0]).is_file():
            return _word_piece(folder, settings)
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"its tokenizer cannot be read: {error}") from error
    return None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _special(settings: dict[str, Any], name: str) -> str | None:
    """What a special token is called; older files spell it as an object."""
    token = settings.get(f"{name}_token")
    return token["content"] if isinstance(token, dict) else token


def _byte_level(folder: Path, settings: dict[str, Any]) -> tokenizers.Tokenizer:
    """GPT-2's (Radford et al. 2019), or RoBERTa's, which puts <s> and </s> around a text."""
    vocabulary, merges = (str(folder / name) for name in BYTE_LEVEL)
    made = tokenizers.Tokenizer(models.BPE.from_file(vocabulary, merges))
    prefix = bool(settings.get("add_prefix_space", False))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.ByteLevel(trim_offsets=False)
    begin, end = "<s>", "</s>"
    ids = made.get_vocab()
    if begin in ids and end in ids:
        made.post_processor = processors.RobertaProcessing((end, ids[end]), (begin, ids[begin]), False, prefix)
        special = [begin, end, "<pad>", "<unk>"]
        made.add_special_tokens([name for name in special if name in ids])
        if "<mask>" in ids:
            made.add_special_tokens([tokenizers.AddedToken("<mask>", lstrip=True)])
        return made
    named = (_special(settings, name) for name in ("bos", "eos", "unk"))
    made.add_special_tokens(sorted({name for name in (*named, "<|endoftext|>") if name in ids}))
    return made


def _word_piece(folder: Path, settings: dict[str, Any]) -> tokenizers.Tokenizer:
    """BERT's (Devlin et al. 2019): [CLS] and [SEP] around a text, in lower case unless its settings say otherwise."""
    unknown = _special(settings, "unk") or "[UNK]"
    made = tokenizers.Tokenizer(models.WordPiece.from_file(str(folder / WORD_PIECE[0]), unk_token=unknown))
    lower = settings.get("do_lower_case", True)
    made.normalizer = normalizers.BertNormalizer(
        handle_chinese_chars=settings.get("tokenize_chinese_chars", True),
        strip_accents=settings.get("strip_accents"),
        lowercase=lower,
    )
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    ids = made.get_vocab()
    special = [_special(settings, name) or f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")]
    made.add_special_tokens([name for name in special if name in ids])
    begin, end = special[2], special[3]
    made.post_processor = processors.BertProcessing((end, ids[end]), (begin, ids[begin]))
    return made
