"""The text in the box as one example of a model's own training: what it reads, and what it is to predict.

A GPT predicts every token after the first, each after the true ones (teacher forcing). Of a BERT's text 15 % are
chosen by a seed and hidden, swapped or left, by the code that made its training examples (`model.study.corruption`); a
T5's has spans cut out by a seed likewise (`model.study.spans`), which it is to write.

Axes: target, the tokens that are to be predicted; pos, what the model reads, of a T5 what it writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Question
from app.running import budget
from export.runtime.session import Run, Session
from model.config import BertConfig, Config
from model.study import spans
from model.study.corruption import Special, around, fit, mask
from model.study.objective import IGNORED
from model.study.sampling import MAX_SEED
from model.tokenizer import Tokenizer
from model.trace import Token

Ids = NDArray[np.int64]
SENTENCE_END = re.compile(r"[.!?][\"'”’)]*\s+(?=\S)")
NEXT, HIDDEN, SPANS = "next", "hidden", "spans"
"""What a model is asked for: every next token, some hidden ones, what was cut out."""
MASKED, SWAPPED, KEPT = "masked", "swapped", "kept"
N_SENTINELS = 100
"""The most that a T5's vocabulary has (Raffel et al. 2020)."""


@dataclass(frozen=True)
class Example:
    """One example."""

    kind: str
    """What is asked for: "next", "hidden" or "spans"."""
    ids: Ids
    """What is read. *Shape:* (pos,)."""
    shown: tuple[int, ...]
    """The entries that stand in a row: what is read, of a T5 what is to be written."""
    at: Ids
    """Which of these each target is, or stands in the place of. *Shape:* (target,)."""
    targets: Ids
    """*Shape:* (target,)."""
    rows: Ids
    """The row of the logits that predicts each. *Shape:* (target,)."""
    fates: tuple[str, ...] | None = None
    """Of a BERT, what was done to each target: "masked", "swapped" or "kept"."""
    segments: Ids | None = None
    written: Ids | None = None
    """What a T5's decoder is given, the start token first."""
    changed: Mapping[str, Any] = field(default_factory=dict)
    """What a person changed in the model, as its graph takes it."""

    def run(self, session: Session, taps: Iterable[str] = ()) -> Run:
        """The pass of a graph over it. Raises OverBudgetError where no time is left."""
        budget.check()
        return session.run(self.ids, decoder_ids=self.written, segments=self.segments, taps=taps, **self.changed)


def made(question: Question) -> Example:
    """The example that the text in the box is."""
    family = question.model.config.family
    return {"gpt": _next_tokens, "bert": _masked, "t5": _spans}[family](question)


def seed(question: Question) -> int:
    """The seed by which tokens are chosen and spans are cut; `cut` of the request."""
    return question.fields.optional_integer("cut", 0, MAX_SEED) or 0


def _next_tokens(question: Question) -> Example:
    ids = np.array(question.trace.streams["text"].ids, np.int64)
    at = np.arange(1, len(ids))
    changed = question.reading.interventions.inputs(question.model.config, len(ids))
    return Example(NEXT, ids, tuple(ids.tolist()), at, ids[1:], at - 1, changed=changed)


def sentences(question: Question) -> tuple[list[int], list[int]]:
    """The first sentence's tokens and those of all that follow; the second is empty where there is one sentence only,
    or where the model does not tell segments apart.
    """
    stream = question.trace.streams["text"]
    own = [token for token in stream.tokens if not _is_added(token)]
    end = SENTENCE_END.search(stream.text)
    if end is None or question.model.config.n_segments < 2:
        return [token.id for token in own], []
    return [token.id for token in own if token.end <= end.end()], [token.id for token in own if token.end > end.end()]


def _is_added(token: Token) -> bool:
    """Whether a token was put around the text."""
    return token.special and token.start == token.end


def special_of(tokenizer: Tokenizer, config: Config, tokens: Sequence[Token]) -> Special:
    """What stands around a BERT's text and in place of a hidden token; ordinary are the entries between its special
    ones, of which RoBERTa's mask is the last entry of all.
    """
    mask_id = tokenizer.mask_id
    assert mask_id is not None, "a BERT that guesses masked tokens has a mask"
    low = [id for id in tokenizer.special_ids if id < config.d_vocab // 2]
    high = [id for id in tokenizer.special_ids if config.d_vocab // 2 <= id < config.d_vocab]
    end = min(high, default=config.d_vocab)
    return Special(tokens[0].id, tokens[-1].id, mask_id, max(low, default=-1) + 1, end)


def _masked(question: Question) -> Example:
    model = question.model
    config = model.config
    assert isinstance(config, BertConfig)
    special = special_of(model.tokenizer, config, question.trace.tokens)
    ids, segments = around(*fit(*sentences(question), config.n_ctx - 3), special)
    read, targets = mask(ids, special, np.random.default_rng(seed(question)))
    at = np.flatnonzero(targets != IGNORED)
    fates = tuple(
        MASKED if now == special.mask else KEPT if now == then else SWAPPED
        for now, then in zip(read[at].tolist(), targets[at].tolist(), strict=True)
    )
    changed = question.reading.interventions.inputs(config, len(read))
    told = segments if config.n_segments else None
    return Example(HIDDEN, read, tuple(read.tolist()), at, targets[at], at, fates, told, changed=changed)


def untold(question: Question) -> str | None:
    """Why no example can be made of a text as the model was trained on: what it was to write, nothing here says."""
    model = question.model
    if "cross" not in model.config.stacks or _sentinels(model.tokenizer):
        return None
    return (
        f"{model.name} has no sentinels in its vocabulary: it was not trained to write what is cut out of a text, and"
        " what else it was to write, its weights do not say."
    )


def _sentinels(tokenizer: Tokenizer) -> list[int]:
    named = (tokenizer.inner.token_to_id(f"<extra_id_{at}>") for at in range(N_SENTINELS))
    return [id for id in named if id is not None]


def _spans(question: Question) -> Example:
    """A T5's. A text that begins with the prefix of its gaps keeps it whole; sentinels of its own are left out."""
    model, stream = question.model, question.trace.streams["encoder"]
    tokenizer, config = model.tokenizer, model.config
    sentinels = _sentinels(tokenizer)
    own = [token for token in stream.tokens if not _is_added(token)]
    after = [token.id for token in stream.tokens[len(own) :]]
    before: list[int] = []
    prefix = spans.PREFIX.rstrip()
    if stream.text.startswith(prefix) and not stream.clipped:
        before = tokenizer.inner.encode(spans.PREFIX, add_special_tokens=False).ids
        own = [token for token in own if token.start >= len(prefix)]
    text = [token.id for token in own if token.id not in sentinels]
    text = text[: config.n_ctx - len(before) - len(sentinels) - len(after)]
    if len(text) < 2:  # nothing would be left to read
        nothing = np.zeros(0, np.int64)
        return Example(SPANS, np.array(stream.ids, np.int64), (), nothing, nothing, nothing, written=nothing)
    read, written = spans.corrupt(text, sentinels, np.random.default_rng(seed(question)))
    ids = np.array([*before, *read, *after], np.int64)
    targets = np.array([*written, *after], np.int64)
    given = np.array([config.start_token_id, *targets[:-1]], np.int64)
    changed = question.reading.interventions.inputs(config, len(ids), len(given))
    at = np.arange(len(targets))
    return Example(SPANS, ids, tuple(targets.tolist()), at, targets, at, written=given, changed=changed)
