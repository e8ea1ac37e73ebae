"""A GPT's pass over a text that begins like one it has read: only the tokens that come after are computed.

What a causal model makes of a token depends on the tokens up to it. So an earlier pass lends all that it left behind on
the tokens that two texts begin with, and the tapped graph reads the rest with their keys and values as its past. What
is lent depends on these tokens and on the changes in the model alone: whoever typed them first, it is the same. A mask
is no exception: of a causal row it allows the same keys at every length. A long rest is read in blocks, each behind the
one before, so that a pass that nobody waits for any more ends between two, and what it has read is not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from operator import eq
from typing import cast

from app.running import budget
from app.running.memory import BLOCK, WHOLE
from app.running.model import Model, tapped
from app.running.pieces import LogitsOf, Pieces
from app.wire.interventions import Interventions
from export.runtime.session import Cache, Run
from model import taps
from model.config import GPTConfig
from model.trace import Array, ForwardTrace, Stream

WORTH = 0.25
"""The part of a text's tokens that an earlier pass must have for it to be gone on from."""


def nearest(
    model: Model, stream: Stream, interventions: Interventions, kept: Iterable[ForwardTrace]
) -> tuple[ForwardTrace, int] | None:
    """Of the passes that a model left behind with the same changes, the one that has most of a text's first tokens, and
    how many; None where none has enough.
    """
    if not can_go_on(model):
        return None
    ids = stream.ids
    found = [(common(ids, trace.streams["text"].ids), trace) for trace in kept]
    n_lent, trace = max(found, key=lambda one: one[0], default=(0, None))
    if trace is None or n_lent < max(1, min(BLOCK, WORTH * len(ids))):
        return None
    return trace, n_lent


def can_go_on(model: Model) -> bool:
    """Whether a pass may be gone on from: no token looks ahead, and the graph takes a past."""
    config = model.config
    looks_back = config.reader == config.speaker and config.stacks[config.reader].causal
    return looks_back and model.session.takes_past


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts begin with alike."""
    return sum(takewhile(bool, map(eq, one, other)))


def read(
    model: Model,
    stream: Stream,
    interventions: Interventions,
    before: tuple[ForwardTrace, int] | None,
    keep: Callable[[ForwardTrace], None] = lambda trace: None,
) -> ForwardTrace:
    """The pass over a text, of which an earlier pass with the same changes has the first tokens.

    Args:
        before: that pass, and how many tokens; None where there is none.
        keep: told of the pass over what has been read so far, as long as more is to come.

    Raises:
        GoneError: nobody waits for it any more.
        OverBudgetError: the request has had its time before.
    """
    budget.check()
    ids = stream.ids
    trace, n_read = before or (None, 0)
    while True:
        budget.check_wanted()
        left = len(ids) - n_read
        n_more = left if len(ids) <= WHOLE else min(left, BLOCK)
        trace = _longer(model, stream, interventions, trace, n_read, n_read + n_more)
        n_read += n_more
        if n_read == len(ids):
            return trace
        keep(trace)


def _longer(
    model: Model, stream: Stream, interventions: Interventions, before: ForwardTrace | None, n_lent: int, end: int
) -> ForwardTrace:
    """The pass over the first `end` tokens, of which `before` has the first `n_lent`."""
    config = model.config
    assert isinstance(config, GPTConfig)  # else no pass may be gone on from
    part = stream if end == len(stream.tokens) else Stream(stream.text, stream.tokens[:end], stream.clipped)
    rest = part.ids[n_lent:]

    def run(ids: Sequence[int], names: Sequence[str], past: Cache | None) -> Run:
        n_past = 0 if past is None else past[0][0].shape[2]
        changed = interventions.inputs(config, len(ids), n_past=n_past)
        return tapped(model, interventions).run(ids, taps=names, past=past, **changed)

    if before is None and end == len(stream.tokens):
        ran = run(rest, list(taps.table(config)), None)
        return ForwardTrace(config, {"text": part}, ran.taps, ran.logits)
    pieces = Pieces(config, ()) if before is None else Pieces.of(before, run).cut(n_lent)
    if rest:
        pieces = pieces.and_then(rest, run, all_of_them=len(stream.tokens) <= WHOLE)
    if before is not None and isinstance(before.taps, Pieces):
        before.taps.hand_over()
    return ForwardTrace(config, {"text": part}, pieces, cast(Array, LogitsOf(pieces)))
