"""What the Attention exhibit draws of a pass: every head of one kind of attention in small, one in full, and one cell
of it in exact numbers.

A request for the exhibit "attention" also has `kind`: a T5's "encoder", "decoder" or "cross"; of the other families,
which have one kind, it is not read; `layer` and `head`, from 0, the head that is looked at; `sinks`, "shown" or
"hidden": whether the keys where attention rests are left out, all rows being scaled to one without them; and `part`:
see `app.asked.parts`. The arrays of the frame:

    pattern         uint8 [layer, head, query, key]: all heads, as `app.wire.thumbnails` packs them; `half` says that
                    only the causal half is in the blob, row q holding keys 0 to q
    pattern_head    uint16 [1, 1, query, key]: the head that is looked at, in the steps of `app.wire.patterns`;
                    likewise; of a long text in small, with a part and a row in full: see `app.asked.parts`
    pattern_then    the same in the pinned state, where its model is the same and no key is left out, likewise
    pattern_change  int8, of the size of `pattern`: what has changed since then; -128 where a token was another
    habits          float32 [place, layer, head]: what the queries put on the places in `habits`

and its fields `layer` and `head`, as they came out; `thumbnails` and `thumbnails_change`, {largest, block}: what the
bytes stand for; of a long text `part`, what there is of the head, and `part_then`; `habits`, the names of places;
`finds`, see `app.asked.heads`; `former`, tokens of the pinned state, {queries, keys}; `change`, that of
`app.asked.difference`. A click asks for one
*cell*:

    {seq, text, model, interventions, kind, layer, head, query, key, sinks}
    -> {..., q, k, dot, scales (whether a square root divides), divisor (that of what), scaled, cap (what bounds the
        scaled score softly; null where nothing does), capped (the score then, or null), bias (null where the scheme
        adds none), allowed,
        row: {scores, probabilities}, probability, kv_head, scaling: see `model.study.scaling`,
        heads: what each head has of the cell, by layer and head}
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked import difference, heads, parts, pin
from app.asked.question import Part, Question
from app.wire.patterns import WHOLE, in_steps
from app.wire.payload import Packed
from app.wire.thumbnails import changes, thumbnails
from model import taps
from model.config import Place
from model.softmax import softcapped
from model.study import scaling
from model.trace import Array, ForwardTrace

N_TOP = 12
ROUNDING = 1
"""Steps that two probabilities may differ by which are the same."""


def frame(question: Question) -> Part:
    """All heads of the kind that is looked at in small, and one in full, or of a long text what is looked at of it."""
    trace, place = question.trace, kind(question)
    layer, head = heads.looked_at(question, place)
    causal = trace.config.stacks[place].causal
    shown = heads_of(question, place)
    queries, keys = heads.sides(trace, place)
    small = thumbnails(shown, causal=causal)
    shares = heads.habits(shown, own=queries is keys)
    part = question.fields.optional_text("part")
    told, arrays = parts.of_head(part, shown[layer], head, len(keys), causal=causal)
    fields = {
        "layer": layer,
        "head": head,
        "thumbnails": small.told,
        "habits": list(shares),
        "finds": heads.finds(trace, place),
        "change": difference.from_untouched(question),
        **told,
    }
    arrays |= {"pattern": small.packed, "habits": Packed(stacked := np.stack(list(shares.values())), stacked.shape)}
    before = pin.before(question)
    if before is None or before.model.name != question.model.name or leaves_out(question):
        return Part(fields, arrays)
    changed = changes(since(trace, before.trace, place), block=small.block, causal=causal)
    then = heads.layers_of(before.trace, place)[layer]
    n_then = len(heads.sides(before.trace, place)[1])
    told, former = parts.of_head(part, then, head, n_then, causal=causal)
    fields |= {"thumbnails_change": changed.told, "former": ids(before.trace, place)}
    fields |= {f"{name}_then": of for name, of in told.items()}
    arrays |= {"pattern_change": changed.packed}
    return Part(fields, arrays | {name.replace("head", "then"): array for name, array in former.items()})


def leaves_out(question: Question) -> bool:
    """Whether the keys are left out where attention rests."""
    return question.fields.optional_text("sinks") == "hidden"


def heads_of(question: Question, place: Place) -> heads.Layers:
    """All heads, as they are looked at."""
    trace, layers = question.trace, heads.layers_of(question.trace, place)
    if not leaves_out(question):
        return layers
    return heads.without(layers, heads.sinks(heads.sides(trace, place)[1], causal=trace.config.stacks[place].causal))


def ids(trace: ForwardTrace, place: Place) -> dict[str, list[int]]:
    """The ids of the tokens of both sides."""
    queries, keys = heads.sides(trace, place)
    return {"queries": [token.id for token in queries], "keys": [token.id for token in keys]}


def since(now: ForwardTrace, then: ForwardTrace, place: Place) -> Iterator[Array]:
    """All heads now minus all heads then, layer by layer, where both tokens of a cell are what they were; NaN
    elsewhere. What rounding down to steps alone may bring is no change.
    """
    same = []
    for side, former in zip(ids(now, place).values(), ids(then, place).values(), strict=True):
        same.append(np.array([at < len(former) and id == former[at] for at, id in enumerate(side)]))
    both = np.outer(*same)
    n_both = tuple(
        min(len(side), len(former))
        for side, former in zip(heads.sides(now, place), heads.sides(then, place), strict=True)
    )
    for layer in range(now.config.stacks[place].layers):
        current, before = (heads.all_rows(of, layer, place) for of in (now, then))
        steps = np.zeros(current.shape, np.int32)
        cut = np.s_[:, : n_both[0], : n_both[1]]
        steps[cut] = in_steps(current[cut]).astype(np.int32) - in_steps(before[cut])
        yield np.where(both, np.where(np.abs(steps) <= ROUNDING, 0, steps) / WHOLE, np.nan)


def kind(question: Question) -> Place:
    """The kind of attention that is looked at."""
    there = tuple(question.model.config.stacks)
    if len(there) == 1:
        return there[0]
    asked = question.fields.choice("kind", there)
    return next(place for place in there if place == asked)


def cell(question: Question) -> dict[str, Any]:
    """One cell in exact numbers, on a click."""
    fields, trace, config, place = question.fields, question.trace, question.model.config, kind(question)
    n_queries, n_keys = map(len, heads.sides(trace, place))
    where = {
        "layer": fields.integer("layer", 0, config.stacks[place].layers - 1),
        "head": fields.integer("head", 0, config.n_heads - 1),
        "query": fields.integer("query", 0, n_queries - 1),
        "key": fields.integer("key", 0, n_keys - 1),
    }
    changed = question.reading.interventions.inputs(config, *(len(stream.tokens) for stream in trace.streams.values()))
    mask = changed.get("attention_mask") if place in ("text", "encoder") else None
    shown = heads_of(question, place)
    return {
        "text": fields.text("text"),
        **where,
        **steps(trace, **where, place=place, mask=mask),
        "heads": [heads.cell(of, where["query"], where["key"]).tolist() for of in shown],
    }


CALLS = (cell,)


def readable(trace: ForwardTrace, layer: int, place: Place) -> NDArray[np.bool_]:
    """Which key each query may read, by the model's own mask. *Shape:* (query, key)."""
    n_queries, n_keys = map(len, heads.sides(trace, place))
    back = np.arange(n_queries)[:, None] - np.arange(n_keys)
    stack = trace.config.stacks[place]
    if place == "cross":
        return np.ones_like(back, dtype=np.bool_)
    window = stack.windows[layer] or n_keys
    may: NDArray[np.bool_] = (back >= 0) & (back < window) if stack.causal else abs(back) < window
    return may


def steps(
    trace: ForwardTrace,
    layer: int,
    head: int,
    query: int,
    key: int,
    place: Place = "text",
    mask: NDArray[np.bool_] | None = None,
) -> dict[str, Any]:
    """How one cell of the attention pattern came about, every step recomputed in float64 from the taps.

    scaled = q · k / sqrt(divisor), d_head in most models; capped = cap tanh(scaled / cap) where there is a cap (Gemma
    Team 2024, sec. 2); score = scaled or capped + bias, probability = softmax of the row's scores over the keys that
    the query may attend to (Vaswani et al. 2017, eq. 1); a T5 does not divide. `probability` and `row.probabilities`
    are what the graph itself computed, so that the steps can be held against them. `mask` is what a person laid over
    the model's own. *Shape:* (1, query, key).
    """
    config = trace.config
    q, k, _ = (rows.astype(np.float64) for rows in trace.qkv(layer, head, place))
    dots = k @ q[query]
    tap = taps.BIAS.at(place).name(layer)
    bias = trace.taps[tap][0, head].astype(np.float64) if tap in trace.taps else None
    scaled = dots / math.sqrt(config.score_divisor) if config.scaled_scores else dots
    cap = config.score_softcap
    capped = softcapped(scaled, cap)
    scores = capped if bias is None else capped + bias[query]
    may = readable(trace, layer, place)
    if mask is not None:
        may = may & mask[0]
    probabilities = heads.all_rows(trace, layer, place, query)[head, 0]
    row = zip(scores.tolist(), may[query].tolist(), strict=True)
    return {
        "q": q[query].tolist(),
        "k": k[key].tolist(),
        "dot": float(dots[key]),
        "scales": config.scaled_scores,
        "divisor": config.score_divisor,
        "scaled": float(scaled[key]),
        "cap": cap,
        "capped": None if cap is None else float(capped[key]),
        "bias": None if bias is None else float(bias[query, key]),
        "allowed": bool(may[query, key]),
        "row": {
            "scores": [score if allowed else None for score, allowed in row],
            "probabilities": probabilities.tolist(),
        },
        "probability": float(probabilities[key]),
        "kv_head": head // (config.n_heads // config.kv_heads),
        "scaling": scaling.measure(
            q, k, may, query, scales=config.scaled_scores, bias=bias, divisor=config.score_divisor, cap=cap
        ),
    }
