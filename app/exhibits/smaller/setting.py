"""What of a model is taken away: the setting that a request asks for, the graph that runs with it, what it weighs."""

from __future__ import annotations

from collections.abc import Collection

from app.asked.question import Question
from app.running import model as running
from app.running.model import Model
from app.wire.interventions import Interventions
from export.runtime.session import Session
from export.runtime.shrinking import parts_of
from model import stored
from model.config import Config, Place
from model.study import shrinking
from model.study.shrinking import BITS, GRAINS, ZEROED, Grain, Removed, Setting, layer_of, layers_of
from model.trace import Array

MOST_BYTES = 40_000_000
"""Of a model's weights. To make the largest bundled one smaller takes 0.2 s of the processor."""
MOST = 10**6


def asked(question: Question) -> Setting:
    """The setting of the fields `bits`, `grain` and `zeroed`; what is no stop of a slider is brought to the nearest.

    One that is left out takes nothing away.
    """
    fields, whole = question.fields, Setting()
    bits = fields.optional_integer("bits", 0, MOST)
    zeroed = fields.optional_integer("zeroed", 0, MOST)
    grain: Grain = whole.grain if fields.value("grain") is None else fields.choice("grain", GRAINS)  # type: ignore[assignment]
    return Setting(_nearest(BITS, whole.bits if bits is None else bits), grain, _nearest(ZEROED, zeroed or 0))


def _nearest(stops: Collection[int], value: int) -> int:
    return min(stops, key=lambda stop: abs(stop - value))


def session_of(question: Question, setting: Setting) -> Session:
    """The tapped graph over the matrices as the setting leaves them; the model's own where it leaves them alone.

    Raises:
        ValueError: its weights are of a type that cannot be replaced.
    """
    model = question.model
    if not setting:
        return model.session
    return question.engine.other_weights.session(
        model, ("smaller", setting), lambda: shrinking.weights(stored.load(model.weights), setting)
    )


def before(question: Question) -> Array:
    """What the model as it is says at each place, after the same tokens. *Shape:* (place, d_vocab)."""
    reading = question.reading
    whole: Array = question.untouched_logits if reading.interventions else reading.trace.logits[0]
    return whole


def after(question: Question, setting: Setting) -> Array:
    """What the smaller model says at each place, after the same tokens. *Shape:* (place, d_vocab)."""
    reading = question.reading
    if not setting:
        whole: Array = reading.trace.logits[0]
        return whole
    return running.logits_of(session_of(question, setting), reading.trace, reading.interventions)


def removed(interventions: Interventions) -> Removed:
    """The heads and the feed-forward parts that are switched off."""
    return Removed(interventions.heads_off, interventions.mlps_off)


def layers_gone(config: Config, gone: Removed) -> list[tuple[Place, int]]:
    """The blocks of which every head and the feed-forward part are removed."""
    heads, mlps = set(gone.heads), set(gone.mlps)
    return [at for at in layers_of(config) if heads.issuperset(layer_of(config, *at).heads) and mlps.issuperset([at])]


def bytes_of(model: Model, setting: Setting, gone: Removed) -> tuple[int, int]:
    """The bytes of the weights as they are stored, and of those that are left."""
    parts = parts_of(model.weights)
    whole = shrinking.n_bytes(parts, model.config, Setting(), shrinking.NOTHING)
    return whole, shrinking.n_bytes(parts, model.config, setting, gone)


def limit(model: Model) -> str | None:
    """Why a model is left as it is, in a sentence; None where it is not."""
    size = model.weights.stat().st_size
    if size <= MOST_BYTES:
        return None
    return (
        f"The weights of {model.name} take {size / 1e6:,.0f} MB; here models of up to {MOST_BYTES / 1e6:.0f} MB are"
        " made smaller, as every step of a slider makes all weights anew. Choose a bundled model."
    )
