"""Looks for the tokens of held-out stories at which each hidden neuron of a checkpoint is furthest from zero.

A GPT and a BERT read the stories whole, in as many rows as their context makes of each, and so does a T5's encoder. Its
decoder writes what was cut out of them, as in its training (`model.study.spans`): each story is cut `CUTS` times,
elsewhere each time, the encoder reads what is left, and the decoder is given the right beginning. Its tokens are looked
at where it has just written them; the sentinels between them stand for no token of a story. A neuron of an expert is
looked at where a token was sent to that expert.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from export.predictions import SENTINELS, TOKENIZER, split
from export.runtime.layout import MADE_OF, digest
from export.runtime.passages import FILE, KEPT
from export.runtime.session import WEIGHTS, Session
from model import stories, taps
from model.config import Config, Place, T5Config
from model.study import feed_forward, routing, spans
from model.study.feed_forward import FeedForward
from model.tokenizer import Tokenizer
from model.trace import ForwardTrace, Stream, Token

Array = NDArray[np.float32]
CUTS = 8
"""How often each story is cut: of cuts of 15 %, eight leave about a quarter of its tokens that are never written."""
Looked = tuple[ForwardTrace, NDArray[np.intp], Sequence[Token]]
"""A pass, and where in the stream that is looked at the tokens of the story stand."""


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
    found, count = _furthest(weights, config.reader, (list(_read(session, tokenizer, story)) for story in told))
    if isinstance(config, T5Config) and (sentinels := _sentinels(tokenizer)):
        rng = np.random.default_rng(0)
        cut = (list(_written(session, tokenizer, story, sentinels, rng)) for story in told)
        found |= _furthest(weights, "decoder", cut)[0]
    return found, count


def _furthest(
    weights: FeedForward, place: Place, told: Iterable[Sequence[Looked]]
) -> tuple[dict[str, NDArray[Any]], int]:
    """Of each neuron of a stack the `KEPT` stories that take it furthest, at one token each; and how many tokens."""
    layers = range(weights.config.stacks[place].layers)
    best: dict[int, list[tuple[Array, NDArray[np.intp]]]] = {layer: [] for layer in layers}
    covered: list[NDArray[np.intp]] = []
    for rows in told:
        covered.append(np.array([(token.start, token.end) for _, _, tokens in rows for token in tokens]))
        for layer in layers:
            activations = np.concatenate([neurons(weights, trace, place, layer, at) for trace, at, _ in rows])
            at = np.abs(activations).argmax(axis=0)
            best[layer].append((np.take_along_axis(activations, at[None], axis=0)[0], at))
    found: dict[str, NDArray[Any]] = {}
    for layer in layers:
        values, at = (np.stack(part) for part in zip(*best[layer], strict=True))
        order = np.argsort(-np.abs(values), axis=0, kind="stable")[:KEPT].T
        neuron = np.arange(values.shape[1])[:, None]
        places = np.array([[covered[story][at[story, row]] for story in order[row]] for row in neuron[:, 0]])
        name = f"{place}.{layer}."
        found[f"{name}story"] = np.ascontiguousarray(order, dtype=np.uint8)
        found[f"{name}start"] = np.ascontiguousarray(places[..., 0], dtype=np.uint16)
        found[f"{name}end"] = np.ascontiguousarray(places[..., 1], dtype=np.uint16)
        found[f"{name}activation"] = np.ascontiguousarray(values[order, neuron], dtype=np.float16)
    return found, sum(map(len, covered))


def neurons(weights: FeedForward, trace: ForwardTrace, place: Place, layer: int, positions: NDArray[np.intp]) -> Array:
    """The activations of a block's neurons at some tokens; 0 in the experts that a token was not sent to.

    *Shape:* (pos, neuron).
    """
    config: Config = trace.config
    read = trace.read(feed_forward.reads(config, place), layer, place)[positions]
    blocks = weights.block(place, layer)
    if layer not in config.expert_layers:
        return feed_forward.activate(blocks[0], read, config.activation)[2]
    sent = routing.sent(trace, layer)[positions] > 0
    parts = [feed_forward.activate(block, read, "silu")[2] * sent[:, [at]] for at, block in enumerate(blocks)]
    return np.concatenate(parts, axis=1)


def _read(session: Session, tokenizer: Tokenizer, story: str) -> Iterator[Looked]:
    """A pass over each row of a story."""
    config = session.config
    for before, row, after in split(tokenizer.encode(story).tokens, config.n_ctx):
        streams: dict[Place, Stream] = {config.reader: Stream(story, (*before, *row, *after))}
        if isinstance(config, T5Config):
            streams["decoder"] = Stream("", (_start(config),))
        yield _pass(session, streams, config.reader), len(before) + np.arange(len(row)), row


def _sentinels(tokenizer: Tokenizer) -> list[Token]:
    """What stands for what was cut out, in the order of the cuts; nothing where the vocabulary has no such tokens."""
    ids = ((name, tokenizer.inner.token_to_id(name)) for name in SENTINELS)
    return [Token(id, name, 0, 0, special=True) for name, id in ids if id is not None]


def _written(
    session: Session, tokenizer: Tokenizer, story: str, sentinels: Sequence[Token], rng: np.random.Generator
) -> Iterator[Looked]:
    """A pass over each row of a story, cut `CUTS` times, and over what was cut out."""
    config = session.config
    assert isinstance(config, T5Config)
    for before, row, after in split(tokenizer.encode(story).tokens, config.n_ctx):
        for _ in range(CUTS if len(row) > 1 else 0):
            # The cuts are made in numbers: those of the row's tokens, and below zero those of the sentinels.
            parts = spans.corrupt(list(range(len(row))), [~at for at in range(len(sentinels))], rng)
            left, written = ([row[at] if at >= 0 else sentinels[~at] for at in part] for part in parts)
            streams: dict[Place, Stream] = {
                "encoder": Stream(story, (*before, *left, *after)),
                "decoder": Stream(story, (_start(config), *written)),
            }
            own = np.array([1 + at for at, token in enumerate(written) if not token.special])
            yield _pass(session, streams, "decoder"), own, [token for token in written if not token.special]


def _start(config: T5Config) -> Token:
    """What a decoder begins with."""
    return Token(config.start_token_id, "", 0, 0, special=True)


def _pass(session: Session, streams: Mapping[Place, Stream], place: Place) -> ForwardTrace:
    """A pass over one row or two, with what the neurons of a stack read."""
    config = session.config
    ids, *written = (stream.ids for stream in streams.values())
    kept = feed_forward.reads(config, place).at(place)
    names = [kept.name(layer) for layer in range(config.stacks[place].layers)]
    routers = {taps.ROUTER.name(layer) for layer in config.expert_layers}
    routers |= {taps.RANKED.name(layer) for layer in config.expert_layers}
    names += [name for name in taps.table(config) if name in routers]
    run = session.run(ids, decoder_ids=written[0] if written else None, taps=names)
    return ForwardTrace(config, dict(streams), run.taps, run.logits)
