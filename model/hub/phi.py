"""Phi-3, Phi-3.5 and Phi-4: Llama with q, k and v stored as one layer, the MLP's gate and way up as another."""

from __future__ import annotations

from collections.abc import Collection

from model.config import GPTConfig
from model.hub.architecture import Settings, Table, stacked
from model.hub.llama import architecture, common, table
from model.hub.settings import rope


def _config(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    scaling = settings.get("rope_scaling") or settings.get("rope_parameters") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind != "default":  # "su" and "yarn" are older names of the same
        raise ValueError(
            f"its RoPE is scaled by {kind!r} (LongRoPE), whose frequencies change with the length of the text, so that "
            "no key of an earlier token could be kept; only a Phi whose RoPE is not scaled can be loaded"
        )
    window = settings.get("sliding_window")
    return common(
        settings,
        name,
        norm_eps=settings.get("rms_norm_eps", 1e-5),
        window=window,
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
