"""GPT-2 and DistilGPT-2: learned positions, LayerNorm, biases, GELU by tanh, weights stored (in, out)."""

from __future__ import annotations

import re
from collections.abc import Collection

from model.config import GPTConfig, PositionConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same, thirds, transposed
from model.hub.settings import activation, require


def _config(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    require(settings, scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False, add_cross_attention=False)
    d_model = settings["n_embd"]
    return GPTConfig(
        name=name,
        d_vocab=settings["vocab_size"],
        n_ctx=settings["n_positions"],
        d_model=d_model,
        n_layers=settings["n_layer"],
        n_heads=settings["n_head"],
        d_mlp=settings.get("n_inner") or 4 * d_model,
        positions=PositionConfig("learned"),
        norm="layer",
        norm_eps=settings.get("layer_norm_epsilon", 1e-5),
        activation=activation(settings.get("activation_function", "gelu_new")),
        gated_mlp=False,
        bias=True,
        tied_embeddings=settings.get("tie_word_embeddings", True),
    )


def _table(config: GPTConfig) -> Table:
    table = {"embed.weight": Source(("wte.weight",)), "positions.weight": Source(("wpe.weight",))}
    table |= same("ln_final", "ln_f")
    if not config.tied_embeddings:
        table |= same("unembed", "lm_head", bias=False)
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"h.{layer}"
        table |= same(f"{ours}.ln1", f"{theirs}.ln_1") | same(f"{ours}.ln2", f"{theirs}.ln_2")
        table |= thirds(f"{ours}.attn", f"{theirs}.attn.c_attn", bias=True, transpose=True)
        table |= transposed(f"{ours}.attn.o", f"{theirs}.attn.c_proj")
        table |= transposed(f"{ours}.mlp.up", f"{theirs}.mlp.c_fc")
        table |= transposed(f"{ours}.mlp.down", f"{theirs}.mlp.c_proj")
    return table


GPT2 = Architecture(
    _config,
    _table,
    prefix="transformer.",
    ignored=re.compile(r"h\.\d+\.attn\.(masked_)?bias"),
    copies={"lm_head.weight": "wte.weight"},
)
