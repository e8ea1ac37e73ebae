"""Tokens: how the model's own vocabulary cuts the text, by the tokenizer.json that lies with the checkpoint."""

from __future__ import annotations

from collections.abc import Iterator

from tokenizers import Tokenizer

from tests.ui.audit.claims import Claim
from tests.ui.audit.sight import CHECKPOINTS, Sight

WITH_ITS_OWN = {"gpt": False, "bert": True, "t5": True}
"""Whether the text is read between the special tokens that the file adds; a GPT's text has its start token in front."""


def claims(seen: Sight) -> Iterator[Claim]:
    """The ids, and the row of the table that counts them."""
    tokenizer = Tokenizer.from_file(str(CHECKPOINTS / seen.model / "tokenizer.json"))
    family, text = seen.config["family"], seen.frame["text"]
    cut = tokenizer.encode(text, add_special_tokens=WITH_ITS_OWN[family]).ids
    read = seen.ids[1:] if family == "gpt" and seen.frame["tokens"][0]["special"] else seen.ids
    yield Claim("ids", str(read), str(cut))
    row = "tr.own > td."
    yield Claim("entries", seen.text(f"{row}entries"), tokenizer.get_vocab_size())
    n = len(tokenizer.encode(text, add_special_tokens=False).ids)
    yield Claim("tokens, without special ones", seen.text(f"{row}tokens"), n)
    yield Claim("characters a token", seen.text(f"{row}perToken"), len(text) / n)
    yield Claim("bytes a token", seen.text(f"{row}bytesPerToken"), len(text.encode()) / n)
