"""Text in, `ForwardTrace` out: the bundled models of all three families, run by ONNX Runtime.

A model is loaded when it is first asked for, and stays. What it left behind on recent texts stays too, up to a number
of bytes, so that a click on a cell or a draw does not run the graph again. Threads may share an engine.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.running import model as running
from app.running import prefix
from app.running.limits import Limits, limits
from app.running.lru import LruCache
from app.running.memory import heap, most_tokens
from app.running.model import Model
from app.running.other_weights import OtherWeights
from app.running.pieces import Pieces
from app.wire.fields import RequestError
from app.wire.interventions import UNTOUCHED, Interventions
from app.wire.text import clipping, readable
from export.runtime import exported_models, means
from model import config as configs
from model import zoo
from model.config import Config
from model.trace import Array, ForwardTrace, Stream, Token

BYTES_KEPT = 128 * 2**20
LONGEST_BYTES = BYTES_KEPT // 2
"""A pass that takes more is kept beside the others: the newest of them, as many as one pass may be large."""
BYTES_OF_OTHER_WEIGHTS = 512 * 2**20
"""Of the smallest host's 16 GB; ten times the largest bundled model."""


ROOM = (
    "{model} reads {tokens:,} tokens at a time here, of the {n_ctx:,} that it could: a longer pass would leave more"
    " than {room} behind, the limit of this server."
)
NO_ROW = (
    "The tokenizer of {model} reads “{token}” as entry {id}, and the model has rows for {rows} entries only: its "
    "vocabulary was made larger and the model was not. Leave “{token}” out."
)
NOTHING = "{model} has no token in front of a text: of an empty one it reads {token}."


class UnknownModelError(ValueError):
    """A model was asked for that is not there; the message lists those that are."""


@dataclass(frozen=True)
class Reading:
    """One text as one model read it."""

    model: Model
    trace: ForwardTrace
    notices: tuple[str, ...]
    """What a person should know about the way from the text to the tokens, one sentence each."""
    interventions: Interventions = UNTOUCHED
    """What was changed in the model for this pass."""
    tokenize_ms: float = 0.0
    graph_ms: float = 0.0


class Engine:
    """The models in a folder of checkpoints, and the hub's that are on this machine, by name.

    Args:
        checkpoints: a folder with one folder a model.
        bounds: how much memory the models and their passes may take; this process's limits unless given.
    """

    def __init__(self, checkpoints: Path = zoo.CHECKPOINTS, bounds: Limits | None = None) -> None:
        self.limits = bounds or limits()
        self._found = {graph.parent.name: graph.parent for graph in sorted(checkpoints.glob("*/tapped.onnx"))}
        self._found |= {entry.name: folder for entry in zoo.HUB if (folder := exported_models.newest(entry.name))}
        self.first: str | None = None
        """The model that was named for the page to open with."""
        self._configs: dict[str, Config] = {}
        self._models: dict[str, Model] = {}
        self._loading = threading.Lock()
        self._readings: LruCache[tuple[str, str, Interventions], Reading] = LruCache(BYTES_KEPT)
        self._longest: LruCache[tuple[str, str, Interventions], Reading] = LruCache(self.limits.pass_bytes)
        """Those that would leave no room for others: under a change the pass with it and the one without take turns."""
        self.other_weights = OtherWeights(BYTES_OF_OTHER_WEIGHTS)
        """Its models over other weights than their own, see there."""
        self._begun: LruCache[tuple[str, Interventions], ForwardTrace] = LruCache(BYTES_KEPT)
        """What passes have read that were ended, or still go on."""

    @property
    def names(self) -> tuple[str, ...]:
        """The models that can be asked for."""
        return tuple(self._found)

    def add(self, name: str, folder: Path) -> None:
        """Offers one more model: a folder like a checkpoint's."""
        self._found[name] = folder

    def open_with(self, name: str, folder: Path) -> None:
        """Offers one more, with which the page opens unless another was named before."""
        self.add(name, folder)
        self.first = self.first or name

    def withdraw(self, name: str) -> None:
        """Offers a model no longer: it proved broken."""
        with self._loading:
            self._found.pop(name, None)
            self._models.pop(name, None)
            self.other_weights.forget(name)

    @property
    def n_loaded(self) -> int:
        """How many models are in memory."""
        return len(self._models)

    def folder(self, name: str) -> Path:
        """Where a model lies. Raises UnknownModelError."""
        return self._folder(name)

    def _folder(self, name: str) -> Path:
        if name not in self._found:
            there = ", ".join(self._found) or "no model at all"
            raise UnknownModelError(f"model is {name!r}; there is {there}")
        return self._found[name]

    def config(self, name: str) -> Config:
        """What a model is made of, without loading it. Raises UnknownModelError."""
        folder = self._folder(name)
        if name not in self._configs:
            self._configs[name] = configs.load(folder)
        return self._configs[name]

    def parameters(self, name: str) -> int:
        """How many numbers its safetensors file holds. Raises UnknownModelError."""
        return zoo.n_parameters(self._folder(name) / "model.safetensors")

    def has_means(self, name: str) -> bool:
        """Whether somebody measured what its parts say on the average. Raises UnknownModelError."""
        return (self._folder(name) / means.FILE).is_file()

    def model(self, name: str) -> Model:
        """A model by name. Raises UnknownModelError."""
        folder = self._folder(name)
        with self._loading:
            if name in self._models:
                self._models[name] = self._models.pop(name)  # the one used last stands last
            else:
                self._models[name] = Model.load(name, folder)
                if self._models[name].is_large:
                    self._make_room(name)
            return self._models[name]

    def _make_room(self, name: str) -> None:
        """Lets the hub's models go that were used longest ago, with what they read, until all but one more fit."""
        large = {other: model.weights.stat().st_size for other, model in self._models.items() if model.is_large}
        held = sum(large.values())
        for other, size in large.items():
            if held > self.limits.models_bytes and other != name:
                held -= size
                del self._models[other]
                heap.let_go(size)
        for store in (self._readings, self._longest):
            store.forget(lambda key: key[0] not in self._models)
        self._begun.forget(lambda key: key[0] not in self._models)

    def trace(self, text: str, model: str = "gpt") -> ForwardTrace:
        """Runs a text through a model and keeps every tap.

        Of a text that does not fit into the context, the last tokens are read, with the BOS token still in front. A
        lone surrogate, which is no character, is read as U+FFFD.

        Raises:
            TypeError: the text is no str.
            UnknownModelError: no such model.
        """
        return self.read(text, model).trace

    def read(self, text: str, model: str, interventions: Interventions = UNTOUCHED) -> Reading:
        """As `trace`, with the model, the notices and the times that it took; no time at all if it was kept.

        Args:
            text: any text.
            model: its name.
            interventions: what is changed in it; each change is a pass of its own, kept like every other.
        """
        if not isinstance(text, str):
            raise TypeError(f"text is of type {type(text).__name__}; give a str")
        key = (model, text, interventions)
        if kept := self._readings.get(key) or self._longest.get(key):
            _forget_unread(kept.trace)
            return dataclasses.replace(kept, tokenize_ms=0.0, graph_ms=0.0)
        runner = self.model(model)
        begun = time.perf_counter()
        stream, notices = tokenized(text, runner, self.limits.pass_bytes)
        split = time.perf_counter()
        trace = self._pass(runner, stream, interventions)
        done = time.perf_counter()
        _forget_unread(trace)
        reading = Reading(runner, trace, notices, interventions, 1e3 * (split - begun), 1e3 * (done - split))
        size = size_of(trace)
        freed = (self._readings if size <= LONGEST_BYTES else self._longest).put(key, reading, size)
        heap.let_go(max(0, freed - size))  # the pass before a key shares nearly all with the one after it
        return reading

    def _pass(self, model: Model, stream: Stream, interventions: Interventions) -> ForwardTrace:
        """One text's pass; of a GPT that has read what it begins with, over the rest alone."""
        if not prefix.can_go_on(model):
            return running.run(model, stream, interventions)
        stores = (self._longest, self._readings)
        kept = [store.values(lambda key: key[0] == model.name and key[2] == interventions) for store in stores]
        traces = [reading.trace for readings in kept for reading in readings]
        begun = self._begun.values(lambda key: key == (model.name, interventions))
        found = prefix.nearest(model, stream, interventions, [*traces, *begun])

        def keep(trace: ForwardTrace) -> None:
            heap.let_go(self._begun.put((model.name, interventions), trace, size_of(trace)))

        trace = prefix.read(model, stream, interventions, found, keep)
        self._begun.forget(lambda key: key == (model.name, interventions))
        return trace

    def logits_after(self, reading: Reading, ids: Sequence[int]) -> Array:
        """The logits of what comes after a text and some more tokens, with the same changes. *Shape:* (d_vocab,)."""
        if ids:
            return running.logits_after(reading.model, reading.trace, ids, reading.interventions)
        return reading.trace.logits_at(-1)


def _forget_unread(trace: ForwardTrace) -> None:
    """Called when somebody asks for a pass: what nobody reads of it any more is let go."""
    if isinstance(trace.taps, Pieces):
        trace.taps.forget_unread()


def tokenized(text: str, model: Model, pass_bytes: int | None = None) -> tuple[Stream, tuple[str, ...]]:
    """A text as the tokens that fit into a model's context, with spans that count from its beginning, and notices.

    Args:
        text: any text.
        model: the model.
        pass_bytes: what its pass may leave behind; the limit of this process unless given.

    Raises:
        RequestError: the tokenizer knows more entries than the model, and the text has one of those.
    """
    readable_text = readable(text)
    start = readable_text.start
    room = limits().pass_bytes if pass_bytes is None else pass_bytes
    most = most_tokens(model.config, room, running.N_WRITTEN + 1)
    stream = model.tokenizer.encode(readable_text.text[start:], most)
    notices = readable_text.notices
    if stream.clipped and most < model.config.n_ctx:
        said = ROOM.format(model=model.name, tokens=most, n_ctx=model.config.n_ctx, room=zoo.in_words(room))
        notices = (*notices, said)
    if lacking := next((token for token in stream.tokens if token.id >= model.config.d_vocab), None):
        rows = model.config.d_vocab
        raise RequestError(NO_ROW.format(token=lacking.text, id=lacking.id, model=model.name, rows=f"{rows:,}"))
    if not stream.tokens:  # a published GPT without a token in front of its texts
        stand_in = min(model.tokenizer.special_ids, default=0)
        token = Token(stand_in, model.tokenizer.text_of(stand_in), 0, 0, special=True)
        return Stream(readable_text.text, (token,)), (*notices, NOTHING.format(model=model.name, token=token.text))
    if start:
        moved = (
            token
            if token.special and token.end == token.start
            else dataclasses.replace(token, start=token.start + start, end=token.end + start)
            for token in stream.tokens
        )
        stream = Stream(readable_text.text, tuple(moved), stream.clipped)
    if stream.clipped:
        shown = sum(token.end > token.start or not token.special for token in stream.tokens)  # [MASK] is of the text
        notices = (*notices, clipping(shown, stream.clipped))
    return stream, notices


def size_of(trace: ForwardTrace) -> int:
    """About how many bytes a trace holds: its arrays, and its texts at four bytes a character."""
    return trace.nbytes + 4 * sum(len(stream.text) for stream in trace.streams.values())
