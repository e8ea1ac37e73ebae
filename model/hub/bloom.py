"""BLOOM: ALiBi, normalized embeddings, q, k and v stored head by head."""

from __future__ import annotations

from collections.abc import Collection

from model.config import GPTConfig, PositionConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same, thirds_of_each_head
from model.hub.settings import first, require


def _config(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    require(settings, apply_residual_connection_post_layernorm=False)
    d_model = first(settings, "hidden_size", "n_embed")
    return GPTConfig(
        name=name,
        d_vocab=settings["vocab_size"],
        n_ctx=settings.get("seq_length", 2048),
        d_model=d_model,
        n_layers=first(settings, "n_layer", "num_hidden_layers"),
        n_heads=first(settings, "n_head", "num_attention_heads"),
        d_mlp=4 * d_model,
        positions=PositionConfig("alibi"),
        norm="layer",
        norm_eps=settings.get("layer_norm_epsilon", 1e-5),
        activation="gelu_tanh",
        gated_mlp=False,
        bias=True,
        embed_norm=True,
        tied_embeddings=settings.get("tie_word_embeddings", True),
    )


def _table(config: GPTConfig) -> Table:
    table = {"embed.weight": Source(("word_embeddings.weight",))}
    table |= same("ln_embed", "word_embeddings_layernorm") | same("ln_final", "ln_f")
    if not config.tied_embeddings:
        table |= same("unembed", "lm_head", bias=False)
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"h.{layer}"
        table |= same(f"{ours}.ln1", f"{theirs}.input_layernorm")
        table |= same(f"{ours}.ln2", f"{theirs}.post_attention_layernorm")
        qkv = f"{theirs}.self_attention.query_key_value"
        table |= thirds_of_each_head(f"{ours}.attn", qkv, config.n_heads, bias=True)
        table |= same(f"{ours}.attn.o", f"{theirs}.self_attention.dense")
        table |= same(f"{ours}.mlp.up", f"{theirs}.mlp.dense_h_to_4h")
        table |= same(f"{ours}.mlp.down", f"{theirs}.mlp.dense_4h_to_h")
    return table


BLOOM = Architecture(_config, _table, prefix="transformer.", copies={"lm_head.weight": "word_embeddings.weight"})
