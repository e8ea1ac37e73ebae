"""ForwardTrace to what the browser is sent: JSON, and behind it arrays packed into one blob.

Per keystroke, `static/js/state/store.js` asks for a *frame*:

    {seq, text, model, exhibit (one of app.exhibits.WALK), what the exhibit's script asks with besides,
     sampling: {temperature, top_k (0: off), top_p, min_p, seed},
     interventions: {expert_bias: {"layer.expert" (from 0): -4..4 | "off"}, heads_off: ["kind.layer.head" (from 0)],
                    neurons: {"kind.layer.neuron", of an expert "kind.layer.expert.neuron" (from 0): 0..4},
                    mask: as app.wire.mask_specification names it}
                    (left out: the model as it is),
     pin: {text, model, interventions} (or null: see app.asked.pin),
     query, written (positions, or null: where a BERT's, a T5's prediction is read; see app.asked.question)}
    -> {seq, text, notice (a sentence, or null), tokens: [{id, text, start, end, raw (hex), special}], clipped,
        written: what a T5 wrote, like `tokens`, the start token first; null for others,
        mask: what stands for a hidden word in the text of a model that guesses it, "[MASK]"; null for others,
        position: where in the text (a T5: in what it wrote) the prediction is read,
        next: {top: [{id, text, raw, special, logit, probability, kept, scaled, chance}], kept, kept_mass, left, rest,
               rest_mass, d_vocab, entropy_bits}; null of a model that predicts no token,
        unsaid: why it predicts none, or what else it was published with that is not run here, in one sentence; else
                null,
        pinned: what has changed since the pinned state, or null; see app.asked.pin,
        absent: why the exhibit does not apply to the model, in one sentence; else null,
        what the exhibit adds: see app/exhibits/<exhibit>/frame.py,
        arrays: {name: {dtype, shape, offset, half}}, timing_ms: {tokenize, graph, pack, total}}

`probability` is the softmax of the untouched logits over the whole vocabulary, `scaled` that after the temperature,
`chance` what the entry will be drawn with; `left` says, for each filter that is on, how many entries are left after it.
All numbers are those of the changed model where there are `interventions`.

A frame travels as one body of bytes (`framed`): how long its JSON is, four bytes, little-endian; the JSON, filled up
with spaces to a multiple of four bytes; the blob. In the blob the arrays lie one after the other, little-endian, each
at a multiple of four bytes, so that the browser looks at them where they are; with `half`, only the causal half of the
last two axes is in it.

A button asks for a *draw*, and exhibits for answers of their own (the `CALLS` of their frames):

    {seq, text, model, interventions, sampling, draw}
    -> {seq, text (the new one), drawn: [{id, text, raw, special, chance}], u, ended}

and the model picker to *fetch* a model of the hub, then how far it is *fetched*, until it is there or refused:

    {seq, model, ticket (of the page, which may *cancel* with it)}
    -> {seq, model, doing, done, total, unit ("B" | "file"), refused (a sentence, or null),
                     description (as in the catalog, once it is there)}

The *card* of a model comes as markup, null where none lies beside it:

    {seq, model} -> {seq, model, markup}

Whatever goes wrong comes back as {seq, error: a sentence}; a frame that there is none of, with an empty blob.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.study import sampling
from model.study.sampling import Distribution
from model.tokenizer import Tokenizer
from model.trace import Stream

ALIGNMENT = 4


@dataclass(frozen=True)
class Packed:
    """An array on its way into the blob."""

    values: NDArray[Any]
    shape: tuple[int, ...]
    """What the browser takes it for; with `half`, the full square of which `values` hold the causal half."""
    half: bool = False


def pack(arrays: Mapping[str, Packed]) -> dict[str, Any]:
    """The fields `arrays` and `blob`: where each array lies in the blob, and the blob."""
    described, parts, offset = {}, [], 0
    for name, array in arrays.items():
        values = np.ascontiguousarray(array.values)
        raw = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
        described[name] = {"dtype": values.dtype.name, "shape": array.shape, "offset": offset, "half": array.half}
        parts.append(raw + bytes(-len(raw) % ALIGNMENT))
        offset += len(parts[-1])
    return {"arrays": described, "blob": b"".join(parts)}


def as_json(value: Mapping[str, Any]) -> bytes:
    """An answer as JSON. Everything outside ASCII is escaped, so that a text comes back exactly as it was sent:
    Gradio's own encoder refuses lone surrogates.

    Raises:
        ValueError: a number in it is one that JSON does not have.
    """
    return json.dumps(value, allow_nan=False).encode("ascii")


def framed(value: Mapping[str, Any]) -> bytes:
    """A frame, or why there is none, as one body of bytes: see above. Raises ValueError as `as_json` does."""
    told = as_json({name: field for name, field in value.items() if name != "blob"})
    told += b" " * (-len(told) % ALIGNMENT)
    return b"".join([len(told).to_bytes(ALIGNMENT, "little"), told, value.get("blob", b"")])


def tokens(stream: Stream) -> list[dict[str, Any]]:
    """The tokens of a stream; spans count code points of its text."""
    return [
        {
            "id": token.id,
            "text": token.text,
            "start": token.start,
            "end": token.end,
            "raw": token.raw.hex(),
            "special": token.special,
        }
        for token in stream.tokens
    ]


def entry(tokenizer: Tokenizer, id: int) -> dict[str, Any]:
    """One entry of the vocabulary, with the fields of a token that belong to the entry and not to its place."""
    special = id in tokenizer.special_ids
    return {"id": id, "text": tokenizer.text_of(id), "raw": tokenizer.bytes_of(id).hex(), "special": special}


def next_token(
    logits: NDArray[np.floating], distribution: Distribution, describe: Callable[[int], Mapping[str, Any]], n_top: int
) -> dict[str, Any]:
    """What comes next: the `n_top` likeliest entries one by one, the others in sum.

    Args:
        logits: of the last position. *Shape:* (d_vocab,).
        distribution: what the settings made of them.
        describe: the fields that say what an entry of the vocabulary is, by its id.
        n_top: how many entries to list.
    """
    top = sampling.likeliest(logits, n_top)
    columns = {
        "id": top,
        "logit": logits[top],
        "probability": distribution.probabilities[top],
        "kept": distribution.keep[top],
        "scaled": distribution.scaled[top],
        "chance": distribution.chances[top],
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    entries = [dict(zip(columns, row, strict=True)) for row in rows]
    rest = np.ones(logits.shape, dtype=np.bool_)
    rest[top] = False
    return {
        "top": [{**values, **describe(values["id"])} for values in entries],
        "kept": int(distribution.keep.sum()),
        "kept_mass": distribution.kept_mass,
        "left": dict(distribution.left),
        "rest": int(rest.sum()),
        "rest_mass": float(distribution.probabilities[rest].sum()),
        "d_vocab": len(logits),
        "entropy_bits": sampling.entropy_bits(distribution.probabilities),
    }
