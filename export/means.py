"""Measures what each head and each feed-forward part of a checkpoint says on the average, and keeps it by the weights.

The average runs over every token but the special ones of stories that no bundled model was trained on, each read from
its beginning. A BERT reads them whole. A T5 reads them with stretches cut out, and what was cut is what it has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from export.predictions import SENTINELS, TOKENIZER, Row, rows_of
from export.runtime.layout import MADE_OF, digest
from export.runtime.means import FILE, Means
from export.runtime.session import PREFIX, WEIGHTS, Run, Session
from model import stories, taps
from model.config import Config, T5Config
from model.study import spans
from model.taps import Tap
from model.tokenizer import Tokenizer

Array = NDArray[np.float64]


def write(folder: Path, passages: Sequence[str] | None = None) -> int:
    """Measures a checkpoint's means and writes them; gives the number of tokens that were averaged over.

    Raises:
        FileNotFoundError: a graph, the weights or the tokenizer are missing.
    """
    means, count = measure(folder, stories.held_out() if passages is None else passages)
    said = {MADE_OF: digest(folder / WEIGHTS), "tokens": str(count)}
    partial = folder / f"{FILE}.partial"
    partial.write_bytes(save({name: np.ascontiguousarray(mean) for name, mean in means.items()}, said))
    partial.replace(folder / FILE)
    return count


def measure(folder: Path, passages: Sequence[str]) -> tuple[Means, int]:
    """The means of a checkpoint, as `export.runtime.means` describes them, and how many tokens of the text it read."""
    session = Session(folder)
    config = session.config
    if not (folder / TOKENIZER).is_file():
        raise FileNotFoundError(f"{folder / TOKENIZER} is missing: without a vocabulary there is no text to read")
    tokenizer = Tokenizer.of(config, folder / TOKENIZER)
    rows = [row for passage in passages for row in rows_of(tokenizer.encode(passage).tokens, config.n_ctx)]
    sums: dict[str, Array] = {}
    counts: dict[str, int] = {}
    for run, own in _passes(session, tokenizer, rows):
        for name, layers in _parts(config).items():
            values = np.stack([run.taps[tap.name(layer)][0, own[tap.stream]] for layer, tap in enumerate(layers)])
            sums[name] = sums.get(name, np.float64(0)) + values.sum(axis=1, dtype=np.float64)
            counts[name] = counts.get(name, 0) + values.shape[1]
    means = {name: (total / counts[name]).astype(np.float32) for name, total in sums.items()}
    return means, counts[f"{PREFIX[config.reader]}head_bias"]


def _parts(config: Config) -> dict[str, list[Tap]]:
    """What is averaged for each mean: one tap a layer."""
    found: dict[str, list[Tap]] = {}
    for place, stack in config.stacks.items():
        found[f"{PREFIX[place]}head_bias"] = [taps.Z.at(place)] * stack.layers
        if place != "cross":
            found[f"{PREFIX[place]}mlp_bias"] = [taps.MLP_OUT.at(place)] * stack.layers
    return found


def _passes(session: Session, tokenizer: Tokenizer, rows: Sequence[Row]) -> Iterator[tuple[Run, dict[str, slice]]]:
    """A pass over each row, and which tokens of its streams are no special ones."""
    config = session.config
    names = [tap.name(layer) for layers in _parts(config).values() for layer, tap in enumerate(layers)]
    if not isinstance(config, T5Config):
        for row in rows:
            own = slice(len(row.before), len(row.before) + len(row.text))
            yield session.run(row.ids, taps=names), {"text": own}
        return
    sentinels = [id for name in SENTINELS if (id := tokenizer.inner.token_to_id(name)) is not None]
    rng = np.random.default_rng(0)
    for row in rows:
        if len(row.text) > 1:
            # Without sentinels nothing is cut out: the text is read, and given to be written.
            read, written = (
                spans.corrupt(row.text, sentinels, rng) if sentinels else (row.text, row.text[: config.n_ctx - 1])
            )
            ids, start = [*row.before, *read, *row.after], [config.start_token_id]
            both = session.run(ids, decoder_ids=[*start, *written], taps=names)
            own = slice(len(row.before), len(row.before) + len(read))
            yield both, {"encoder": own, "decoder": slice(len(start), None)}
