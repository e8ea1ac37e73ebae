"""What a drawing must know of a model besides its sizes: which parts it has, and where they stand."""

from __future__ import annotations

from typing import Any

from model.config import BertConfig, Config, GPTConfig, T5Config

GATED = {"silu": "SwiGLU", "gelu": "GEGLU", "gelu_tanh": "GEGLU", "relu": "ReGLU"}
"""What a gated MLP is called, by its activation (Shazeer 2020)."""
NORMS = {"rms": "RMSNorm", "layer": "LayerNorm"}


def anatomy(config: Config) -> dict[str, Any]:
    """The parts of a model, read off its config.

    norm        "RMSNorm" or "LayerNorm"
    post_norm   whether it stands in the stream, behind each sum, and not before each part (Xiong et al. 2020)
    parallel    whether attention and feed-forward read the same stream, side by side
    feed        "MLP", or the name of the gated one
    embeddings  what is added up to enter the first block: "token", "position", "segment"
    window      how many tokens a token may look back at, itself counted; null: all
    windowed    the layers where that holds
    summary     whether a BERT makes its first token's stream into a summary of the text
    """
    gated = getattr(config, "gated_mlp", False)
    positions = ["position"] if config.positions.adds_to_embeddings else []
    segments = ["segment"] if isinstance(config, BertConfig) and config.n_segments else []
    return {
        "norm": _norm(config),
        "post_norm": isinstance(config, BertConfig),
        "parallel": isinstance(config, GPTConfig) and config.parallel,
        "feed": GATED[config.activation] if gated else "MLP",
        "embeddings": ["token", *positions, *segments],
        "window": config.window if isinstance(config, GPTConfig) else None,
        "windowed": list(config.windowed_layers) if isinstance(config, GPTConfig) else [],
        "summary": isinstance(config, BertConfig) and config.pooler,
    }


def _norm(config: Config) -> str:
    match config:
        case GPTConfig():
            return NORMS[config.norm]
        case BertConfig():
            return NORMS["layer"]
        case T5Config():
            return NORMS["rms"]
