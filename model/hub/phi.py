"""Phi-3, Phi-3.5 and Phi-4: Llama with q, k and v stored as one layer, the MLP's gate and way up as another.

Those for long texts are read with their LongRoPE's frequencies for short ones, up to the length where others begin.
"""

from __future__ import annotations

from collections.abc import Collection

from model.config import GPTConfig
from model.hub.architecture import Settings, Table, stacked
from model.hub.llama import architecture, common, table
from model.hub.settings import rope

OLDER_NAMES = ("su", "yarn")
"""What LongRoPE was called in Phi's first files."""
TRAINED = 4_096
"""Tokens of a text in training, where config.json does not say."""


def _config(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    scaling = settings.get("rope_scaling") or settings.get("rope_parameters") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind not in ("default", "longrope", *OLDER_NAMES):
        raise ValueError(f"its RoPE is scaled by {kind!r}; a Phi's is scaled by longrope, or not at all")
    if kind in OLDER_NAMES:
        scaling = scaling | {"rope_type": "longrope"}
    trained = settings.get("original_max_position_embeddings", TRAINED)
    settings = {**settings, "rope_scaling": scaling, "original_max_position_embeddings": trained}
    return common(
        settings,
        name,
        norm_eps=settings.get("rms_norm_eps", 1e-5),
        window=settings.get("sliding_window"),
        positions=rope(settings, fraction=1.0),
    )


def _table(config: GPTConfig) -> Table:
    entries = table(config)
    queries, keys = config.n_heads * config.head_width, config.kv_heads * config.head_width
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"layers.{layer}"
        qkv = {f"{ours}.attn.q": queries, f"{ours}.attn.k": keys, f"{ours}.attn.v": keys}
        entries |= stacked(f"{theirs}.self_attn.qkv_proj", qkv)
        wide = {f"{ours}.mlp.gate": config.d_mlp, f"{ours}.mlp.up": config.d_mlp}
        entries |= stacked(f"{theirs}.mlp.gate_up_proj", wide)
    return entries


PHI3 = architecture(_config, _table)
