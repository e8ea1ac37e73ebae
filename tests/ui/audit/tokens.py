"""Tokens: how each vocabulary cuts the text, by the tokenizer.json of a checkpoint or of the page."""

from __future__ import annotations

import functools
import lzma
from collections.abc import Iterator

import numpy as np
from tokenizers import Tokenizer

from tests.ui.audit.claims import Claim
from tests.ui.audit.sight import CHECKPOINTS, Sight

WITH_ITS_OWN = {"gpt": False, "bert": True, "t5": True}
"""Whether the text is read between the special tokens that the file adds; a GPT's text has its start token in front."""
OF_CHECKPOINTS = {"bpe": "gpt", "wordpiece": "bert", "unigram": "t5"}
FIELD = CHECKPOINTS.parent / "tokenizers"
THERE = """() => {
  const cells = [...document.querySelectorAll('[data-exhibit="tokens"] tbody td')].map((cell) => cell.textContent);
  return !cells.some((text) => text === "…" || text === "on its way");
}"""


def ids_of(seen: Sight, text: str) -> list[int]:
    """A text as the model that is shown reads it."""
    family = seen.config["family"]
    ids = _file(seen.model).encode(text, add_special_tokens=WITH_ITS_OWN[family]).ids
    start = [seen.config["bos_token_id"]] if family == "gpt" and seen.config["bos_token_id"] is not None else []
    return [*start, *ids]


def claims(seen: Sight) -> Iterator[Claim]:
    """The ids, the count in the box, and each row of the table."""
    text = seen.frame["text"]
    yield Claim("ids", str(seen.ids), str(ids_of(seen, text)))
    bare = len(_file(seen.model).encode(text, add_special_tokens=False).ids)
    shown = seen.page.locator(".bar .count").inner_text()
    yield Claim("tokens in the box", shown, len(seen.ids))
    yield Claim("of them added", shown.partition(", ")[2], len(seen.ids) - bare)
    yield Claim("added, above the ruler", seen.text(".ruler-words").rpartition("adds")[2], len(seen.ids) - bare)
    seen.page.wait_for_function(THERE)
    for index, row in enumerate(seen.frame["ruler"]["rows"]):
        name, at = row["name"], f"tbody tr:nth-child({index + 1}) > td."
        yield from _row(seen, text, name, at, is_own=row["own"])


def _row(seen: Sight, text: str, name: str, at: str, *, is_own: bool) -> Iterator[Claim]:
    if name == "byte":
        entries, n, lost, returns = 256, len(text.encode()), 0, "exactly"
    else:
        tokenizer = _file(seen.model if is_own else name)
        reads_special = is_own and seen.config["family"] != "gpt"
        tokenizer.encode_special_tokens = not reads_special  # else a text could smuggle one in
        encoding = tokenizer.encode(text, add_special_tokens=False)
        tokenizer.encode_special_tokens = False
        entries, n, lost = tokenizer.get_vocab_size(), len(encoding.ids), _lost(tokenizer, text)
        is_whole = not lost and tokenizer.decode(encoding.ids, skip_special_tokens=False) == text
        returns = "exactly" if is_whole else "no" if lost else "nearly"
    yield Claim(f"{name}, entries", seen.text(f"{at}entries"), entries)
    yield Claim(f"{name}, tokens", seen.text(f"{at}tokens"), n)
    yield Claim(f"{name}, characters a token", seen.text(f"{at}perToken"), len(text) / n)
    yield Claim(f"{name}, bytes a token", seen.text(f"{at}bytesPerToken"), len(text.encode()) / n)
    yield Claim(f"{name}, characters lost", seen.text(f"{at}lost"), lost)
    yield Claim(f"{name}, the text comes back", seen.text(f"{at}returns"), returns)


def _lost(tokenizer: Tokenizer, text: str) -> int:
    """Characters in an unknown token or in none at all, but for spaces."""
    unknown = getattr(tokenizer.model, "unk_token", None)
    unknown_id = tokenizer.token_to_id(unknown or "<unk>")
    held = np.array([character.isspace() for character in text])
    encoding = tokenizer.encode(text, add_special_tokens=False)
    for id, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        held[start:end] = id != unknown_id
    return int((~held).sum())


@functools.cache
def _file(name: str) -> Tokenizer:
    """By the name of a model or of a row."""
    checkpoint = CHECKPOINTS / OF_CHECKPOINTS.get(name, name) / "tokenizer.json"
    if checkpoint.is_file():
        return Tokenizer.from_file(str(checkpoint))
    packed = FIELD / f"{name.rpartition('/')[2]}.json.xz"
    return Tokenizer.from_str(lzma.decompress(packed.read_bytes()).decode())
