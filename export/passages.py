"""Looks for the tokens of held-out stories at which each hidden neuron of a checkpoint is furthest from zero.

A GPT and a BERT read the stories whole, in as many rows as their context makes of each. Of a T5 the encoder does; into
its decoder, which writes what no story says, nobody looks. A neuron of an expert is looked at where a token was sent to
that expert.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from export.predictions import TOKENIZER, split
from export.runtime.layout import MADE_OF, digest
from export.runtime.passages import FILE, KEPT
from export.runtime.session import WEIGHTS, Session
from model import stories, taps
from model.config import Config, Place, T5Config
from model.study import feed_forward, routing
from model.study.feed_forward import FeedForward
from model.tokenizer import Tokenizer
from model.trace import ForwardTrace, Stream, Token

Array = NDArray[np.float32]


def write(folder: Path) -> int:
    """Looks for a checkpoint's passages and writes them; gives the number of tokens that were read.

    Raises:
        FileNotFoundError: a graph, the weights or the tokenizer are missing.
    """
    found, count = look(folder, stories.held_out())
    said = {MADE_OF: digest(folder / WEIGHTS), "tokens": str(count)}
    partial = folder / f"{FILE}.partial"
    partial.write_bytes(save(found, said))
    partial.replace(folder / FILE)
    return count


def look(folder: Path, told: Sequence[str]) -> tuple[dict[str, NDArray[Any]], int]:
    """The passages as `export.runtime.passages` describes them, and how many tokens were read."""
    session = Session(folder)
    config = session.config
    if not (folder / TOKENIZER).is_file():
        raise FileNotFoundError(f"{folder / TOKENIZER} is missing: without a vocabulary there is no text to read")
    tokenizer = Tokenizer.of(config, folder / TOKENIZER)
    weights = FeedForward(folder / WEIGHTS, config)
    layers = range(config.stacks[config.reader].layers)
    best: dict[int, list[tuple[Array, NDArray[np.intp]]]] = {layer: [] for layer in layers}
    spans: list[NDArray[np.intp]] = []
    count = 0
    for story in told:
        rows = list(_passes(session, tokenizer, story))
        spans.append(np.array([(token.start, token.end) for _, row in rows for token in row]))
        count += len(spans[-1])
        for layer in layers:
            activations = np.concatenate([neurons(weights, trace, layer, len(row)) for trace, row in rows])
            at = np.abs(activations).argmax(axis=0)
            best[layer].append((np.take_along_axis(activations, at[None], axis=0)[0], at))
    found: dict[str, NDArray[Any]] = {}
    for layer in layers:
        values, at = (np.stack(part) for part in zip(*best[layer], strict=True))
        order = np.argsort(-np.abs(values), axis=0, kind="stable")[:KEPT].T
        neuron = np.arange(values.shape[1])[:, None]
        places = np.array([[spans[story][at[story, row]] for story in order[row]] for row in neuron[:, 0]])
        name = f"{config.reader}.{layer}."
        found[f"{name}story"] = np.ascontiguousarray(order, dtype=np.uint8)
        found[f"{name}start"] = np.ascontiguousarray(places[..., 0], dtype=np.uint16)
        found[f"{name}end"] = np.ascontiguousarray(places[..., 1], dtype=np.uint16)
        found[f"{name}activation"] = np.ascontiguousarray(values[order, neuron], dtype=np.float16)
    return found, count


def neurons(weights: FeedForward, trace: ForwardTrace, layer: int, n_tokens: int) -> Array:
    """The activations of a block's neurons at the text's own tokens; 0 in the experts that a token was not sent to.

    *Shape:* (pos, neuron).
    """
    config: Config = trace.config
    place: Place = config.reader
    before = next(at for at, token in enumerate(trace.tokens) if not token.special)
    own = slice(before, before + n_tokens)
    read = trace.read(feed_forward.reads(config), layer, place)[own]
    blocks = weights.block(place, layer)
    if layer not in config.expert_layers:
        return feed_forward.activate(blocks[0], read, config.activation)[2]
    assert config.experts is not None
    sent = routing.weights(trace.router(layer), config.experts)[own] > 0
    parts = [feed_forward.activate(block, read, "silu")[2] * sent[:, [at]] for at, block in enumerate(blocks)]
    return np.concatenate(parts, axis=1)


def _passes(session: Session, tokenizer: Tokenizer, story: str) -> Iterator[tuple[ForwardTrace, Sequence[Token]]]:
    """A pass over each row of a story, and the tokens of the story in it."""
    config = session.config
    for before, row, after in split(tokenizer.encode(story).tokens, config.n_ctx):
        stream = Stream(story, (*before, *row, *after))
        streams: dict[Place, Stream] = {config.reader: stream}
        written = [config.start_token_id] if isinstance(config, T5Config) else None
        if isinstance(config, T5Config):
            streams["decoder"] = Stream("", (Token(config.start_token_id, "", 0, 0, special=True),))
        kept = feed_forward.reads(config)
        names = [kept.at(config.reader).name(layer) for layer in range(config.stacks[config.reader].layers)]
        names += [taps.ROUTER.name(layer) for layer in config.expert_layers]
        run = session.run(stream.ids, decoder_ids=written, taps=names)
        yield ForwardTrace(config, streams, run.taps, run.logits), row
