"""The replays: steps taken from the papers and the tables alone end in the very tokens that `tokenizers` gives."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from model import tokenizers
from model.study import replay
from model.study.replay import Matches, Merge, Merges, Paths
from model.study.ruler import Rule
from model.tokenizers import Vocabulary
from tests.model.study.test_ruler import NASTY, rule, vocabularies


@cache
def method(vocabulary: Vocabulary) -> replay.Method | None:
    return replay.method(tokenizers.read(vocabulary))


def stretches(of: Rule, text: str) -> list[tuple[Any, int, int]]:
    """The words of a text: the encoding, and the first and last tokens of each."""
    encoding = of.inner.encode(text, add_special_tokens=False)
    found, at = [], 0
    while at < len(encoding.ids):
        first, after = replay.stretch(encoding.word_ids, encoding.tokens, at)
        assert first == at
        found.append((encoding, first, after))
        at = after
    return found


def agrees(steps: replay.Method | None, of: Rule, text: str, encoding: Any, first: int, after: int) -> bool:
    """Whether the steps of one word end in its tokens."""
    pieces, ids = encoding.tokens[first:after], encoding.ids[first:after]
    if of.added.intersection(ids) - {of.unknown_id}:
        return True  # found in the text before anything is cut, such as Phi-3's </s>
    if isinstance(steps, Merges):
        return steps.steps(steps.symbols(pieces))[1] == pieces
    if isinstance(steps, Matches):
        start, end = encoding.offsets[first][0], encoding.offsets[after - 1][1]
        found = [match.piece for match in steps.steps(of.normalized(text[start:end]).strip())]
        return found[-1] is None if of.unknown_id in ids else found == pieces
    if isinstance(steps, Paths):
        best = steps.best("".join(pieces))[0].pieces
        return [piece for piece in best if piece in steps.scores] == [
            piece for piece in pieces if piece in steps.scores
        ]
    return True


@vocabularies
def test_the_steps_end_in_the_tokens_that_the_text_was_cut_into(vocabulary: Vocabulary) -> None:
    steps, of = method(vocabulary), rule(vocabulary.name)
    for text in NASTY:
        for encoding, first, after in stretches(of, text):
            assert agrees(steps, of, text, encoding, first, after), encoding.tokens[first:after]


def test_merges_go_by_rank_and_then_from_the_left() -> None:
    steps = Merges({"vocab": {}, "merges": [["b", "c"], ["a", "b"], ["a", "bc"]]})
    assert steps.steps(list("abcab")) == ([Merge(0, 1), Merge(1, 2), Merge(2, 0)], ["abc", "ab"])


def test_merges_may_be_written_as_lines() -> None:
    assert Merges({"vocab": {}, "merges": ["a b"]}).ranks == {("a", "b"): 0}


def test_a_vocabulary_may_take_whole_words_without_a_merge() -> None:
    """Llama 3 looks a word up before it merges anything (`ignore_merges`)."""
    steps = Merges({"vocab": {"dog": 0}, "merges": [["d", "o"]], "ignore_merges": True})
    assert steps.symbols(["dog"]) == ["dog"]
    assert steps.symbols(["do", "t"]) == ["d", "o", "t"]


def test_a_byte_that_stands_for_itself_is_one_symbol() -> None:
    assert Merges({"vocab": {}, "merges": []}).symbols(["▁a", "<0xF0>"]) == ["▁", "a", "<0xF0>"]


def test_a_match_counts_the_beginnings_that_were_tried() -> None:
    model = {"vocab": {"un": 0, "##able": 1}, "continuing_subword_prefix": "##", "max_input_chars_per_word": 10}
    found = Matches(model).steps("unable")
    assert [(match.start, match.piece, match.tried) for match in found] == [(0, "un", 5), (2, "##able", 1)]
    assert [match.piece for match in Matches(model).steps("unfair")] == ["un", None]
    assert [match.piece for match in Matches(model).steps("u" * 11)] == [None]


def test_paths_are_ranked_by_the_product_of_their_probabilities() -> None:
    steps = Paths({"vocab": [["ab", -3.0], ["a", -1.0], ["b", -1.0], ["abc", -9.0], ["c", -2.0]]})
    best = steps.best("abc")
    assert [path.pieces for path in best] == [("a", "b", "c"), ("ab", "c"), ("abc",)]
    assert [path.total for path in best] == [-4.0, -5.0, -9.0]
    assert steps.best("ax")[0].scores == (-1.0, -9.0 - replay.UNKNOWN_PENALTY)


def test_steps_that_are_not_understood_are_not_told() -> None:
    model: dict[str, Any] = {"type": "BPE", "vocab": {}, "merges": [["a", "b"]]}
    assert isinstance(replay.method(json.dumps({"model": model})), Merges)
    assert replay.method(json.dumps({"model": model | {"end_of_word_suffix": "</w>"}})) is None
    assert replay.method(json.dumps({"model": {"type": "WordLevel", "vocab": {}}})) is None
