"""How a vocabulary cut one word, as the browser is told: the steps, or one sentence why there are none.

{first, after (the word's tokens among all), ids, agrees (whether the steps end in these), kind, ...}

"merges"   symbols: [hex], merges: [[rank, place of the left one]], entries (how many merges were learned)
"matches"  word, prefix, matches: [{start, piece (null: none fits), tried}]
"paths"    paths: [{pieces, known: [bool], scores (natural logarithms), total}], the likeliest first
"none"     reason
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from model.study import replay
from model.study.replay import Matches, Merges, Method, Paths
from model.study.ruler import Axis, Rule

LONGEST = 120
"""Symbols of a word whose steps are told; more would fill no page."""
ADDED = "An added token is found in the text before anything is cut, so it takes no steps."
LOOKED_UP = "This vocabulary takes no steps: each piece is looked up as a whole."


def steps_of_word(rule: Rule, method: Method | None, axis: Axis, at: int) -> dict[str, Any]:
    """The fields above.

    Args:
        rule: the vocabulary.
        method: its steps; None if it takes none.
        axis: the text.
        at: one of its tokens.
    """
    encoding = rule.inner.encode(axis.text, add_special_tokens=False)
    first, after = replay.stretch(encoding.word_ids, encoding.tokens, at)
    pieces, ids = encoding.tokens[first:after], rule.tokenizer.numbered(encoding.ids[first:after])
    place = {"first": first, "after": after, "ids": ids}
    if method is None:
        return {**place, "kind": "none", "reason": LOOKED_UP}
    if rule.added.intersection(ids) - {rule.unknown_id}:
        return {**place, "kind": "none", "reason": ADDED}
    if (size := sum(map(len, pieces))) > LONGEST:
        return {
            **place,
            "kind": "none",
            "reason": f"The word has {size:,} symbols; up to {LONGEST} are told step by step.",
        }
    if isinstance(method, Merges):
        return {**place, **merges(rule, method, pieces)}
    if isinstance(method, Paths):
        return {**place, **paths(method, pieces)}
    unknown = rule.unknown_id in ids
    start, end = encoding.offsets[first][0], encoding.offsets[after - 1][1]
    return {**place, **matches(method, pieces, rule.normalized(axis.text[start:end]).strip() if unknown else None)}


def merges(rule: Rule, method: Merges, pieces: Sequence[str]) -> Mapping[str, Any]:
    """The steps of a byte-pair encoding that ended in these pieces."""
    symbols = method.symbols(pieces)
    steps, left = method.steps(symbols)
    return {
        "kind": "merges",
        "agrees": left == list(pieces),
        "symbols": [rule.spelling(symbol).hex() for symbol in symbols],
        "merges": [[step.rank, step.at] for step in steps],
        "entries": len(method.ranks),
    }


def matches(method: Matches, pieces: Sequence[str], unknown: str | None) -> Mapping[str, Any]:
    """The steps of a WordPiece that ended in these pieces, or of the word that it found `unknown`."""
    spelled = [pieces[0], *(piece.removeprefix(method.prefix) for piece in pieces[1:])]
    word = "".join(spelled) if unknown is None else unknown
    steps = method.steps(word)
    return {
        "kind": "matches",
        "agrees": steps[-1].piece is None if unknown is not None else [step.piece for step in steps] == list(pieces),
        "word": word,
        "prefix": method.prefix,
        "matches": [dataclasses.asdict(step) for step in steps],
    }


def paths(method: Paths, pieces: Sequence[str]) -> Mapping[str, Any]:
    """The likeliest ways to spell the text that ended in these pieces; unknown characters stand together in one."""
    best = method.best("".join(pieces))
    fused: list[str] = []
    for piece, one in itertools.pairwise(("", *best[0].pieces)):
        if fused and piece not in method.scores and one not in method.scores:
            fused[-1] += one
        else:
            fused.append(one)
    return {
        "kind": "paths",
        "agrees": fused == list(pieces),
        "paths": [
            {
                "pieces": path.pieces,
                "known": [piece in method.scores for piece in path.pieces],
                "scores": path.scores,
                "total": path.total,
            }
            for path in best
        ],
    }
