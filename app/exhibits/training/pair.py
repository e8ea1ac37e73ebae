"""BERT's other objective: does the second segment follow the first? The head that says so is trained and exported."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from app.asked.question import Question
from app.exhibits.training.example import SENTENCE_END, seed, sentences, special_of
from app.running import budget
from model import stories
from model.config import BertConfig
from model.softmax import softmax
from model.study.corruption import FOLLOWS, Special, around, fit


def next_sentence(question: Question) -> Mapping[str, Any] | None:
    """The field `pair` of the frame; None for a model without the head.

    {own: {text: what follows the first sentence, follows: p(follows)}, or null where the text has one sentence only,
    other: {text, follows}: the same with a sentence of a held-out story in its place, null of an empty text}
    """
    config = question.model.config
    if not isinstance(config, BertConfig) or not config.next_sentence:
        return None
    special = special_of(question.model.tokenizer, config, question.trace.tokens)
    first, second = sentences(question)
    stranger = _of_another_story(seed(question))
    theirs = question.model.tokenizer.inner.encode(stranger, add_special_tokens=False).ids
    text = question.trace.streams["text"].text
    end = SENTENCE_END.search(text)
    return {
        "own": {"text": text[end.end() :], "follows": _follows(question, first, second, special)}
        if end is not None and first and second
        else None,
        "other": {"text": stranger, "follows": _follows(question, first, theirs, special)} if first else None,
    }


def _of_another_story(number: int) -> str:
    """A sentence that nothing led up to."""
    rng = np.random.default_rng(number)
    told = stories.held_out()
    story = told[int(rng.integers(len(told)))].replace("\n", " ")
    parts = [part.strip() for part in _split(story)]
    return parts[int(rng.integers(1, len(parts)))] if len(parts) > 1 else parts[0]


def _split(story: str) -> list[str]:
    ends = [0, *(found.end() for found in SENTENCE_END.finditer(story)), len(story)]
    return [story[begin:end] for begin, end in pairwise(ends) if begin < end]


def _follows(question: Question, first: list[int], second: list[int], special: Special) -> float:
    """The probability that the second follows; nothing is hidden in either."""
    budget.check()
    model = question.model
    ids, segments = around(*fit(first, second, model.config.n_ctx - 3), special)
    changed = question.reading.interventions.inputs(model.config, len(ids))
    heads = model.session.run(ids, segments=segments, **changed).heads
    return float(softmax(heads["next_sentence"][0].astype(np.float64))[FOLLOWS])
