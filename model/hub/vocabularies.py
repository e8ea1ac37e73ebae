"""A checkpoint's tokenizer where it has no tokenizer.json: made from the files that earlier years kept, or refused.

Four kinds can be made without guessing: byte-level BPE (`vocab.json` and `merges.txt`, as GPT-2's and RoBERTa's),
WordPiece (`vocab.txt`, as BERT's), DeBERTa's Unigram (`spm.model`) and Marian's (`source.spm` and `vocab.json`, see
`two_languages`). Of other models of SentencePiece the file does not tell which special tokens stand around a text; they
are refused with the way out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from model.hub import sentence_piece, two_languages

TOKENIZER, SETTINGS = "tokenizer.json", "tokenizer_config.json"
BYTE_LEVEL = ("vocab.json", "merges.txt")
WORD_PIECE = ("vocab.txt",)
UNIGRAM = ("spm.model",)
TWO_LANGUAGES = (two_languages.SOURCE, two_languages.NUMBERS)
ALL = (TOKENIZER, *BYTE_LEVEL, *WORD_PIECE, *UNIGRAM, two_languages.SOURCE, SETTINGS)
"""All files that `read` may look at."""
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
    for kind in (BYTE_LEVEL, WORD_PIECE, UNIGRAM, TWO_LANGUAGES):
        if set(kind) <= set(names):
            return (*kind, *({SETTINGS} & set(names)))
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
        if (folder / UNIGRAM[0]).is_file():
            return _unigram(folder, settings)
        if all((folder / name).is_file() for name in TWO_LANGUAGES):
            return two_languages.read(folder, settings)
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
    """GPT-2's (Radford et al. 2019), or RoBERTa's, which puts <s> and </s> around a text, DeBERTa's [CLS] and [SEP]."""
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
    begin, end = "[CLS]", "[SEP]"
    if begin in ids and end in ids:
        made.add_special_tokens([name for name in (begin, end, "[PAD]", "[UNK]") if name in ids])
        said = settings.get("mask_token")
        takes_space = isinstance(said, dict) and said.get("lstrip", False)
        made.add_special_tokens([tokenizers.AddedToken("[MASK]", lstrip=takes_space)])
        made.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A {end}", special_tokens=[(name, ids[name]) for name in (begin, end)]
        )
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


def _unigram(folder: Path, settings: dict[str, Any]) -> tokenizers.Tokenizer:
    """DeBERTa's (v2 and v3), as SentencePiece cuts a text: [CLS] and [SEP] around it, and [MASK] behind all pieces.

    transformers 5 reads the same file without its table of characters, and so keeps what this one brings to its usual
    form: full-width letters, ligatures, fractions.
    """
    if settings.get("split_by_punct", False):
        raise ValueError(f"its {SETTINGS} says split_by_punct; only a text that is cut by its pieces can be")
    learned = sentence_piece.load(folder / UNIGRAM[0])
    made = tokenizers.Tokenizer(models.Unigram(list(learned.pieces), unk_id=learned.unknown, byte_fallback=False))
    steps: list[Any] = [normalizers.Lowercase()] if settings.get("do_lower_case", False) else []
    steps += [normalizers.Precompiled(learned.characters)] if learned.characters else []
    steps += [normalizers.Strip(), normalizers.Replace(tokenizers.Regex(" {2,}"), " ")]
    made.normalizer = normalizers.Sequence(steps)
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    named = [_special(settings, name) or f"[{name.upper()}]" for name in ("pad", "cls", "sep", "unk", "mask")]
    made.add_special_tokens(named)
    _, begin, end, *_ = named
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} $B:1 {end}:1",
        special_tokens=[(name, made.token_to_id(name)) for name in (begin, end)],
    )
    return made
