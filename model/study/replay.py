"""How a vocabulary came to its tokens, step by step: merges by rank, longest matches, or the likeliest path.

The steps are made again here, after the papers, from the tables in the tokenizer.json; `tokenizers`, which cut the text
on the page, is not asked. So the two can be held against each other. No torch.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.study.ruler import SPACE
from model.tokenizer import FALLBACK_BYTE

UNKNOWN_PENALTY = 10.0
"""How far below the rarest entry an unknown character is put, in nats, by SentencePiece (`kUnkPenalty`)."""
N_PATHS = 3
"""How many of the best paths are told."""


@dataclass(frozen=True)
class Merge:
    """Two neighbours that become one."""

    rank: int
    """The line in the list of merges, from 0: what was learned earlier goes first."""
    at: int
    """Where the left one stands among the symbols before this step."""


@dataclass(frozen=True)
class Match:
    """The longest entry that a word goes on with."""

    start: int
    """Where the word goes on, in characters."""
    piece: str | None
    """The entry; None where there is none, and the whole word is unknown."""
    tried: int
    """How many beginnings were looked up, from the longest down to this one."""


@dataclass(frozen=True)
class Path:
    """One way to spell a stretch of text."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    """The natural logarithm of each piece's probability."""

    @property
    def total(self) -> float:
        """The logarithm of the path's probability: the pieces are drawn independently."""
        return math.fsum(self.scores)


class Merges:
    """Byte-pair encoding (Sennrich et al. 2016, algorithm 1): of all neighbours, the pair learned earliest merges."""

    kind = "merges"

    def __init__(self, model: Mapping[str, Any]) -> None:
        pairs = (tuple(pair.split(" ")) if isinstance(pair, str) else tuple(pair) for pair in model["merges"])
        self.ranks = {pair: rank for rank, pair in enumerate(pairs)}
        self.vocabulary = model["vocab"]
        self.takes_whole_words = bool(model.get("ignore_merges"))

    def symbols(self, pieces: Sequence[str]) -> list[str]:
        """What the merges begin with: the characters of some tokens; a byte that stands for itself is one."""
        if self.takes_whole_words and "".join(pieces) in self.vocabulary:
            return ["".join(pieces)]
        return [symbol for piece in pieces for symbol in ([piece] if FALLBACK_BYTE.fullmatch(piece) else list(piece))]

    def steps(self, symbols: Sequence[str]) -> tuple[list[Merge], list[str]]:
        """Every merge in its order, and what is left when no pair is known."""
        left = list(symbols)
        steps: list[Merge] = []
        while True:
            pairs = itertools.pairwise(left)
            ranked = [(self.ranks[pair], at) for at, pair in enumerate(pairs) if pair in self.ranks]
            if not ranked:
                return steps, left
            rank, at = min(ranked)
            steps.append(Merge(rank, at))
            left[at : at + 2] = ["".join(left[at : at + 2])]


class Matches:
    """WordPiece (Wu et al. 2016; BERT's `WordpieceTokenizer`): from the left, the longest entry that fits."""

    kind = "matches"

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.vocabulary = model["vocab"]
        self.prefix = model["continuing_subword_prefix"]
        self.longest = model["max_input_chars_per_word"]

    def steps(self, word: str) -> list[Match]:
        """Every match in its order; the last one is None where the word has no entry to go on with."""
        if len(word) > self.longest:
            return [Match(0, None, 0)]
        start, steps = 0, []
        while start < len(word):
            found = None
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else self.prefix + word[start:end]
                if piece in self.vocabulary:
                    found = piece
                    break
            steps.append(Match(start, found, len(word) - end + 1))
            if found is None:
                break
            start = end
        return steps


class Paths:
    """Unigram (Kudo 2018, section 3.2): of all ways to spell the text, the one whose pieces are likeliest together."""

    kind = "paths"

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.scores: dict[str, float] = dict(model["vocab"])
        self.unknown = min(self.scores.values()) - UNKNOWN_PENALTY
        self.longest = max(map(len, self.scores))

    def best(self, text: str, n: int = N_PATHS) -> list[Path]:
        """The `n` likeliest paths, the likeliest first; a character without an entry is an unknown piece of its own."""
        ways: list[list[tuple[float, tuple[str, ...]]]] = [[(0.0, ())]]
        for end in range(1, len(text) + 1):
            found = []
            for start in range(max(0, end - self.longest), end):
                piece = text[start:end]
                score = self.scores.get(piece, self.unknown if end - start == 1 else None)
                if score is not None:
                    found += [(total + score, (*pieces, piece)) for total, pieces in ways[start]]
            ways.append(sorted(found, key=lambda way: -way[0])[:n])
        return [Path(pieces, tuple(self.scores.get(one, self.unknown) for one in pieces)) for _, pieces in ways[-1]]


Method = Merges | Matches | Paths


def method(tokenizer_json: str) -> Method | None:
    """The steps that a tokenizer.json's model takes; None where a whole word is looked up, or the steps are unknown."""
    model = json.loads(tokenizer_json)["model"]
    if model["type"] == "BPE":
        plain = not any(model.get(field) for field in ("dropout", "continuing_subword_prefix", "end_of_word_suffix"))
        return Merges(model) if plain and model["merges"] else None
    if model["type"] == "WordPiece":
        return Matches(model)
    return Paths(model) if model["type"] == "Unigram" else None


def stretch(words: Sequence[int | None], pieces: Sequence[str], index: int) -> tuple[int, int]:
    """The tokens that were cut out of one word, of which `index` is one: the first, and one past the last.

    No step goes across their ends, so the steps within are those of the whole text. Where the rules know no words
    (Llama, Phi-3), a word begins with the mark of a space.

    Args:
        words: for each token the word it is from, by `tokenizers.Encoding.word_ids`.
        pieces: for each token its entry, as the vocabulary spells it.
        index: a token.
    """
    first, after = index, index + 1
    while first > 0 and words[first - 1] == words[index] and not pieces[first].startswith(SPACE):
        first -= 1
    while after < len(pieces) and words[after] == words[index] and not pieces[after].startswith(SPACE):
        after += 1
    return first, after
