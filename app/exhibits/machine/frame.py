"""What the Machine exhibit draws of a pass: patterns, lengths of vectors, gates, small embeddings.

A request for the exhibit "machine" also has `layer` and `head`, from 0, the head that is looked at; the fields `layer`
and `head` say them as they came out, the layer that of the deepest stack. L is the number of blocks of a stack, T the
number of its tokens. The arrays:

    pattern      all heads, as for the exhibit "attention", but for the largest probability that a byte may stand for,
                 which is 1; in a T5 that of its cross-attention, with `pattern_encoder` and `pattern_decoder` beside
                 it, and then the field `kind` is "cross"
    pattern_head the head that is looked at, likewise, and of a long text as `app.asked.parts` has it, by the field
                 `parts`; `pattern_head_encoder` and `pattern_head_decoder`
    norms        float32 [R, B]: the length |x| of the residual stream before the first block; then, block by block,
                 after attention, (in a T5's decoder) after cross-attention, and after the MLP or the experts; at last
                 after the final norm. Where both parts read the same stream, once a block; where norms stand in the
                 stream (BERT), before and after each, and there is no final one. B is T, or of a long text the number
                 of groups of `every` neighbours, and a group has the mean of its tokens
    added        float32 [P L, B]: the length of what each part adds, in the same order; P of them in a block
    added_open   float32 [P, T]: the same of the block that is looked at, token by token
    medians      float32 [R]: the median of `norms` over all tokens
    embed        int8 [B, G, cell]: in small what is added up to enter the first block, of the first token of a group:
                 token, position, segment; a cell is the mean of neighbouring dimensions
    embed_scale  float32 [1]: the mean that 127 in `embed` stands for, the largest of this frame, of a T5's two together
    moved        float32 [R, B]: beside `norms`, how far each vector is from where it was in the pinned state, at the
                 same place, as a part of its length; NaN where the token was another. Only if the model's pin is set
    moved_end    float32 [T]: the same behind the last block, token by token
    router       float32 [expert layer, T, expert]: each token's probability for each expert; only if there are experts
    ranked       float32 [expert layer, T, expert]: what they are chosen by, where that is not this alone: see
                 `model.study.routing.ranking`

Those of a T5 are its encoder's; its decoder's have "decoder_" before their names. The field `rivers` has, for each
stack, `every`, the length of the `longest` vector in it, and of the longest that is `fed` into it by an MLP or experts.
The field `anatomy` is that of `app.exhibits.machine.anatomy`; `blocks` says, for each kind, how many tokens stand along
a cell's side in `pattern`; `finds` is that of `app.asked.heads`; `outputs` has, for a T5, the likeliest entry after
each token of what it wrote, and is null for others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked import heads, parts, pin
from app.asked.question import Part, Question
from app.exhibits.machine.anatomy import anatomy
from app.running.pieces import reading
from app.wire.patterns import LONG
from app.wire.payload import Packed
from app.wire.thumbnails import thumbnails
from model import taps
from model.config import Config, Place
from model.study import routing
from model.taps import Tap
from model.trace import Array, ForwardTrace

EMBED_CELLS = 32
"""How many cells stand for an embedding, at most."""
STEPS = 127
N_TOP = 12
LANES = 64
"""For how many a drawing has room, at most."""

EMBEDDED = (taps.EMBED, taps.POS_EMBED, taps.SEGMENT_EMBED)


def frame(question: Question) -> Part:
    """Everything that the drawing is made of."""
    trace = question.trace
    place: Place = "cross" if "cross" in trace.config.stacks else "text"
    deepest: Place = max(trace.config.stacks, key=lambda of: trace.config.stacks[of].layers)
    layer, head = heads.looked_at(question, deepest)
    fields: dict[str, Any] = {"anatomy": anatomy(trace.config), "outputs": None, "layer": layer, "head": head}
    fields |= {"finds": heads.finds(trace, place)}
    if "cross" in trace.config.stacks:
        fields |= {"kind": "cross"}
        if question.predicts:
            likeliest = trace.logits[0].argmax(axis=-1).tolist()
            fields |= {"outputs": [question.describe(id) for id in likeliest]}
    told, attention = patterns(trace, layer, head, question.fields.optional_text("part"))
    with reading(measured(trace.config)):
        rivers, arrays = drawing(trace, layer)
        arrays |= changes(question)
    return Part(fields | told | {"rivers": rivers}, attention | arrays)


def measured(config: Config) -> list[str]:
    """The taps that the drawing is made of, besides attention."""
    names = [
        tap.at(place).name(layer)
        for place in config.streams
        for tap, layer in (*stream(config, place), *adds(config, place), *((tap, 0) for tap in EMBEDDED))
    ]
    biased = config.experts is not None and config.experts.choice_bias
    routers = (taps.ROUTER, taps.RANKED) if biased else (taps.ROUTER,)
    return [*names, *(tap.name(layer) for layer in config.expert_layers for tap in routers)]


def patterns(trace: ForwardTrace, layer: int, head: int, part: str = "") -> tuple[dict[str, Any], dict[str, Packed]]:
    """All heads of every kind in small and one in full, or of a long text in parts; how many tokens a cell of those in
    small is, and what there is of the one.
    """
    arrays, blocks, looked_at = dict[str, Packed](), dict[Place, int](), dict[Place, Any]()
    for place, stack in trace.config.stacks.items():
        of = "" if place in ("text", "cross") else f"_{place}"
        all_heads = heads.layers_of(trace, place)
        small = thumbnails(all_heads, causal=stack.causal, largest=1.0)
        arrays[f"pattern{of}"] = small.packed
        shown, n_keys = all_heads[min(layer, stack.layers - 1)], len(heads.sides(trace, place)[1])
        told, one = parts.of_head(part, shown, head, n_keys, causal=stack.causal)
        arrays |= {f"{name}{of}": array for name, array in one.items()}
        blocks[place] = small.block
        if told:
            looked_at[place] = told["part"]
    return {"blocks": blocks, **({"parts": looked_at} if looked_at else {})}, arrays


def changes(question: Question) -> dict[str, Packed]:
    """What has moved since the pin, in each stack."""
    before = pin.before(question)
    if before is None or before.model.name != question.model.name:
        return {}
    arrays: dict[str, Packed] = {}
    for place in question.trace.config.streams:
        distances = moved(question.trace, before.trace, place)
        end = distances[len(stations(question.trace.config, place)[0]) * question.trace.config.stacks[place].layers]
        arrays |= _packed(place, moved=grouped(distances, every(distances.shape[1])), moved_end=end)
    return arrays


def drawing(trace: ForwardTrace, layer: int = 0) -> tuple[dict[Place, Any], dict[str, Packed]]:
    """The field `rivers` and the arrays above for one pass, without attention and what has changed.

    Args:
        layer: the block that is looked at.
    """
    rivers, arrays = dict[Place, Any](), dict[str, Packed]()
    for place in trace.config.streams:
        rivers[place], lanes = stack(trace, place, layer)
        arrays |= lanes
    arrays |= embeddings(trace)
    if layers := trace.config.expert_layers:
        router = np.stack([trace.router(layer) for layer in layers]).astype(np.float32)
        arrays["router"] = Packed(router, router.shape)
        ranked = [rows for layer in layers if (rows := routing.ranking(trace, layer)) is not None]
        if ranked:
            arrays["ranked"] = Packed(np.stack(ranked).astype(np.float32), router.shape)
    return rivers, arrays


def stack(trace: ForwardTrace, place: Place, layer: int) -> tuple[dict[str, Any], dict[str, Packed]]:
    """The lengths of one stack of blocks."""
    norms, added = lengths(trace, place)
    parts = len(stations(trace.config, place)[1])
    first = parts * min(layer, trace.config.stacks[place].layers - 1)
    size = every(norms.shape[1])
    lanes = {"norms": grouped(norms, size), "added": grouped(added, size)}
    shown = {"added_open": added[first : first + parts], "medians": np.median(norms, axis=1)}
    longest = max(float(norms.max()), float(added.max()))
    fed = float(added[parts - 1 :: parts].max())
    return {"every": size, "longest": longest, "fed": fed}, _packed(place, **lanes, **shown)


def every(n_tokens: int) -> int:
    """How many neighbours are measured together: one, or so many that there are at most two groups for each lane that
    a drawing has room for.
    """
    return 1 if n_tokens <= LONG else 1 << (n_tokens // LANES).bit_length() - 1


def grouped(lengths: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The mean of each `size` neighbours; the last may be fewer. *Shape:* (row, group)."""
    if size == 1:
        return lengths
    n = lengths.shape[1]
    first = np.arange(0, n, size)
    sums = np.add.reduceat(lengths, first, axis=1, dtype=np.float64)
    means: NDArray[np.float32] = (sums / (np.minimum(first + size, n) - first)).astype(np.float32)
    return means


def _packed(place: Place, **arrays: NDArray[Any]) -> dict[str, Packed]:
    return {f"{_prefix(place)}{name}": Packed(array.astype(np.float32), array.shape) for name, array in arrays.items()}


def _prefix(place: Place) -> str:
    return "decoder_" if place == "decoder" else ""


def stations(config: Config, place: Place) -> tuple[tuple[Tap, ...], tuple[Tap, ...]]:
    """Where the stream of a block is measured, and what is added to it, in order."""
    added = (taps.ATTN_OUT, taps.MLP_OUT)
    if place == "decoder":
        sums = (taps.RESID_MID, taps.RESID_MID_CROSS, taps.RESID_POST)
        normed = (taps.POST_LN1, taps.POST_LN_CROSS, taps.POST_LN2)
        both = tuple(tap for pair in zip(sums, normed, strict=True) for tap in pair)
        return both if config.post_norm else sums, (taps.ATTN_OUT, taps.CROSS_OUT, taps.MLP_OUT)
    if config.post_norm:
        return (taps.RESID_MID, taps.POST_LN1, taps.RESID_POST, taps.POST_LN2), added
    if config.parallel:
        return (taps.RESID_POST,), added
    return (taps.RESID_MID, taps.RESID_POST), added


def lengths(trace: ForwardTrace, place: Place = "text") -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lengths of the stream, and of what is added to it, at `stations`. *Shape:* (station, pos), (part, pos)."""
    measured = [_lengths_of(trace, tap, layer, place) for tap, layer in stream(trace.config, place)]
    added = [_lengths_of(trace, tap, layer, place) for tap, layer in adds(trace.config, place)]
    return np.stack(measured), np.stack(added)


def _lengths_of(trace: ForwardTrace, tap: Tap, layer: int, place: Place) -> NDArray[np.float32]:
    """How long the vectors of a tap are; of a long text, no more than what a key has changed is measured."""
    parts = [stretch.made("length", lambda of: _length(of.values)) for stretch in trace.stretches(tap, layer, place)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def stream(config: Config, place: Place) -> list[tuple[Tap, int]]:
    """Where the residual stream is measured, before the first block in front: each with its block."""
    measured, _ = stations(config, place)
    inside = [(tap, layer) for layer in range(config.stacks[place].layers) for tap in measured]
    return [(taps.RESID_PRE, 0), *inside, *([] if config.post_norm else [(taps.FINAL, 0)])]


def adds(config: Config, place: Place) -> list[tuple[Tap, int]]:
    """What each part of each block adds to it."""
    _, parts = stations(config, place)
    return [(tap, layer) for layer in range(config.stacks[place].layers) for tap in parts]


def moved(trace: ForwardTrace, before: ForwardTrace, place: Place = "text") -> NDArray[np.float32]:
    """How far the stream is from where it was, in its lengths; NaN for another token. *Shape:* (station, pos)."""
    at, n_both = stream(trace.config, place), min(len(of.streams[place].tokens) for of in (trace, before))
    ids, former = (np.array(of.streams[place].ids[:n_both]) for of in (trace, before))
    same = np.flatnonzero(ids == former)
    distances = np.full((len(at), len(trace.streams[place].tokens)), np.nan, dtype=np.float32)
    for row, (tap, layer) in enumerate(at):
        now, then = (of.read(tap, layer, place)[same] for of in (trace, before))
        distances[row, same] = _length(now - then) / _length(now)
    return distances


def _length(vectors: Array) -> NDArray[np.float32]:
    """Euclidean lengths along the last axis."""
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=-1).astype(np.float32)
    return lengths


def embedding_means(trace: ForwardTrace, place: Place = "text") -> Array:
    """Embeddings as means of neighbouring dimensions. *Shape:* (pos, embedding, cell).

    Groups of dimensions differ by one at most where their number is no multiple of EMBED_CELLS.
    """
    there = [trace.read(tap, place=place) for tap in EMBEDDED if tap.at(place).template in trace.taps]
    embeddings = np.stack(there, axis=1)
    n_dimensions = embeddings.shape[-1]
    sizes = np.full(min(EMBED_CELLS, n_dimensions), n_dimensions // min(EMBED_CELLS, n_dimensions))
    sizes[: n_dimensions % len(sizes)] += 1
    means: Array = np.add.reduceat(embeddings, np.cumsum(sizes) - sizes, axis=-1) / sizes.astype(np.float32)
    return means


def embeddings(trace: ForwardTrace) -> dict[str, Packed]:
    """The embeddings of every stack, in steps of the largest mean / STEPS; and that mean, one for all that is drawn."""
    means = {place: embedding_means(trace, place) for place in trace.config.streams}
    largest = max(float(np.abs(of).max()) for of in means.values()) or 1.0
    arrays = _packed("text", embed_scale=np.array([largest]))
    for place, of in means.items():
        cells = np.rint(STEPS * of[:: every(len(of))] / largest).astype(np.int8)
        arrays[f"{_prefix(place)}embed"] = Packed(cells, cells.shape)
    return arrays
