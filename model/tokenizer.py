"""Text to tokens and back, with the span of characters and the bytes each token stands for.

No torch here. The vocabularies are `tokenizers` files (tokenizer.json), so every published one loads the same way.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import tokenizers
from tokenizers import decoders, models, processors

from model.config import Config
from model.made_of import groups, shares
from model.trace import Stream, Token


def byte_level_alphabet() -> dict[str, int]:
    """The printable stand-in of each byte in a byte-level vocabulary (GPT-2's `bytes_to_unicode`), inverted."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


BYTE_OF = byte_level_alphabet()
SPACE = "\u2581"
"""What a SentencePiece vocabulary writes for a space."""
REMEMBERED = 16_384
"""The entries whose texts and bytes a tokenizer keeps at hand: every picture of a text spells hundreds of them."""
FALLBACK_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
"""How a SentencePiece vocabulary with byte fallback spells a single byte."""


class Tokenizer:
    """One vocabulary and its rules.

    Args:
        inner: the `tokenizers` object.
        bos_token_id: prepended to every text, where the model wants it.
        template: whether a text gets the special tokens that the vocabulary's own template puts around it, such as
            BERT's [CLS] and [SEP].
        reads_special: whether a special token written out in the text is read as one, such as [MASK].
        rows: the entries that its model has; a Unigram vocabulary's pieces past them are cut and read as unknown ones
            (Marian). None: all.

    Raises:
        ValueError: the vocabulary has no entry `bos_token_id`.
    """

    def __init__(
        self,
        inner: tokenizers.Tokenizer,
        bos_token_id: int | None = None,
        *,
        template: bool = False,
        reads_special: bool = False,
        rows: int | None = None,
    ) -> None:
        inner.no_padding()
        inner.no_truncation()
        inner.encode_special_tokens = not reads_special
        _untrimmed(inner)
        self.inner = inner
        self.bos_token_id = bos_token_id
        self.reads_special = reads_special
        self.is_byte_level = isinstance(inner.decoder, decoders.ByteLevel)
        self._marks_spaces = inner.decoder is not None and inner.decoder.decode([SPACE + "a"] * 2).strip() == "a a"
        added = inner.get_added_tokens_decoder()
        self._added = {id: token.content for id, token in added.items()}
        self.special_ids = frozenset(id for id, token in added.items() if token.special)
        self._rows = rows
        lacks = rows is not None and rows < self.d_vocab and isinstance(inner.model, models.Unigram)
        self._unknown = unknown_id(inner) if lacks else None
        self._texts = functools.lru_cache(REMEMBERED)(self._text_of)
        self._bytes = functools.lru_cache(REMEMBERED)(self._bytes_of)
        letter = inner.encode("a", add_special_tokens=False).ids
        self.puts_space_in_front = b"".join(map(self.bytes_of, letter)).startswith(b" ")
        """Whether a text is read as if a space stood in front of it: what begins a text then loses its own."""
        before, after = self._template() if template else ([], [])
        self._before = self._specials(before if bos_token_id is None else [bos_token_id, *before])
        self._after = self._specials(after)

    @classmethod
    def load(cls, path: Path, bos_token_id: int | None = None, **how: bool) -> Tokenizer:
        """The tokenizer in a tokenizer.json file; `how` as in the constructor."""
        return cls(tokenizers.Tokenizer.from_file(str(path)), bos_token_id, **how)

    @classmethod
    def of(cls, config: Config, path: Path) -> Tokenizer:
        """A model's tokenizer, in a tokenizer.json file, as `around`."""
        return cls.around(config, tokenizers.Tokenizer.from_file(str(path)))

    @classmethod
    def around(cls, config: Config, inner: tokenizers.Tokenizer) -> Tokenizer:
        """A model's tokenizer.

        A text gets what the model was trained with around it: one token in front where its config names it, else what
        the vocabulary's template says. Who asks a BERT or a T5 writes special tokens out ("very [MASK].", "I
        <extra_id_0> you."), and they are read as such; a GPT has none that a text may hold.
        """
        bos = config.bos_token_id
        return cls(inner, bos, template=bos is None, reads_special=config.family != "gpt", rows=config.d_vocab)

    @property
    def d_vocab(self) -> int:
        """How many entries the vocabulary has, special tokens included."""
        return self.inner.get_vocab_size(with_added_tokens=True)

    def numbered(self, ids: list[int]) -> list[int]:
        """Entries of a text as its model reads them: a piece that it has no row of is unknown to it."""
        if self._unknown is None or self._rows is None:
            return ids
        unknown, rows = self._unknown, self._rows
        return [id if id < rows or id in self._added else unknown for id in ids]

    def same_vocabulary(self, other: Tokenizer) -> bool:
        """Whether each id stands for the same entry in both."""
        return self is other or self.inner.get_vocab() == other.inner.get_vocab()

    @property
    def mask_id(self) -> int | None:
        """The entry that stands for a word to be guessed ([MASK], or RoBERTa's <mask>); None if there is none."""
        return next((id for id, content in self._added.items() if content.lower().strip("[]<>") == "mask"), None)

    def encode(self, text: str, n_ctx: int | None = None) -> Stream:
        """The text as tokens; of more than `n_ctx` tokens, the last of it with the special ones still around it.

        Unless the tokenizer `reads_special`, special tokens written out in the text (`<|endoftext|>`) are read as plain
        characters, so that no text can smuggle one in; only a Unigram vocabulary that lists them among its pieces (T5)
        matches them all the same.

        Raises:
            ValueError: `n_ctx` has no room for one token, or for the special ones around the text; or the text holds
                half a surrogate pair, which is no character.
        """
        n_around = len(self._before) + len(self._after)
        if n_ctx is not None and n_ctx < max(1, n_around):
            raise ValueError(f"n_ctx is {n_ctx}; a context has room for at least {max(1, n_around)} tokens")
        text.encode()  # raises on half a surrogate pair, of which `tokenizers` would only say that it is no str
        encoding = self.inner.encode(text, add_special_tokens=False)
        clipped = 0 if n_ctx is None else max(0, n_around + len(encoding.ids) - n_ctx)
        tokens = tuple(self._tokens(text, encoding, clipped))
        return Stream(text, (*self._before, *tokens, *self._after), clipped)

    def _tokens(self, text: str, encoding: tokenizers.Encoding, clipped: int) -> Iterator[Token]:
        """The tokens of a text but for the first ones; those of one character divide its bytes."""
        ids = self.numbered(encoding.ids)

        def span(at: int) -> tuple[int, int]:  # the encoding's `offsets` would make a tuple of each token
            characters = encoding.token_to_chars(at)
            assert characters is not None, "all tokens are of the text: no special ones were added"
            return self._without_spaces(ids[at], text, *characters) if ids[at] in self.special_ids else characters

        begin = clipped
        while 0 < begin < len(ids) and span(begin)[0] < span(begin - 1)[1]:
            begin -= 1
        spans = [span(at) for at in range(begin, len(ids))]
        ids = ids[begin:]
        written = [self.bytes_of(id) for id in ids]
        for at, after, first, last in groups(text, spans, written):
            data = text[first:last].encode()
            alone = after - at == 1
            whole = spans[at][1] if alone else max(end for _, end in spans[at:after])
            parts = [(0, len(data))] if alone else shares(data, written[at:after])
            for index, (from_byte, to_byte) in zip(range(at, after), parts, strict=True):
                if begin + index >= clipped:
                    id, (start, end) = ids[index], spans[index]
                    special = self.reads_special and id in self.special_ids
                    end = last if end == whole else end
                    yield Token(id, self.text_of(id), start, end, data[from_byte:to_byte], special)

    def text_of(self, id: int) -> str:
        """What one entry of the vocabulary writes; a special token's name.

        A model may have more rows than its vocabulary has entries, to round the number up: they write nothing, and are
        called "id 4112, no entry".
        """
        return self._texts(id)

    def _text_of(self, id: int) -> str:
        piece = self.inner.id_to_token(id)
        if piece is None:
            return f"id {id}, no entry"
        if id in self._added:
            return self._added[id]  # the decoder may know it as the normalizer leaves it
        if self._marks_spaces and not FALLBACK_BYTE.fullmatch(piece):
            return piece.replace(SPACE, " ")  # the decoder leaves out the first space of a row of tokens
        return self.inner.decode([id], skip_special_tokens=False)

    def bytes_of(self, id: int) -> bytes:
        """What one entry of the vocabulary writes: any bytes if it is byte-level, else those of its text.

        A special token writes none, and neither does an id without an entry.
        """
        return self._bytes(id)

    def _bytes_of(self, id: int) -> bytes:
        if id in self.special_ids or self.inner.id_to_token(id) is None:
            return b""
        if self.is_byte_level and id not in self._added:
            return bytes(BYTE_OF[character] for character in self._piece(id))
        fallback = FALLBACK_BYTE.fullmatch(self._piece(id))
        return bytes.fromhex(fallback[1]) if fallback else self.text_of(id).encode()

    def decode(self, ids: list[int]) -> str:
        """The text of a row of tokens, special tokens left out."""
        return self.inner.decode(ids, skip_special_tokens=True)

    def _template(self) -> tuple[list[int], list[int]]:
        """What the vocabulary's template puts before a text and behind it."""
        encoding = self.inner.encode("a", add_special_tokens=True)
        of_text = [at for at, added in enumerate(encoding.special_tokens_mask) if not added]
        return encoding.ids[: of_text[0]], encoding.ids[of_text[-1] + 1 :]

    def _specials(self, ids: list[int]) -> list[Token]:
        """Tokens that stand for no character of the text."""
        return [Token(id, self._piece(id), 0, 0, special=True) for id in ids]

    def _piece(self, id: int) -> str:
        """The entry as the vocabulary spells it."""
        piece = self.inner.id_to_token(id)
        if piece is None:
            raise ValueError(f"the vocabulary has no entry {id}; it has {self.d_vocab}")
        return piece

    def _without_spaces(self, id: int, text: str, start: int, end: int) -> tuple[int, int]:
        """Where a special token's name stands among its characters: some take in the spaces beside them."""
        name = self._added[id]
        at = text.find(name, start, end)
        return (start, end) if at < 0 else (at, at + len(name))


def unknown_id(inner: tokenizers.Tokenizer) -> int | None:
    """The entry that stands for whatever has none; None where there is always one."""
    if isinstance(inner.model, models.Unigram):
        id = json.loads(inner.to_str())["model"]["unk_id"]
        return None if id is None else int(id)
    name = getattr(inner.model, "unk_token", None)
    return None if name is None else inner.token_to_id(name)


def _untrimmed(inner: tokenizers.Tokenizer) -> None:
    """Has a byte-level vocabulary count the space of a word as its token's, as its bytes do."""
    processor = inner.post_processor
    parts = list(processor) if isinstance(processor, processors.Sequence) else []  # type: ignore[call-overload]
    for one in (processor, *parts):
        if hasattr(one, "trim_offsets"):
            one.trim_offsets = False
