"""What the Masks exhibit draws of a pass: the attention of the model without the mask, and what the mask takes of it.

"Before" is the pass with whatever else a person changed in the model, but without the mask; a T5's after the same
output. All speaks of the text's self-attention: in a T5, its encoder's. The arrays of a frame for the exhibit "masks":

    pattern_head  uint16 [1, 1, query, key]: before, of the head that is looked at, or the mean over its layer's heads;
             in steps, and `half` for a GPT, as in Attention
    lost     float32 [layer, head, query]: how much of it falls on what the mask forbids
    allowed  uint8, a bit for each [query, key], the first in the highest bit: what mask and model allow in the layer
             that sees most
    steps    uint8 [query, key]: through how many of the last layers a key's token can be heard at a query; 255: never

Of a text of more than `LONG` tokens these are of `SHOWN` of them alone, around the one at `query`, else the one whose
prediction is read; `lost` is float32 [query], of what `pattern_head` is of, and there are besides

    lost_mean  float32 [layer, head]: the mean of what is lost over all queries
    heard    uint16 [query, layers + 1]: how many of all tokens can be heard after each number of layers, from none on

The request also has `layer` and `head`, from 0, and `pattern_of`, "head" or "mean", which say what `pattern_head` is
of; the fields `layer` and `head` say it as it came out. The field `finds` is that of `app.asked.heads`, `change` that
of `app.asked.difference`, of the mask alone. Beside them stands `masks`:

    {multiply_adds: {kept, of}: of the whole model's attention for this text,
     alone: [queries that the mask left nothing, so that they attend to themselves],
     lengths: [tokens],
     layers: [{window: how many tokens the model itself lets a token read here; null: all,
               pairs: that the mask leaves, of: that the model as it is has, in one head,
               at_lengths: {of: [pairs], pairs: [pairs], or null for a mask that no formula carries further}}],
     shown: [first, end]: of a long text, which tokens the arrays are of}
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked import difference, heads
from app.asked.question import Part, Question
from app.exhibits.masks.reach import Kept, Squares
from app.wire import mask_specification
from app.wire.interventions import Interventions
from app.wire.mask_specification import Cells, Mask
from app.wire.patterns import LONG, mean_of, one
from app.wire.payload import Packed
from model import taps
from model.config import Config
from model.study import sparsity
from model.trace import Array, ForwardTrace, Stretch

N_TOP = 12
KEEPS = Kept
OF = ("mean", "head")
LENGTHS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
"""Tokens for which the pairs are counted by formula."""
SHOWN = 192
"""Tokens that are shown of a text of more than `LONG`."""
MOST = 10**6


def frame(question: Question, kept: Kept) -> Part:
    """The pass before, and what the mask does to it."""
    config, mask = question.model.config, question.reading.interventions.mask
    before, logits = without_mask(question)
    n_tokens = len(before.tokens)
    allowed = mask_specification.base(n_tokens, config) if mask is None else mask.allowed(n_tokens, config)
    left = mask_specification.with_self(allowed)
    squares = mask_specification.by_layer(left, config)
    layer, head = heads.looked_at(question, config.reader)
    of = head if pattern_of(question) == "head" else None
    lost = lost_in(before, mask, squares)
    shown = around(question, n_tokens)
    told = counts(allowed, mask, config)
    arrays = {"pattern_head": attention(before, layer, of, shown)}
    if n_tokens <= LONG:
        steps = sparsity.steps_to_reach(squares)
        arrays |= {"lost": _packed(lost)}
    else:
        told |= {"shown": [shown.start, shown.stop]}
        steps, heard = kept.reach(config, mask, squares, shown)
        there = (lost[layer].mean(axis=0, dtype=np.float64) if of is None else lost[layer, of])[shown]
        mean = lost.mean(axis=-1, dtype=np.float64)
        arrays |= {"lost": _packed(there.astype(np.float32)), "lost_mean": _packed(mean.astype(np.float32))}
        arrays |= {"heard": _packed(heard)}
    arrays |= {"allowed": _packed(np.packbits(left[:, shown, shown].any(axis=0))), "steps": _packed(steps)}
    is_said = mask is not None and config.predicts
    moved = difference.between(logits, question.logits, question.describe) if is_said else None
    looked_at = {"layer": layer, "head": head, "finds": heads.finds(before, config.reader)}
    return Part({"masks": told, "change": moved, **looked_at}, arrays)


def _packed(values: NDArray[Any]) -> Packed:
    return Packed(values, values.shape)


def around(question: Question, n_tokens: int) -> slice:
    """Which tokens are shown: all, or of a long text those around the one that is selected."""
    if n_tokens <= LONG:
        return slice(0, n_tokens)
    chosen = question.fields.optional_integer("query", 0, MOST)
    if chosen is None:
        config = question.model.config
        chosen = question.position if config.reader == config.speaker else n_tokens - 1
    first = max(0, min(n_tokens - SHOWN, chosen - SHOWN // 2))
    return slice(first, first + SHOWN)


def attention(trace: ForwardTrace, layer: int, head: int | None, shown: slice) -> Packed:
    """One head of a layer, or the mean over them, of the tokens that are shown."""
    place = trace.config.reader
    if head is None:
        return mean_of(trace, place, [layer], shown, shown)
    rows = heads.rows(list(trace.stretches(taps.PATTERN, layer, place)), head, shown.start, shown.stop)
    return one(rows[:, shown], causal=trace.config.stacks[place].causal)


def lost_in(trace: ForwardTrace, mask: Mask | None, squares: Squares) -> NDArray[np.float32]:
    """What a mask takes of each head's attention in a pass without it. *Shape:* (layer, head, query).

    Args:
        trace: that pass.
        mask: the mask.
        squares: what it and the model allow in each layer. *Shape:* (query, key) each.
    """
    config = trace.config
    if mask is None:
        return np.zeros((config.n_layers, config.n_heads, len(trace.tokens)), np.float32)
    layers = (trace.stretches(taps.PATTERN, layer, config.reader) for layer in range(config.n_layers))
    each = (
        np.concatenate([_lost(stretch, mask, allowed) for stretch in stretches], axis=1)
        for stretches, allowed in zip(layers, squares, strict=True)
    )
    return np.stack(list(each))


def _lost(stretch: Stretch, mask: Mask, allowed: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The same of some queries; what came of them under the mask before this one is let go. *Shape:* (head, query)."""
    under, lost = stretch.kept.get("lost", (None, None))
    if under != mask:
        _, n_queries, n_keys = stretch.shape
        rows = allowed[stretch.start : stretch.start + n_queries, :n_keys]
        lost = sparsity.mass_lost(stretch.values, rows).astype(np.float32)
        stretch.kept["lost"] = (mask, lost)
    measured: NDArray[np.float32] = lost
    return measured


def pattern_of(question: Question) -> str:
    """Which attention is drawn: of the layer's heads on average, or of one."""
    return question.fields.choice("pattern_of", OF) if question.fields.optional_text("pattern_of") else OF[0]


def without_mask(question: Question) -> tuple[ForwardTrace, Array]:
    """The pass before, and its logits where the prediction is read: (d_vocab,)."""
    reading, trace = question.reading, question.trace
    if reading.interventions.mask is None:
        return trace, question.logits
    interventions = dataclasses.replace(reading.interventions, mask=None)
    if "decoder" in trace.streams:
        before = _after_the_same_output(question, interventions)
    else:
        before = question.engine.read(question.fields.text("text"), question.model.name, interventions).trace
    return before, before.logits_at(question.position)


def _after_the_same_output(question: Question, interventions: Interventions) -> ForwardTrace:
    """A T5's pass before, over the text and what it wrote under the mask."""
    config = question.model.config
    read, written = (stream.ids for stream in question.trace.streams.values())
    changed = interventions.inputs(config, len(read), len(written))
    names = [taps.PATTERN.at(config.reader).name(layer) for layer in range(config.n_layers)]
    run = question.model.session.run(read, decoder_ids=written, taps=names, **changed)
    return ForwardTrace(config, question.trace.streams, run.taps, run.logits)


def counts(allowed: Cells, mask: Mask | None, config: Config) -> dict[str, Any]:
    """The field `masks` above."""
    n_tokens, stack = allowed.shape[-1], config.stacks[config.reader]
    left = (int(np.count_nonzero(square)) for square in mask_specification.with_self(allowed))
    own = (_own_pairs(window, n_tokens, stack.causal) for window in mask_specification.widths(config))
    kept, of = (mask_specification.by_layer(pairs, config) for pairs in (left, own))
    at_lengths = {window: _at_lengths(window, mask, stack.causal) for window in set(stack.windows)}
    return {
        "multiply_adds": {
            name: sparsity.multiply_adds(sum(pairs), config.head_width + config.value_width, config.n_heads)
            for name, pairs in (("kept", kept), ("of", of))
        },
        "alone": np.flatnonzero(mask_specification.alone(allowed)).tolist(),
        "lengths": LENGTHS,
        "layers": [
            {"window": window, "pairs": left, "of": all_of_them, "at_lengths": at_lengths[window]}
            for window, left, all_of_them in zip(stack.windows, kept, of, strict=True)
        ],
    }


def _own_pairs(window: int | None, n_tokens: int, causal: bool) -> int:
    """The pairs of a layer with a window of its own, or none."""
    kind = "none" if window is None else "window"
    return int(sparsity.keys_of(kind, () if window is None else (window,), n_tokens, causal).sum())


def _at_lengths(window: int | None, mask: Mask | None, causal: bool) -> dict[str, list[int] | None]:
    """The same at `LENGTHS`, without the mask and with it."""

    def pairs(kind: str, numbers: tuple[int, ...]) -> list[int]:
        return [round(float(sparsity.keys_of(kind, numbers, length, causal).sum())) for length in LENGTHS]

    of = [_own_pairs(window, length, causal) for length in LENGTHS]
    if mask is None:
        return {"of": of, "pairs": of}
    if window is not None and mask.kind == "window":
        return {"of": of, "pairs": pairs("window", (min(window, *mask.numbers),))}
    by_formula = window is None and mask.kind not in ("document", "painted")
    return {"of": of, "pairs": pairs(mask.kind, mask.numbers) if by_formula else None}
