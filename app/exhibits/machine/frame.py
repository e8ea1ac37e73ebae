"""What the Machine exhibit draws of a pass: patterns, lengths of vectors, gates, small embeddings.

A request for the exhibit "machine" also has `layer` and `head`, from 0, the head that is looked at; the fields `layer`
and `head` say them as they came out, the layer that of the deepest stack. L is the number of blocks of a stack, T the
number of its tokens. The arrays:

    pattern      all heads, as for the exhibit "attention", but for the largest probability that a byte may stand for,
                 which is 1; in a T5 that of its cross-attention, with `pattern_encoder` and `pattern_decoder` beside
                 it, and then the field `kind` is "cross"
    pattern_head the head that is looked at, likewise, and of a long text as `app.asked.parts` has it, by the field
                 `parts`; `pattern_head_encoder` and `pattern_head_decoder`
    norms        float32 [R, T]: the length |x| of the residual stream before the first block; then, block by block,
                 after attention, (in a T5's decoder) after cross-attention, and after the MLP or the experts; at last
                 after the final norm. Where both parts read the same stream, once a block; where norms stand in the
                 stream (BERT), before and after each, and there is no final one
    added        float32 [P L, T]: the length of what each part adds, in the same order; P of them in a block
    embed        int8 [T, G, cell]: in small what is added up to enter the first block: token, position, segment; a
                 cell is the mean of neighbouring dimensions
    embed_scale  float32 [1]: the mean that 127 in `embed` stands for, the largest of this frame, of a T5's two together
    moved        float32 [R, T]: beside `norms`, how far each vector is from where it was in the pinned state, at the
                 same place, as a part of its length; NaN where the token was another. Only if the model's pin is set
    router       float32 [expert layer, T, expert]: each token's probability for each expert; only if there are experts

`norms`, `added`, `moved` and `embed` of a T5 are its encoder's; its decoder's have "decoder_" before their names. The
field `anatomy` is that of `app.exhibits.machine.anatomy`; `blocks` says, for each kind, how many tokens stand along a
cell's side in `pattern`; `finds` is that of `app.asked.heads`; `outputs` has, for a T5, the likeliest entry after each
token of what it wrote, and is null for others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked import heads, parts, pin
from app.asked.question import Part, Question
from app.exhibits.machine.anatomy import anatomy
from app.wire.payload import Packed
from app.wire.thumbnails import thumbnails
from model import taps
from model.config import Config, Place
from model.taps import Tap
from model.trace import Array, ForwardTrace

EMBED_CELLS = 32
"""How many cells stand for an embedding, at most."""
STEPS = 127
N_TOP = 12

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
        likeliest = trace.logits[0].argmax(axis=-1).tolist()
        fields |= {"kind": "cross", "outputs": [question.describe(id) for id in likeliest]}
    told, attention = patterns(trace, layer, head, question.fields.optional_text("part"))
    return Part(fields | told, attention | drawing(trace) | changes(question))


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
    distances = {place: moved(question.trace, before.trace, place) for place in question.trace.config.streams}
    return {f"{_prefix(place)}moved": Packed(array, array.shape) for place, array in distances.items()}


def drawing(trace: ForwardTrace) -> dict[str, Packed]:
    """The arrays above for one pass, without attention and what has changed."""
    if "cross" in trace.config.stacks:
        return {**stack(trace, "encoder"), **stack(trace, "decoder"), **embeddings(trace)}
    arrays = {**stack(trace, "text"), **embeddings(trace)}
    if layers := trace.config.expert_layers:
        router = np.stack([trace.router(layer) for layer in layers]).astype(np.float32)
        arrays["router"] = Packed(router, router.shape)
    return arrays


def stack(trace: ForwardTrace, place: Place) -> dict[str, Packed]:
    """The lengths of one stack of blocks."""
    prefix = _prefix(place)
    norms, added = lengths(trace, place)
    values = {"norms": norms, "added": added}
    return {f"{prefix}{name}": Packed(array, array.shape) for name, array in values.items()}


def _prefix(place: Place) -> str:
    return "decoder_" if place == "decoder" else ""


def stations(config: Config, place: Place) -> tuple[tuple[Tap, ...], tuple[Tap, ...]]:
    """Where the stream of a block is measured, and what is added to it, in order."""
    added = (taps.ATTN_OUT, taps.MLP_OUT)
    if config.post_norm:
        return (taps.RESID_MID, taps.POST_LN1, taps.RESID_POST, taps.POST_LN2), added
    if place == "decoder":
        return (
            (taps.RESID_MID, taps.RESID_MID_CROSS, taps.RESID_POST),
            (taps.ATTN_OUT, taps.CROSS_OUT, taps.MLP_OUT),
        )
    if config.parallel:
        return (taps.RESID_POST,), added
    return (taps.RESID_MID, taps.RESID_POST), added


def lengths(trace: ForwardTrace, place: Place = "text") -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lengths of the stream, and of what is added to it, at `stations`. *Shape:* (station, pos), (part, pos)."""
    _, parts = stations(trace.config, place)
    added = [trace.read(tap, layer, place) for layer in range(trace.config.stacks[place].layers) for tap in parts]
    return _length(stream(trace, place)), _length(np.stack(added))


def stream(trace: ForwardTrace, place: Place) -> Array:
    """The residual stream at `stations`, before the first block in front. *Shape:* (station, pos, d_model)."""
    measured, _ = stations(trace.config, place)
    inside = [trace.read(tap, layer, place) for layer in range(trace.config.stacks[place].layers) for tap in measured]
    last = [] if trace.config.post_norm else [trace.read(taps.FINAL, place=place)]
    return np.stack([trace.read(taps.RESID_PRE, 0, place), *inside, *last])


def moved(trace: ForwardTrace, before: ForwardTrace, place: Place = "text") -> NDArray[np.float32]:
    """How far the stream is from where it was, in its lengths; NaN for another token. *Shape:* (station, pos)."""
    now, then = stream(trace, place), stream(before, place)
    n_both = min(now.shape[1], then.shape[1])
    ids, former = (np.array([token.id for token in of.streams[place].tokens[:n_both]]) for of in (trace, before))
    same = np.flatnonzero(ids == former)
    distances = np.full(now.shape[:2], np.nan, dtype=np.float32)
    distances[:, same] = _length(now[:, same] - then[:, same]) / _length(now[:, same])
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
    cells = {f"{_prefix(place)}embed": np.rint(STEPS * of / largest).astype(np.int8) for place, of in means.items()}
    values: dict[str, NDArray[Any]] = {**cells, "embed_scale": np.array([largest], dtype=np.float32)}
    return {name: Packed(array, array.shape) for name, array in values.items()}
