"""What another precision changes in what a model predicts: each distribution over a text, beside that of float32.

A GPT says what comes next, everywhere. A BERT says what stands behind a mask: one token in seven is masked, in turn, so
that each is guessed once; an ELECTRA says of each token whether it was replaced. A T5 writes what was cut out of the
text, always given the true beginning.

Axes: position, one for each prediction; entry, what is predicted: the vocabulary, or replaced and not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.runtime import Precision
from export.runtime.session import Session
from model import config as configs
from model.config import BertConfig, Config, GPTConfig, T5Config
from model.softmax import log_softmax
from model.study import spans
from model.tokenizer import Tokenizer
from model.trace import Token

Array = NDArray[Any]

HELD_OUT = Path(__file__).with_name("held_out.txt")
"""Stories written for this purpose, which no model was trained on."""
EVERY = 7
"""Of so many tokens one is masked; BERT's training masked 15 %."""
MASKS = ("[MASK]", "<mask>")
"""As BERT and as RoBERTa spell it."""
SENTINELS = [f"<extra_id_{index}>" for index in range(100)]
TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class Change:
    """How far the predictions are from those of float32. *Shape:* (position,) each."""

    divergence: Array
    """Kullback-Leibler divergence in bits, sum of p log2(p / q), p being float32's; infinite where q is no number."""
    same: Array
    """Whether both find the same entry likeliest."""

    @property
    def finite(self) -> bool:
        """Whether every prediction is made of numbers."""
        return bool(np.isfinite(self.divergence).all())


def change(folder: Path, precision: Precision, passages: Sequence[str]) -> Change:
    """Compares a checkpoint's graphs of one precision with those of float32.

    Raises:
        FileNotFoundError: a graph or the tokenizer is missing.
        ValueError: the model predicts nothing, or its vocabulary lacks what the test needs.
    """
    divergence, same = [], []
    pairs = zip(predictions(folder, "float32", passages), predictions(folder, precision, passages), strict=True)
    for p, q in pairs:
        divergence.append(kl_bits(p, q))
        same.append((p.argmax(axis=-1) == q.argmax(axis=-1)) & np.isfinite(q).all(axis=-1))
    return Change(np.concatenate(divergence), np.concatenate(same))


def kl_bits(p_logits: Array, q_logits: Array) -> Array:
    """The Kullback-Leibler divergence of q from p in bits. *Shape:* (position, entry) each -> (position,)."""
    with np.errstate(invalid="ignore"):  # infinities and NaN are what is being looked for
        p, q = log_softmax(p_logits.astype(np.float64)), log_softmax(q_logits.astype(np.float64))
    bits = (np.exp(p) * (p - q)).sum(axis=-1) / np.log(2)
    # Rounding may leave a divergence of nothing a little below zero.
    return np.where(np.isfinite(bits), bits.clip(min=0.0), np.inf)


def passages(path: Path = HELD_OUT) -> list[str]:
    """The passages of a text file, which empty lines divide.

    Raises ValueError where there is none.
    """
    found = [" ".join(passage.split()) for passage in path.read_text(encoding="utf-8").split("\n\n")]
    if not any(found):
        raise ValueError(f"{path} holds no text; passages are divided by empty lines")
    return [passage for passage in found if passage]


def predictions(folder: Path, precision: Precision, passages: Sequence[str]) -> Iterator[Array]:
    """The logits of each row of tokens. *Shape:* (position, entry)."""
    config = configs.load(folder)
    if not (folder / TOKENIZER).is_file():
        raise FileNotFoundError(f"{folder / TOKENIZER} is missing: without a vocabulary there is no text to predict")
    tokenizer = Tokenizer.of(config, folder / TOKENIZER)
    if isinstance(config, BertConfig) and config.head == "replaced":
        rows = [row for passage in passages for row in rows_of(tokenizer.encode(passage).tokens, config.n_ctx)]
        return _replaced(Session(folder, "fused", precision=precision), rows)
    read = passes(config, tokenizer, passages)
    if isinstance(config, T5Config):
        return _written(folder, precision, read)
    session = Session(folder, "fused", precision=precision)
    return (session.run(one.read).logits[0, one.at] for one in read)


@dataclass(frozen=True)
class Pass:
    """One pass that predictions are read of."""

    read: list[int]
    written: list[int] | None
    """What a T5 is given of its output, the start token first."""
    at: Array
    """The places of the logits that count. *Shape:* (position,)."""


def passes(config: Config, tokenizer: Tokenizer, passages: Sequence[str]) -> list[Pass]:
    """The passes over some passages by a model that predicts tokens.

    Raises:
        ValueError: the model predicts none, or its vocabulary lacks what the test needs.
    """
    if not config.predicts:
        raise ValueError(f"{config.name} has no head that predicts: there is nothing to compare")
    rows = [row for passage in passages for row in rows_of(tokenizer.encode(passage).tokens, config.n_ctx)]
    match config:
        case GPTConfig():
            return [Pass(row.ids, None, np.arange(len(row.ids))) for row in rows]
        case BertConfig():
            return list(_behind_masks(_first(tokenizer, MASKS), rows))
        case T5Config():
            sentinels = [id for name in SENTINELS if (id := tokenizer.inner.token_to_id(name)) is not None]
            if not sentinels:
                raise ValueError(f"the vocabulary has no {SENTINELS[0]}, for which a T5 writes what was cut out")
            return list(_cut_out(config, sentinels, rows))


@dataclass(frozen=True)
class Row:
    """A passage, or as much of it as the context takes, between its special tokens."""

    before: list[int]
    text: list[int]
    after: list[int]

    @property
    def ids(self) -> list[int]:
        """All of it."""
        return [*self.before, *self.text, *self.after]


def rows_of(tokens: Sequence[Token], n_ctx: int) -> Iterator[Row]:
    """A passage in as many rows as the context makes of it."""
    for parts in split(tokens, n_ctx):
        yield Row(*([token.id for token in part] for part in parts))


def split(tokens: Sequence[Token], n_ctx: int) -> Iterator[tuple[Sequence[Token], Sequence[Token], Sequence[Token]]]:
    """The same as tokens: of each row those before the text, those of the text, and those behind it."""
    own = [at for at, token in enumerate(tokens) if not token.special]
    before, text, after = tokens[: own[0]], tokens[own[0] : own[-1] + 1], tokens[own[-1] + 1 :]
    room = n_ctx - len(before) - len(after)
    return ((before, text[start : start + room], after) for start in range(0, len(text), room))


def _behind_masks(mask: int, rows: Iterable[Row]) -> Iterator[Pass]:
    for row in rows:
        at = np.arange(len(row.text))
        for turn in range(min(EVERY, len(row.text))):
            masked = at % EVERY == turn
            read = [*row.before, *np.where(masked, mask, row.text).tolist(), *row.after]
            yield Pass(read, None, len(row.before) + at[masked])


def _replaced(session: Session, rows: Iterable[Row]) -> Iterator[Array]:
    for row in rows:
        logits = session.run(row.ids).heads["replaced"][0]
        yield np.stack([np.zeros_like(logits), logits], axis=-1)


def _cut_out(config: T5Config, sentinels: list[int], rows: Iterable[Row]) -> Iterator[Pass]:
    rng = np.random.default_rng(0)
    for row in rows:
        if len(row.text) > 1:
            read, written = spans.corrupt(row.text, sentinels, rng)
            ids = [config.start_token_id, *written]
            yield Pass([*row.before, *read, *row.after], ids, np.arange(len(ids)))


def _written(folder: Path, precision: Precision, passes: Iterable[Pass]) -> Iterator[Array]:
    encoder, decoder = (Session(folder, graph, precision=precision) for graph in ("encoder", "decoder"))
    for one in passes:
        assert one.written is not None
        yield decoder.run(one.written, cross=encoder.run(one.read).cross).logits[0, one.at]


def _first(tokenizer: Tokenizer, names: Sequence[str]) -> int:
    """The id of the first of some names that the vocabulary has."""
    for name in names:
        if (id := tokenizer.inner.token_to_id(name)) is not None:
            return int(id)
    raise ValueError(f"the vocabulary has no {' and no '.join(names)}: nothing can be masked")
