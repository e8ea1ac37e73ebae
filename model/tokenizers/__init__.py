"""Vocabularies to hold a text against: eight of the field and five kinds that come with the project, by name.

Not here: what a vocabulary makes of a text (`model.study.ruler`) and how it got there (`model.study.replay`); any other
one, by its name on the hub (`model.tokenizers.from_hub`). No torch. Each is a tokenizer.json, xz-compressed beside this
file or in a checkpoint's folder; `NOTICE` says where from, `python -m model.tokenizers` rebuilds them.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from pathlib import Path

import tokenizers
from tokenizers import decoders, models, pre_tokenizers

from model import zoo
from model.tokenizer import BYTE_OF, Tokenizer

HERE = Path(__file__).parent
UNKNOWN = "[UNK]"


@dataclass(frozen=True)
class Vocabulary:
    """One vocabulary that comes with the project."""

    name: str
    """How it is asked for."""
    label: str
    """How people call it."""
    kind: str
    """How it cuts a text."""
    checkpoint: str | None = None
    """The bundled model whose own it is."""

    @property
    def path(self) -> Path | None:
        """Its file; None for the one that needs none."""
        if self.checkpoint is not None:
            return zoo.CHECKPOINTS / self.checkpoint / "tokenizer.json"
        return None if self.name == "byte" else HERE / f"{self.name.rpartition('/')[2]}.json.xz"


FIELD = (
    Vocabulary("openai-community/gpt2", "GPT-2", "byte-level BPE"),
    Vocabulary("Xenova/gpt-4", "GPT-4 (cl100k)", "byte-level BPE"),
    Vocabulary("bigcode/starcoder2-15b", "StarCoder2", "byte-level BPE"),
    Vocabulary("Qwen/Qwen2-VL-7B-Instruct", "Qwen2-VL", "byte-level BPE"),
    Vocabulary("microsoft/Phi-3-mini-4k-instruct", "Phi-3-mini", "BPE, rare bytes"),
    Vocabulary("google-bert/bert-base-cased", "BERT cased", "WordPiece"),
    Vocabulary("google-bert/bert-base-uncased", "BERT uncased", "WordPiece"),
    Vocabulary("google/flan-t5-small", "Flan-T5", "Unigram"),
)
OWN = (
    Vocabulary("bpe", "Cutaway GPT", "byte-level BPE", "gpt"),
    Vocabulary("wordpiece", "Cutaway BERT", "WordPiece", "bert"),
    Vocabulary("unigram", "Cutaway T5", "Unigram", "t5"),
)
PLAIN = (
    Vocabulary("word", "words", "a word an entry"),
    Vocabulary("character", "characters", "a character an entry"),
    Vocabulary("byte", "bytes", "a byte an entry"),
)


def available() -> tuple[Vocabulary, ...]:
    """Those whose file is there: the vocabulary of a bundled model comes and goes with its checkpoint."""
    return tuple(one for one in (*OWN, *FIELD, *PLAIN) if one.path is None or one.path.is_file())


def read(vocabulary: Vocabulary) -> str:
    """Its tokenizer.json."""
    if vocabulary.path is None:
        return every_byte().to_str()
    raw = vocabulary.path.read_bytes()
    return (lzma.decompress(raw) if vocabulary.path.suffix == ".xz" else raw).decode("utf-8")


def load(tokenizer_json: str) -> Tokenizer:
    """The tokenizer in a tokenizer.json, with the special tokens that it puts around a text by itself."""
    return Tokenizer(tokenizers.Tokenizer.from_str(tokenizer_json), template=True)


def every_byte() -> tokenizers.Tokenizer:
    """A vocabulary of the 256 bytes, each with its value as id, and no merge."""
    tokenizer = tokenizers.Tokenizer(models.BPE(dict(BYTE_OF), []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
