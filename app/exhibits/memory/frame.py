"""What the Memory exhibit draws of a pass: the feed-forward part of one block, opened at one token.

A request for the exhibit "memory" also has

    layer     the block, from 0; what lies past the last counts as the last
    query     position of the token in the text, null for the one that a prediction is read at
    stack     "encoder" or "decoder": which of a T5's; others have one
    written   of a T5's decoder, the token of what it wrote; see `app.asked.question`

Its frame has `memory`; or, where the experts of a model do more than is taken apart here, `absent`:

    place, layer, position   as they came out; `token`: the token there, like those of a frame
    reads      {norm ("rms" | "layer"), mean (null for "rms"), scale: what it divides by, gain: [least, most],
               shift: [least, most] or null, length: of the vector before it, read: of what comes out}; null where
               the part reads the stream as it is
    behind     whether a norm behind the part normalizes what it adds: all that is told of neurons is then behind it,
               its divisor held at what it is for all of them together
    cap        what bounds the logits softly, or null: what neurons promote is added before that
    activation "relu" | "gelu" | "gelu_tanh" | "silu"; `gated`: whether a second number multiplies it
    experts    [{expert (from 0), weight}] that the token was sent to, or null
    off        whether the whole part is switched off in this block: what is told of it is what it would add
    half, most how many neurons carry half, and nine tenths, of what is added; null where even all do not
    length     of what is added; `stream`: of the stream that it is added to
    bias       the part of it that is the bias's, or null
    top        the neurons that carry most, each {at (in the arrays), neuron, expert, before, up, activation, share,
               promotes, demotes: entries with the `logit` that it adds to each by itself, of one that is off that it
               would add, or null: an encoder's do not speak to the vocabulary; passages: [{before, token, after,
               activation}] of held-out stories, where it is furthest from zero, or null where nobody looked}. A neuron
               that is off or turned up keeps the place that it would have as it is

and the arrays, float32: `before`, `after` and `share` [neuron], what the activation function is given and gives, and
each neuron's part of what is added; `curve` [N_CURVE], that function from the lowest to the highest `before`, both
brought to at least -REACH and REACH. The field `change` is that of `app.asked.difference`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from app.asked import difference
from app.asked.question import Part, Question
from app.exhibits.memory import norms
from app.exhibits.memory.promoted import promoted
from app.wire import payload
from app.wire.payload import Packed
from model import taps
from model.config import Place
from model.study import sampling
from model.study.feed_forward import Neurons, carrying, reads
from model.study.lens_bert import ACTIVATIONS
from model.trace import Array, ForwardTrace

N_TOP = 12
N_NEURONS = 6
"""How many neurons are listed."""
N_ENTRIES = 4
"""How many entries each promotes, and demotes, are listed."""
N_CURVE = 97
"""Points of the activation function's curve."""
REACH = 4.0
MOST = 10**6
STACKS = ("encoder", "decoder")


def frame(question: Question) -> Part:
    """The field `memory`."""
    trace = question.trace
    place, layer, position = looked_at(question)
    try:
        neurons = seen(question, place, layer, position)
    except NotImplementedError as error:
        return Part(absent=f"{question.model.name}: {error}.")
    shares = neurons.shares()
    activation = "silu" if neurons.expert is not None else trace.config.activation
    low, high = min(-REACH, float(neurons.before.min())), max(REACH, float(neurons.before.max()))
    arrays = {
        "before": neurons.before,
        "after": ACTIVATIONS[activation](neurons.before),
        "share": shares.astype(np.float32),
        "curve": ACTIVATIONS[activation](np.linspace(low, high, N_CURVE, dtype=np.float32)),
    }
    as_it_is = shares if (neurons.factor == 1).all() else neurons.untouched.shares()
    top = np.argsort(-as_it_is, kind="stable")[:N_NEURONS]
    added = neurons.sum
    memory: dict[str, Any] = {
        "place": place,
        "layer": layer,
        "position": position,
        "token": payload.tokens(trace.streams[place])[position],
        "reads": norms.measured(question.model, trace, place, layer, position),
        "behind": trace.config.normalizes_added,
        "cap": trace.config.logit_softcap,
        "activation": activation,
        "gated": neurons.up is not None,
        "experts": chosen(neurons),
        "off": (place, layer) in question.reading.interventions.mlps_off,
        "half": carrying(shares, 0.5),
        "most": carrying(shares, 0.9),
        "length": float(np.linalg.norm(added)),
        "stream": float(np.linalg.norm(_joined(trace, place, layer, position))),
        "bias": None if neurons.bias is None else float(1 - shares.sum()),
        "top": listed(question, neurons, shares, top, (place, layer, position)),
    }
    told = {name: Packed(values, values.shape) for name, values in arrays.items()}
    return Part({"memory": memory, "change": difference.from_untouched(question)}, told)


def seen(question: Question, place: Place, layer: int, position: int) -> Neurons:
    """The neurons of a token in a block, as they are in the changed model. Raises as `FeedForward.neurons`."""
    factors = question.reading.interventions.factors(place, layer)
    return question.model.feed_forward.neurons(question.trace, place, layer, position, factors)


def looked_at(question: Question) -> tuple[Place, int, int]:
    """The stack, the block and the token that are looked at; what lies past the last counts as the last."""
    place = place_of(question)
    last = question.model.config.stacks[place].layers - 1
    layer = min(question.fields.optional_integer("layer", 0, MOST) or 0, last)
    return place, layer, position_in(question, place)


def place_of(question: Question) -> Place:
    """The stack that is looked into."""
    config = question.model.config
    if "cross" not in config.stacks:
        return config.reader
    place: Place = question.fields.choice("stack", STACKS)  # type: ignore[assignment]
    return place


def position_in(question: Question, place: Place) -> int:
    """The token that is looked at, by its place in its stream."""
    trace = question.trace
    if place == "decoder":
        return question.position
    last = len(trace.tokens) - 1
    chosen = question.fields.optional_integer("query", 0, trace.config.n_ctx)
    if chosen is None:
        return last if place == "encoder" else question.position
    return min(chosen, last)


def _joined(trace: ForwardTrace, place: Place, layer: int, position: int) -> Array:
    """The token's stream that the part adds to. *Shape:* (d_model,)."""
    mid = taps.RESID_MID_CROSS if place == "decoder" else taps.RESID_MID
    in_stream = reads(trace.config, place)  # a part reads the stream itself where norms stand in it
    kind = taps.RESID_PRE if trace.config.parallel else in_stream if trace.config.post_norm else mid
    return trace.row(kind, position, layer, place)


def chosen(neurons: Neurons) -> list[dict[str, Any]] | None:
    """The experts that the token was sent to, with their weights."""
    if neurons.expert is None:
        return None
    experts, first = np.unique(neurons.expert, return_index=True)
    return [
        {"expert": int(expert), "weight": float(neurons.weight[at])} for expert, at in zip(experts, first, strict=True)
    ]


def listed(
    question: Question,
    neurons: Neurons,
    shares: np.ndarray[Any, np.dtype[np.float64]],
    top: np.ndarray[Any, np.dtype[np.intp]],
    at: tuple[Place, int, int],
) -> list[dict[str, Any]]:
    """The neurons that carry most, one by one."""
    off = neurons.factor[top] == 0
    says = np.where(off[:, None], neurons.untouched.added[top], neurons.added[top]) if off.any() else neurons.added[top]
    logits = promoted(question, says, off, *at)
    passages = question.model.passages
    told = []
    for row, neuron in enumerate(top.tolist()):
        expert = None if neurons.expert is None else int(neurons.expert[neuron])
        index = int(neurons.index[neuron])
        adds = None if logits is None else logits[row]
        told.append(
            {
                "at": neuron,
                "neuron": index,
                "expert": expert,
                "before": float(neurons.before[neuron]),
                "up": None if neurons.up is None else float(neurons.up[neuron]),
                "activation": float(neurons.activation[neuron] * neurons.factor[neuron]),
                "share": float(shares[neuron]),
                "promotes": None if adds is None else _furthest(question, adds, 1),
                "demotes": None if adds is None else _furthest(question, adds, -1),
                "passages": None if passages is None else passages.of(at[0], at[1], expert, index),
            }
        )
    return told


def _furthest(question: Question, adds: np.ndarray[Any, Any], sign: int) -> list[dict[str, Any]]:
    """The entries to which most is added, or from which most is taken."""
    return [
        {**question.describe(id), "logit": float(adds[id])}
        for id in sampling.likeliest(sign * adds, N_ENTRIES).tolist()
    ]
