"""One model, ready to run, and how a text passes through each family to become a ForwardTrace.

A GPT and a BERT read a text in one run of the tapped graph. A T5 first writes: its encoder reads the text, its decoder
puts down the likeliest token again and again, and then one run of the tapped graph looks at both together. The decoder
of one that says nothing reads the text itself, as the heads for tasks of their own have it read.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.running import budget
from app.running.speculative_decoding import Likeliest, References, decode
from app.wire.interventions import UNTOUCHED, Interventions
from export.runtime import GraphName, means, passages
from export.runtime.means import Means
from export.runtime.passages import Passages
from export.runtime.session import WEIGHTS, Session
from model import config as configs
from model import taps
from model.config import BertConfig, Config, Place, T5Config
from model.study.feed_forward import FeedForward
from model.study.lens import Lens
from model.study.lens_bert import BertLens
from model.tokenizer import Tokenizer
from model.trace import Array, ForwardTrace, Stream, Token

N_WRITTEN = 32
"""How many tokens a T5 may write."""
LARGE_BYTES = 64 * 2**20
"""Six times the weights of the largest bundled model."""


def is_large(name: str, folder: Path) -> bool:
    """Whether a model is one of the hub's, or one of an operator's folders as large as those: it may take a gigabyte,
    and a long text in it another.
    """
    return "/" in name or (folder / WEIGHTS).stat().st_size > LARGE_BYTES


@dataclass(frozen=True)
class Model:
    """One checkpoint's folder, opened; each of its graphs is loaded when it is first used."""

    name: str
    """What it is asked for by."""
    folder: Path
    config: Config
    tokenizer: Tokenizer
    references: References = field(default_factory=References, repr=False, compare=False)
    _graphs: dict[GraphName, Session] = field(default_factory=dict, repr=False, compare=False)
    _loading: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def load(cls, name: str, folder: Path) -> Model:
        """The model in a checkpoint's folder."""
        config = configs.load(folder)
        return cls(name, folder, config, Tokenizer.of(config, folder / "tokenizer.json"))

    @property
    def is_large(self) -> bool:
        """See `is_large`."""
        return is_large(self.name, self.folder)

    def graph(self, name: GraphName) -> Session:
        """One of its graphs: "tapped" and "fused", or a T5's "encoder" and "decoder" instead of the latter.

        The threads of a large model spin within a run.
        """
        with self._loading:
            if name not in self._graphs:
                self._graphs[name] = Session(self.folder, name, spins=self.is_large)
            return self._graphs[name]

    @property
    def session(self) -> Session:
        """The tapped graph."""
        return self.graph("tapped")

    @functools.cached_property
    def lens(self) -> Lens | BertLens:
        """What reads its residual stream."""
        if isinstance(self.config, BertConfig):
            return BertLens.load(self.weights, self.config)
        return Lens.load(self.weights, self.config)

    @functools.cached_property
    def feed_forward(self) -> FeedForward:
        """What takes its feed-forward parts apart."""
        return FeedForward(self.weights, self.config)

    @functools.cached_property
    def means(self) -> Means | None:
        """What its heads and feed-forward parts say on the average of held-out text; None where nobody measured it."""
        return means.load(self.folder, self.config)

    @functools.cached_property
    def passages(self) -> Passages | None:
        """The held-out text that excites each of its neurons most; None where nobody looked."""
        return passages.load(self.folder, self.config)

    @property
    def weights(self) -> Path:
        """Its safetensors file."""
        return self.folder / WEIGHTS


def tapped(model: Model, interventions: Interventions) -> Session:
    """The graph that a changed model runs: its own, or where neurons of experts are changed that over other weights."""
    return model.session if interventions.over is None else interventions.over()


def run(model: Model, stream: Stream, interventions: Interventions, n_written: int = N_WRITTEN) -> ForwardTrace:
    """One text's pass with every tap; a T5's decoder writes, or reads, up to `n_written` tokens."""
    budget.check()
    ids = stream.ids
    table = taps.table(model.config)
    if model.config.reader == model.config.speaker:
        changed = interventions.inputs(model.config, len(ids))
        one = tapped(model, interventions).run(ids, taps=table, **changed)
        return ForwardTrace(model.config, {"text": stream}, one.taps, one.logits)
    written = write(model, ids, interventions, n_written) if model.config.predicts else behind(model, ids, n_written)
    changed = interventions.inputs(model.config, len(ids), len(written))
    two = model.session.run(ids, decoder_ids=written, taps=table, **changed)
    streams: dict[Place, Stream] = {"encoder": stream, "decoder": output(model.tokenizer, written)}
    return ForwardTrace(model.config, streams, two.taps, two.logits)


def behind(model: Model, ids: Sequence[int], n_written: int) -> list[int]:
    """A text one token behind, as the decoder reads it of a T5 that writes nothing (`T5ForSequenceClassification`): the
    start token, and the text's first `n_written`, without the last of all.
    """
    assert isinstance(model.config, T5Config)
    return [model.config.start_token_id, *ids[:-1][:n_written]]


def write(model: Model, ids: Sequence[int], interventions: Interventions, n_written: int = N_WRITTEN) -> list[int]:
    """What a T5 writes for a text, greedily: its start token and up to `n_written` more, its end token left out."""
    assert isinstance(model.config, T5Config)
    config, end = model.config, end_of(model, ids)
    likeliest = changed_writer(model, ids, interventions) if interventions else writer(model, ids)
    n_written = min(n_written, config.n_ctx - 1)
    references = model.references.nearest(ids, interventions)
    written = decode(references, likeliest, config.start_token_id, end, n_written, config.first_token_id)
    model.references.add(ids, interventions, written)
    return written


def end_of(model: Model, ids: Sequence[int]) -> int | None:
    """The token that ends what a T5 writes: that which its config names, else what its tokenizer sets behind every text
    that it reads.
    """
    assert isinstance(model.config, T5Config)
    if model.config.end_token_id is not None:
        return model.config.end_token_id
    return ids[-1] if model.tokenizer.special_ids.issuperset(ids[-1:]) else None


def writer(model: Model, ids: Sequence[int]) -> Likeliest:
    """A T5 that goes on with its output, having read `ids`. It keeps its cache as far as the output stands."""
    cross, past = model.graph("encoder").run(ids).cross, None

    def likeliest(written: list[int], known: int) -> list[int]:
        nonlocal past
        if past is not None:
            past = tuple((key[:, :, :known], value[:, :, :known]) for key, value in past)
        step = model.graph("decoder").run(written[known:], cross=cross, past=past, cache=True)
        past = step.cache
        following: list[int] = step.logits[0].argmax(axis=-1).tolist()
        return following

    return likeliest


def changed_writer(model: Model, ids: Sequence[int], interventions: Interventions) -> Likeliest:
    """The same of a changed T5, by its tapped graph: those that have a cache take no interventions."""

    def likeliest(written: list[int], known: int) -> list[int]:
        changed = interventions.inputs(model.config, len(ids), len(written))
        following = model.session.run(ids, decoder_ids=written, **changed).logits[0, known:].argmax(axis=-1)
        ids_following: list[int] = following.tolist()
        return ids_following

    return likeliest


def output(tokenizer: Tokenizer, ids: Sequence[int]) -> Stream:
    """What was written as a stream: its first token stands in front of the text, the others spell it."""
    text, tokens = "", []
    for count, id in enumerate(ids):
        start, text = len(text), tokenizer.decode(list(ids[1 : count + 1]))
        special = count == 0 or id in tokenizer.special_ids
        spans = (min(start, len(text)), len(text))
        tokens.append(Token(id, tokenizer.text_of(id), *spans, tokenizer.bytes_of(id), special))
    return Stream(text, tuple(tokens))


def logits_of(session: Session, trace: ForwardTrace, interventions: Interventions = UNTOUCHED) -> Array:
    """What a tapped graph, with changes of its own, says at each place of the tokens of a pass.

    *Shape:* (pos, d_vocab).
    """
    budget.check()
    read, *written = (stream.ids for stream in trace.streams.values())
    changed = interventions.inputs(session.config, len(read), *map(len, written))
    logits: Array = session.run(read, decoder_ids=written[0] if written else None, **changed).logits[0]
    return logits


def logits_after(model: Model, trace: ForwardTrace, ids: Sequence[int], interventions: Interventions) -> Array:
    """A GPT's logits of what comes after a text and some more tokens. *Shape:* (d_vocab,)."""
    tokens = trace.tokens
    special = sum(token.special for token in tokens)
    context = [token.id for token in tokens] + list(ids)
    excess = max(0, len(context) - model.config.n_ctx)
    kept = context[:special] + context[special + excess :]
    ran = tapped(model, interventions).run(kept, **interventions.inputs(model.config, len(kept)))
    last: Array = ran.logits[0, -1]
    return last
