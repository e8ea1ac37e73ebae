"""What a drawing must know of a model besides its sizes: which parts it has, and where they stand."""

from __future__ import annotations

from typing import Any

from model.config import Config

GATED = {"silu": "SwiGLU", "gelu": "GEGLU", "gelu_tanh": "GEGLU", "relu": "ReGLU"}
"""What a gated MLP is called, by its activation (Shazeer 2020)."""
NORMS = {"rms": "RMSNorm", "layer": "LayerNorm"}


def anatomy(config: Config) -> dict[str, Any]:
    """The parts of a model, read off its config.

    norm        "RMSNorm" or "LayerNorm"
    post_norm   whether it stands in the stream, behind each sum, and not before each part (Xiong et al. 2020)
    reads_normed, adds_normed   whether a part reads a normed copy of the stream, and whether what it adds is normed
    first_raw   whether the first attention reads the stream as it is all the same (ModernBERT)
    parallel    whether attention and feed-forward read the same stream, side by side
    feed        "MLP", or the name of the gated one
    embeddings  what is added up to enter the first block: "token", "position", "segment"
    summary     whether a BERT makes its first token's stream into a summary of the text
    """
    positions = ["position"] if config.positions.adds_to_embeddings else []
    segments = ["segment"] if config.n_segments else []
    return {
        "norm": NORMS[config.norm],
        "post_norm": config.post_norm,
        "reads_normed": config.normalizes_read,
        "adds_normed": config.normalizes_added,
        "first_raw": config.first_raw,
        "parallel": config.parallel,
        "feed": GATED[config.activation] if config.gated_mlp else "MLP",
        "embeddings": ["token", *positions, *segments],
        "summary": config.pooler,
    }
