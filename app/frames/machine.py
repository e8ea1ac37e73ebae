"""What the Machine exhibit draws of a pass, beside the attention patterns: lengths of vectors, gates, small embeddings.

L is n_layers, T the number of tokens. The arrays of a frame for the exhibit "machine":

    pattern      as for the exhibit "attention"
    norms        float32 [2 L + 1, T]: the length |x| of the residual stream before the first block, then in each block
                 after attention and after the MLP or the experts
    added        float32 [2 L, T]: the length of what attention, then of what the MLP or the experts add, block by block
    router       float32 [expert layer, T, expert]: each token's probability for each expert; only if there are experts
    embed        int8 [T, cell]: each token's embedding in small; a cell is the mean of neighbouring dimensions
    embed_scale  float32 [1]: the mean that 127 in `embed` stands for, the largest of this frame
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.frames.attention import patterns
from app.payload import Packed
from app.question import Part, Question
from model import taps
from model.trace import Array, ForwardTrace

EMBED_CELLS = 32
"""How many cells stand for an embedding, at most."""
STEPS = 127


N_TOP = 12


def frame(question: Question) -> Part:
    """Everything that the drawing is made of."""
    if question.model.config.family != "gpt":
        return Part(absent="This drawing shows decoders so far; choose a GPT.")
    return Part(arrays=drawing(question.trace))


def drawing(trace: ForwardTrace) -> dict[str, Packed]:
    """The arrays above for one pass."""
    norms, added = lengths(trace)
    cells, scale = embedding_cells(trace)
    arrays: dict[str, NDArray[Any]] = {"norms": norms, "added": added, "embed": cells, "embed_scale": scale}
    if layers := trace.config.expert_layers:
        arrays["router"] = np.stack([trace.router(layer) for layer in layers]).astype(np.float32)
    return {**patterns(trace), **{name: Packed(values, values.shape) for name, values in arrays.items()}}


def lengths(trace: ForwardTrace) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lengths of the stream, and of what is added to it. *Shape:* (2 n_layers + 1, pos), (2 n_layers, pos)."""
    stream, added = [trace.read(taps.RESID_PRE, 0)], []
    for layer in range(trace.config.n_layers):
        attention = trace.read(taps.ATTN_OUT, layer)
        # Where attention and MLP read the same stream side by side, there is no stream between them to tap.
        between = trace.read(taps.RESID_PRE, layer) + attention
        stream += [between, trace.read(taps.RESID_POST, layer)]
        added += [attention, trace.read(taps.MLP_OUT, layer)]
    return _length(stream), _length(added)


def _length(vectors: Sequence[Array]) -> NDArray[np.float32]:
    """Euclidean lengths along the last axis."""
    lengths: NDArray[np.float32] = np.linalg.norm(np.stack(vectors), axis=-1).astype(np.float32)
    return lengths


def embedding_cells(trace: ForwardTrace) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Embeddings as means of neighbouring dimensions, in steps of the largest mean / 127; and that mean.

    *Shape:* (pos, cell), (1,). Groups of dimensions differ by one at most where d_model is no multiple of EMBED_CELLS.
    """
    embedding = trace.read(taps.EMBED)
    groups = np.array_split(embedding, min(EMBED_CELLS, embedding.shape[-1]), axis=-1)
    means = np.stack([group.mean(axis=-1) for group in groups], axis=-1)
    largest = float(np.abs(means).max()) or 1.0
    return np.rint(STEPS * means / largest).astype(np.int8), np.array([largest], dtype=np.float32)
