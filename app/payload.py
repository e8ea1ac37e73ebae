"""ForwardTrace to what the browser is sent: JSON that one function here builds, and arrays packed into one blob.

Per keystroke, `static/js/store.js` asks for a *frame*:

    {seq, text, model, exhibit: "machine" | "tokens" | "attention" | "experts" | "residual" | "sampling",
     sampling: {temperature, top_k (0: off), top_p, min_p, seed},
     interventions: {expert_bias: {"layer.expert" (from 0): -4..4 | "off"}} (left out: the model as it is)}
    -> {seq, text, notice (a sentence, or null), tokens: [{id, text, start, end, raw (hex), special}], clipped,
        next: {top: [{id, text, raw, special, logit, probability, kept, scaled, chance}], kept, kept_mass, left, rest,
               rest_mass, d_vocab, entropy_bits},
        arrays: {name: {dtype, shape, offset, half}}, blob (base64), timing_ms: {tokenize, graph, pack, total}}

`probability` is the softmax of the untouched logits over the whole vocabulary, `scaled` that after the temperature,
`chance` what the entry will be drawn with; `left` says, for each filter that is on, how many entries are left after it.
The blob holds the arrays one after the other, little-endian, each at a multiple of four bytes. Attention brings
`pattern`, uint8, round(255 p), shape [layer, head, query, key]; `half` says that only the causal half is in the blob,
row q holding keys 0 to q. Sampling brings the whole vocabulary in falling order: `curve` (float32, untouched
probabilities), `curve_ids` (uint16; uint32 if large) and `curve_chance` (float32). What the machine, the experts and
the residual stream bring is told in `app.payload_machine`, `app.payload_experts`, `app.payload_residual`. All numbers
are those of the changed model where there are `interventions`; a cell and a draw take them too.

A click asks for one *cell* of attention, exactly, and a button for a *draw*:

    {seq, text, model, layer, head, query, key} -> {..., q, k, dot, sqrt_d_head, bias, scaled, allowed,
                                                    row: {scores, probabilities}, probability, kv_head}
    {seq, text, model, sampling, draw} -> {seq, text (the new one), drawn: [{id, text, raw, special, chance}], u, ended}

Whatever goes wrong comes back as {seq, error: a sentence}.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import sampling, taps
from model.sampling import Distribution
from model.tokenizer import Tokenizer
from model.trace import ForwardTrace, Stream

ALIGNMENT = 4


@dataclass(frozen=True)
class Packed:
    """An array on its way into the blob."""

    values: NDArray[Any]
    shape: tuple[int, ...]
    """What the browser takes it for; with `half`, the full square of which `values` hold the causal half."""
    half: bool = False


def pack(arrays: Mapping[str, Packed]) -> dict[str, Any]:
    """The fields `arrays` and `blob`: where each array lies in the blob, and the blob in base64."""
    described, parts, offset = {}, [], 0
    for name, array in arrays.items():
        values = np.ascontiguousarray(array.values)
        raw = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
        described[name] = {"dtype": values.dtype.name, "shape": array.shape, "offset": offset, "half": array.half}
        parts.append(raw + bytes(-len(raw) % ALIGNMENT))
        offset += len(parts[-1])
    return {"arrays": described, "blob": base64.b64encode(b"".join(parts)).decode("ascii")}


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
    top = sampling.descending(logits)[:n_top]
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


def patterns(trace: ForwardTrace) -> dict[str, Packed]:
    """The attention probabilities of all heads in colour depth: round(255 p) as uint8, causal half only."""
    n_tokens, config = len(trace.tokens), trace.config
    rows, columns = np.tril_indices(n_tokens)
    causal = rows * n_tokens + columns
    halves = np.empty((config.n_layers, config.n_heads, len(causal)), dtype=np.uint8)
    for layer in range(config.n_layers):
        flat = trace.pattern(layer).reshape(config.n_heads, n_tokens * n_tokens)
        halves[layer] = np.rint(255 * flat[:, causal])
    return {"pattern": Packed(halves, (config.n_layers, config.n_heads, n_tokens, n_tokens), half=True)}


def curve(logits: NDArray[np.floating], distribution: Distribution) -> dict[str, Packed]:
    """The whole vocabulary in falling order: probabilities, ids, chances."""
    order = sampling.descending(logits)
    ids = order.astype(np.uint16 if len(order) <= 2**16 else np.uint32)
    probabilities = distribution.probabilities[order].astype(np.float32)
    chances = distribution.chances[order].astype(np.float32)
    arrays = {"curve": probabilities, "curve_ids": ids, "curve_chance": chances}
    return {name: Packed(values, values.shape) for name, values in arrays.items()}


def cell(trace: ForwardTrace, layer: int, head: int, query: int, key: int) -> dict[str, Any]:
    """How one cell of the attention pattern came about, every step recomputed in float64 from the taps.

    scaled = q · k / sqrt(d_head), score = scaled + bias, probability = softmax of the row's scores over the keys that
    the query may attend to (Vaswani et al. 2017, eq. 1). `probability` and `row.probabilities` are what the graph
    itself computed, so that the steps can be held against them.
    """
    config = trace.config
    q, k, _ = trace.qkv(layer, head)
    q_row, keys = q[query].astype(np.float64), k.astype(np.float64)
    sqrt_d_head = math.sqrt(config.head_width)
    dots = keys @ q_row
    has_bias = taps.BIAS.name(layer) in trace.taps
    bias = trace.read(taps.BIAS, layer)[head, query].astype(np.float64) if has_bias else np.zeros_like(dots)
    scores = dots / sqrt_d_head + bias
    probabilities = trace.pattern(layer)[head, query]
    return {
        "q": q[query].tolist(),
        "k": k[key].tolist(),
        "dot": float(dots[key]),
        "sqrt_d_head": sqrt_d_head,
        "bias": float(bias[key]),
        "scaled": float(dots[key] / sqrt_d_head),
        "allowed": key <= query,
        "row": {
            "scores": [score if index <= query else None for index, score in enumerate(scores.tolist())],
            "probabilities": probabilities.tolist(),
        },
        "probability": float(probabilities[key]),
        "kv_head": head // (config.n_heads // config.kv_heads),
    }
