"""The newest token's step in two ways, ready to be timed: with the keys and values of those before it, and anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.engine import Reading
from app.running.model import tapped
from app.wire.fields import RequestError
from export.runtime.session import Cache, Run


@dataclass(frozen=True)
class Step:
    """One step; each way can be gone any number of times."""

    cached: Callable[[], Run]
    """Computes the newest token only, and gives the grown cache."""
    uncached: Callable[[], Run]
    """Computes every token up to the newest from nothing; of a T5, what it read as well."""
    cross: Cache | None = None
    """What a T5 computed once from the text that it read."""


def newest(reading: Reading, position: int) -> Step:
    """The step of the token at `position` of a T5's output, or of a GPT's last token.

    A model as it is runs the graphs that generate; a changed GPT the tapped one, which takes its changes.

    Raises:
        RequestError: a changed T5, whose graphs with a cache take no changes.
    """
    model, changes = reading.model, reading.interventions
    if "cross" not in model.config.stacks:
        graph = tapped(model, changes) if changes else model.graph("fused")
        ids = reading.trace.streams["text"].ids
        n_past = len(ids) - 1
        whole, last = changes.inputs(model.config, len(ids)), changes.inputs(model.config, 1, n_past=n_past)
        past = graph.run(ids[:-1], cache=True, **changes.inputs(model.config, n_past)).cache if n_past else None
        return Step(
            lambda: graph.run(ids[-1:], past=past, cache=True, **last),
            lambda: graph.run(ids, **whole),
        )
    if changes:
        raise RequestError("A T5's graphs with a cache take no changes to the model; undo them to start the clock.")
    encoder, decoder = model.graph("encoder"), model.graph("decoder")
    read, written = (reading.trace.streams[stream].ids for stream in ("encoder", "decoder"))
    written = written[: position + 1]
    cross = encoder.run(read).cross
    past = decoder.run(written[:-1], cross=cross, cache=True).cache if len(written) > 1 else None
    return Step(
        lambda: decoder.run(written[-1:], cross=cross, past=past, cache=True),
        lambda: decoder.run(written, cross=encoder.run(read).cross),
        cross,
    )
