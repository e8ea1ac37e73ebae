"""What the trio is asked about one text: the word in question, the task of the T5, and the tokens that come of both."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from app.asked.question import Question
from app.engine import tokenized
from app.exhibits.trio.word_spans import GAP, Replaced, Span, word_at, words
from app.running.model import Model
from app.wire.text import CHARACTERS, readable
from model.trace import Stream

TASKS = {
    "translate": "translate English to French: ",
    "sentiment": "sentiment: ",
    "grammar": "grammar: ",
    "fill": "fill: ",
}
"""The prefix of every task that the bundled T5 was trained on."""
SENTINEL = "<extra_id_0>"
ROOM = 100
"""Characters of the longest text that are left for a prefix and a mask."""


@dataclass(frozen=True)
class Gap:
    """A text and the word of it that is asked for: the chosen one, else a gap that was written, else the last."""

    text: str
    start: int
    """Where the part of the text that may be read begins."""
    words: list[Span]
    word: int | None
    """The word's index; None where there is no word."""
    by: str | None
    """How it came to be asked for: "choice", "text" or "end", the last word that is no punctuation mark."""
    task: str
    typed: bool
    """Whether the text itself begins with the task's prefix."""

    @classmethod
    def read(cls, question: Question) -> Gap:
        """What a request asks."""
        whole = readable(question.fields.text("text"))
        text, start = whole.text, max(whole.start, len(whole.text) - CHARACTERS + ROOM)
        typed = next((task for task, prefix in TASKS.items() if text.startswith(prefix.rstrip())), None)
        task = typed or question.fields.choice("task", TASKS)
        found = words(text, start)
        word, by = cls._chosen(question, found), "choice"
        if word is None:
            written = (index for index, span in enumerate(found) if GAP.fullmatch(text, *span))
            word, by = next(written, None), "text"
        if word is None and found:
            spelled = [index for index, span in enumerate(found) if any(map(str.isalnum, text[slice(*span)]))]
            word, by = (spelled or [len(found) - 1])[-1], "end"
        return cls(text, start, found, word, None if word is None else by, task, typed is not None)

    @staticmethod
    def _chosen(question: Question, found: list[Span]) -> int | None:
        query = question.fields.optional_integer("query", 0, question.model.config.n_ctx)
        if query is None:
            return None
        tokens = question.trace.tokens
        return word_at(found, tokens[min(query, len(tokens) - 1)])

    @property
    def span(self) -> Span:
        """Where the word stands; the end of the text where there is none."""
        return (len(self.text), len(self.text)) if self.word is None else self.words[self.word]

    @property
    def own(self) -> str | None:
        """The word itself; None where there is none, or where a gap was written."""
        start, end = self.span
        return None if start == end or GAP.fullmatch(self.text, start, end) else self.text[start:end]

    def filled(self, new: str) -> Replaced:
        """The text with something in the word's place; as it is where there is no word."""
        return Replaced(self.text, *self.span, new if self.word is not None else "")


def prefix_and_gap(gap: Gap, model: Model) -> tuple[str, str]:
    """The prefix of a task, and what stands in the place of a gap. No prefix asks a model without sentinels: it was
    trained to do one thing, and its gap is its mask, if it has one.
    """
    tokenizer = model.tokenizer
    if tokenizer.inner.token_to_id(SENTINEL) is None:
        return "", "" if tokenizer.mask_id is None else tokenizer.text_of(tokenizer.mask_id)
    return "" if gap.typed else TASKS[gap.task], SENTINEL


def with_prefix(prefix: str, text: str, model: Model) -> tuple[Stream, int]:
    """A task and a text, of a long one its end, as tokens, and how many of them are the task's."""
    n_prefix = sum(not token.special for token in model.tokenizer.encode(prefix.rstrip()).tokens)
    stream, _ = tokenized(prefix + text, model)
    if not (stream.clipped and prefix):
        return stream, n_prefix
    kept = stream.tokens[n_prefix + 1].start - len(prefix)  # one to spare: a cut word may have a token more
    clipped = stream.clipped + n_prefix + 1
    stream, _ = tokenized(prefix + text[kept:], model)
    tokens = [
        token
        if token.special or at < n_prefix
        else dataclasses.replace(token, start=token.start + kept, end=token.end + kept)
        for at, token in enumerate(stream.tokens)
    ]
    return Stream(prefix + text, tuple(tokens), clipped), n_prefix


def back(stream: Stream, replaced: Replaced, shift: int = 0, n_prefix: int = 0) -> Stream:
    """A stream with its spans in the text as it was typed; what stands in front of the text covers none of it."""
    tokens = []
    for at, token in enumerate(stream.tokens):
        if (token.special and token.end == token.start) or at < n_prefix:
            tokens.append(dataclasses.replace(token, start=0, end=0))
        else:
            start, end = max(0, token.start + shift), max(0, token.end + shift)
            tokens.append(replaced.back(dataclasses.replace(token, start=start, end=end)))
    return Stream(replaced.original, tuple(tokens), stream.clipped)
