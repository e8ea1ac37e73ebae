"""Text in, `ForwardTrace` out: the bundled models, run by ONNX Runtime.

A model is loaded when it is first asked for, and stays. What it left behind on recent texts stays too, up to a number
of bytes, so that a click on a cell or a draw does not run the graph again. Threads may share an engine.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import model as model_package
from app.interventions import UNTOUCHED, Interventions
from app.recent import Recent
from app.text import clipping, readable
from export.session import Session
from model import config as configs
from model import taps
from model.config import GPTConfig
from model.lens import Lens
from model.tokenizer import Tokenizer
from model.trace import Array, ForwardTrace, Stream

CHECKPOINTS = Path(model_package.__file__).parent / "checkpoints"
BYTES_KEPT = 64 * 2**20


class UnknownModelError(ValueError):
    """A model was asked for that is not there; the message lists those that are."""


@dataclass(frozen=True)
class Model:
    """One bundled model, ready to run."""

    config: GPTConfig
    tokenizer: Tokenizer
    session: Session
    parameters: int
    """How many numbers its safetensors file holds."""
    weights: Path
    """That file."""

    @functools.cached_property
    def lens(self) -> Lens:
        """What reads its residual stream, loaded when it is first asked for."""
        return Lens.load(self.weights, self.config)

    @classmethod
    def load(cls, folder: Path, config: GPTConfig) -> Model:
        """The model in a checkpoint's folder."""
        tokenizer = Tokenizer.load(folder / "tokenizer.json", config.bos_token_id)
        weights = folder / "model.safetensors"
        return cls(config, tokenizer, Session(folder), count_parameters(weights), weights)


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
    """The decoders in a folder of checkpoints, by name.

    Args:
        checkpoints: a folder with one folder a model.
    """

    def __init__(self, checkpoints: Path = CHECKPOINTS) -> None:
        self._found: dict[str, tuple[Path, GPTConfig]] = {}
        for graph in sorted(checkpoints.glob("*/tapped.onnx")):
            config = configs.load(graph.parent)
            if isinstance(config, GPTConfig):  # the exhibits draw decoders
                self._found[graph.parent.name] = (graph.parent, config)
        self._models: dict[str, Model] = {}
        self._loading = threading.Lock()
        self._recent: Recent[tuple[str, str, Interventions], Reading] = Recent(BYTES_KEPT)

    @property
    def names(self) -> tuple[str, ...]:
        """The models that can be asked for."""
        return tuple(self._found)

    def model(self, name: str) -> Model:
        """A model by name. Raises UnknownModelError."""
        if name not in self._found:
            there = ", ".join(self._found) or "no model at all"
            raise UnknownModelError(f"model is {name!r}; there is {there}")
        with self._loading:
            if name not in self._models:
                self._models[name] = Model.load(*self._found[name])
            return self._models[name]

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
        if kept := self._recent.get(key):
            return dataclasses.replace(kept, tokenize_ms=0.0, graph_ms=0.0)
        runner = self.model(model)
        begun = time.perf_counter()
        stream, notices = tokenized(text, runner)
        split = time.perf_counter()
        ids = [token.id for token in stream.tokens]
        biases = interventions.biases(runner.config)
        run = runner.session.run(ids, taps=taps.table(runner.config), expert_bias=biases)
        done = time.perf_counter()
        trace = ForwardTrace(runner.config, {"text": stream}, run.taps, run.logits)
        reading = Reading(runner, trace, notices, interventions, 1e3 * (split - begun), 1e3 * (done - split))
        self._recent.put(key, reading, size_of(trace))
        return reading

    def logits_after(self, reading: Reading, ids: Sequence[int]) -> Array:
        """The logits of what comes after a text and some more tokens, with the same changes. *Shape:* (d_vocab,)."""
        logits = reading.trace.logits
        if ids:
            tokens = reading.trace.tokens
            special = sum(token.special for token in tokens)
            context = [token.id for token in tokens] + list(ids)
            excess = max(0, len(context) - reading.model.config.n_ctx)
            kept = context[:special] + context[special + excess :]
            biases = reading.interventions.biases(reading.model.config)
            logits = reading.model.session.run(kept, expert_bias=biases).logits
        last: Array = logits[0, -1]
        return last


def tokenized(text: str, model: Model) -> tuple[Stream, tuple[str, ...]]:
    """A text as the tokens that fit into a model's context, with spans that count from its beginning, and notices."""
    readable_text = readable(text)
    start = readable_text.start
    stream = model.tokenizer.encode(readable_text.text[start:], model.config.n_ctx)
    notices = readable_text.notices
    if start:
        moved = (
            token if token.special else dataclasses.replace(token, start=token.start + start, end=token.end + start)
            for token in stream.tokens
        )
        stream = Stream(readable_text.text, tuple(moved), stream.clipped)
    if stream.clipped:
        shown = sum(not token.special for token in stream.tokens)
        notices = (*notices, clipping(shown, stream.clipped))
    return stream, notices


def size_of(trace: ForwardTrace) -> int:
    """About how many bytes a trace holds: its arrays, and its text at four bytes a character."""
    arrays = (trace.logits, *trace.taps.values())
    return sum(array.nbytes for array in arrays) + 4 * len(trace.streams["text"].text)


def count_parameters(path: Path) -> int:
    """How many numbers a safetensors file holds, by its header: a length (8 bytes, little-endian), then JSON."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return sum(int(np.prod(tensor["shape"])) for name, tensor in header.items() if name != "__metadata__")
