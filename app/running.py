"""One model, ready to run, and how a text passes through each family to become a ForwardTrace.

A GPT and a BERT read a text in one run of the tapped graph. A T5 first writes: its encoder reads the text, its decoder
puts down the likeliest token again and again, and then one run of the tapped graph looks at both together.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.interventions import UNTOUCHED, Interventions
from export.runtime import GraphName
from export.session import Session
from model import config as configs
from model import taps
from model.config import BertConfig, Config, T5Config
from model.lens import Lens
from model.lens_bert import BertLens
from model.tokenizer import Tokenizer
from model.trace import Array, ForwardTrace, Stream, Token

N_WRITTEN = 32
"""How many tokens a T5 may write."""


@dataclass(frozen=True)
class Model:
    """One checkpoint's folder, opened; each of its graphs is loaded when it is first used."""

    name: str
    """What it is asked for by."""
    folder: Path
    config: Config
    tokenizer: Tokenizer
    _graphs: dict[GraphName, Session] = field(default_factory=dict, repr=False, compare=False)
    _loading: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def load(cls, name: str, folder: Path) -> Model:
        """The model in a checkpoint's folder."""
        config = configs.load(folder)
        return cls(name, folder, config, Tokenizer.of(config, folder / "tokenizer.json"))

    def graph(self, name: GraphName) -> Session:
        """One of its graphs: "tapped" and "fused", or a T5's "encoder" and "decoder" instead of the latter."""
        with self._loading:
            if name not in self._graphs:
                self._graphs[name] = Session(self.folder, name)
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

    @property
    def weights(self) -> Path:
        """Its safetensors file."""
        return self.folder / "model.safetensors"


def run(model: Model, stream: Stream, interventions: Interventions, n_written: int = N_WRITTEN) -> ForwardTrace:
    """One text's pass with every tap; a T5 writes up to `n_written` tokens."""
    ids = [token.id for token in stream.tokens]
    table = taps.table(model.config)
    if not isinstance(model.config, T5Config):
        changed = interventions.inputs(model.config, len(ids))
        one = model.session.run(ids, taps=table, **changed)
        return ForwardTrace(model.config, {"text": stream}, one.taps, one.logits)
    written = write(model, ids, interventions, n_written)
    changed = interventions.inputs(model.config, len(ids), len(written))
    two = model.session.run(ids, decoder_ids=written, taps=table, **changed)
    streams = {"encoder": stream, "decoder": output(model.tokenizer, written)}
    return ForwardTrace(model.config, streams, two.taps, two.logits)


def write(model: Model, ids: Sequence[int], interventions: Interventions, n_written: int = N_WRITTEN) -> list[int]:
    """What a T5 writes for a text, greedily: its start token and up to `n_written` more, its end token left out.

    The graphs that generate with a cache take no interventions; what a changed model writes is told from that.
    """
    assert isinstance(model.config, T5Config)
    end = ids[-1] if model.tokenizer.special_ids.issuperset(ids[-1:]) else None
    written = [model.config.start_token_id]
    if interventions:
        draft = write(model, ids, UNTOUCHED, n_written)
        return corrected(model, ids, interventions, draft, end, n_written)
    cross, past = model.graph("encoder").run(ids).cross, None
    while len(written) <= n_written:
        step = model.graph("decoder").run(written[-1:], cross=cross, past=past, cache=True)
        past = step.cache
        likeliest = int(step.logits[0, -1].argmax())
        if likeliest == end:
            break
        written.append(likeliest)
    return written


def corrected(
    model: Model, ids: Sequence[int], interventions: Interventions, draft: list[int], end: int | None, n_written: int
) -> list[int]:
    """What a changed T5 writes, greedily, told from a draft: what the model as it is writes.

    One pass over the draft says what the changed model would put at every place. It holds up to the first place where
    the two differ; from there on the draft is only a guess again, to be read in the next pass. The output is exactly
    that of token after token (Leviathan et al. 2023, with greedy choices), in as many passes as there are differences.
    """
    written = draft[:1]
    while True:
        guess = written + draft[len(written) :]
        changed = interventions.inputs(model.config, len(ids), len(guess))
        likeliest = model.session.run(ids, decoder_ids=guess, **changed).logits[0].argmax(axis=-1).tolist()
        for following in likeliest[len(written) - 1 :]:
            if following == end or len(written) > n_written:
                return written
            written.append(following)
            if guess[len(written) - 1 : len(written)] != [following]:
                break


def output(tokenizer: Tokenizer, ids: Sequence[int]) -> Stream:
    """What was written as a stream: its first token stands in front of the text, the others spell it."""
    text, tokens = "", []
    for count, id in enumerate(ids):
        start, text = len(text), tokenizer.decode(list(ids[1 : count + 1]))
        special = count == 0 or id in tokenizer.special_ids
        spans = (min(start, len(text)), len(text))
        tokens.append(Token(id, tokenizer.text_of(id), *spans, tokenizer.bytes_of(id), special))
    return Stream(text, tuple(tokens))


def logits_after(model: Model, trace: ForwardTrace, ids: Sequence[int], interventions: Interventions) -> Array:
    """A GPT's logits of what comes after a text and some more tokens. *Shape:* (d_vocab,)."""
    tokens = trace.tokens
    special = sum(token.special for token in tokens)
    context = [token.id for token in tokens] + list(ids)
    excess = max(0, len(context) - model.config.n_ctx)
    kept = context[:special] + context[special + excess :]
    last: Array = model.session.run(kept, **interventions.inputs(model.config, len(kept))).logits[0, -1]
    return last
