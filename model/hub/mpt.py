"""MPT: ALiBi, no biases anywhere, in LayerNorm neither."""

from __future__ import annotations

from collections.abc import Collection

from model.config import GPTConfig, PositionConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same, thirds
from model.hub.settings import require


def _config(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    require(settings, no_bias=True, logit_scale=None)
    attention = {
        "alibi": True,
        "alibi_bias_max": 8,
        "attn_type": "multihead_attention",
        "clip_qkv": None,
        "prefix_lm": False,
        "qk_ln": False,
        "softmax_scale": None,
    }
    require(settings.get("attn_config") or {}, **attention)
    d_model = settings["d_model"]
    return GPTConfig(
        name=name,
        d_vocab=settings["vocab_size"],
        n_ctx=settings["max_seq_len"],
        d_model=d_model,
        n_layers=settings["n_layers"],
        n_heads=settings["n_heads"],
        d_mlp=settings.get("expansion_ratio", 4) * d_model,
        positions=PositionConfig("alibi"),
        norm="layer",
        norm_eps=settings.get("layer_norm_epsilon", 1e-5),
        norm_bias=False,
        activation="gelu",
        gated_mlp=False,
        tied_embeddings=settings.get("tie_word_embeddings", True),
    )


def _table(config: GPTConfig) -> Table:
    table = {"embed.weight": Source(("wte.weight",))} | same("ln_final", "norm_f", bias=False)
    if not config.tied_embeddings:
        table |= same("unembed", "lm_head", bias=False)
    for layer in range(config.n_layers):
        ours = theirs = f"blocks.{layer}"
        table |= same(f"{ours}.ln1", f"{theirs}.norm_1", bias=False) | same(
            f"{ours}.ln2", f"{theirs}.norm_2", bias=False
        )
        table |= thirds(f"{ours}.attn", f"{theirs}.attn.Wqkv", bias=False)
        table |= same(f"{ours}.attn.o", f"{theirs}.attn.out_proj", bias=False)
        table |= same(f"{ours}.mlp.up", f"{theirs}.ffn.up_proj", bias=False)
        table |= same(f"{ours}.mlp.down", f"{theirs}.ffn.down_proj", bias=False)
    return table


MPT = Architecture(_config, _table, prefix="transformer.", copies={"lm_head.weight": "wte.weight"})
