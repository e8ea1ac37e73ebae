"""GPT-NeoX and Pythia: a quarter of each head rotated, attention and MLP in parallel, q, k, v stored head by head."""

from __future__ import annotations

import re
from collections.abc import Collection

from model.config import GPTConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same, thirds_of_each_head
from model.hub.settings import activation, rope


def _config(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    attention_bias = settings.get("attention_bias", True)
    return GPTConfig(
        name=name,
        d_vocab=settings["vocab_size"],
        n_ctx=settings["max_position_embeddings"],
        d_model=settings["hidden_size"],
        n_layers=settings["num_hidden_layers"],
        n_heads=settings["num_attention_heads"],
        d_mlp=settings["intermediate_size"],
        positions=rope(
            settings, theta=settings.get("rotary_emb_base", 10_000.0), fraction=settings.get("rotary_pct", 0.25)
        ),
        norm="layer",
        norm_eps=settings.get("layer_norm_eps", 1e-5),
        activation=activation(settings.get("hidden_act", "gelu")),
        gated_mlp=False,
        bias=attention_bias,
        mlp_bias=True,
        parallel=settings.get("use_parallel_residual", True),
        tied_embeddings=settings.get("tie_word_embeddings", False),
    )


def _table(config: GPTConfig) -> Table:
    table = {"embed.weight": Source(("embed_in.weight",))} | same("ln_final", "final_layer_norm")
    if not config.tied_embeddings:
        table |= same("unembed", "embed_out", bias=False)
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"layers.{layer}"
        table |= same(f"{ours}.ln1", f"{theirs}.input_layernorm")
        table |= same(f"{ours}.ln2", f"{theirs}.post_attention_layernorm")
        qkv = f"{theirs}.attention.query_key_value"
        table |= thirds_of_each_head(f"{ours}.attn", qkv, config.n_heads, config.bias)
        table |= same(f"{ours}.attn.o", f"{theirs}.attention.dense", config.bias)
        table |= same(f"{ours}.mlp.up", f"{theirs}.mlp.dense_h_to_4h")
        table |= same(f"{ours}.mlp.down", f"{theirs}.mlp.dense_4h_to_h")
    return table


NEOX = Architecture(
    _config,
    _table,
    prefix="gpt_neox.",
    ignored=re.compile(r"layers\.\d+\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)"),
    copies={"embed_out.weight": "embed_in.weight"},
)
