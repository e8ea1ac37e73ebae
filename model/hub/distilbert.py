"""DistilBERT: BERT's encoder with half its blocks, without segments and summary."""

from __future__ import annotations

from collections.abc import Collection

from model.config import BertConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same
from model.hub.bert import EMBEDDINGS, STORED_POSITIONS
from model.hub.settings import activation


def _config(settings: Settings, names: Collection[str], name: str) -> BertConfig:
    return BertConfig(
        name=name,
        d_vocab=settings["vocab_size"],
        n_ctx=settings["max_position_embeddings"],
        d_model=settings["dim"],
        n_layers=settings["n_layers"],
        n_heads=settings["n_heads"],
        d_mlp=settings["hidden_dim"],
        n_segments=0,
        activation=activation(settings.get("activation", "gelu")),
        head="masked" if "vocab_projector.bias" in names else "none",
        pooler=False,
        next_sentence=False,
    )


def _table(config: BertConfig) -> Table:
    table = {
        "embed.weight": Source((EMBEDDINGS,)),
        "positions.weight": Source(("embeddings.position_embeddings.weight",)),
    }
    table |= same("ln_embed", "embeddings.LayerNorm")
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"transformer.layer.{layer}"
        for letter in "qkv":
            table |= same(f"{ours}.attn.{letter}", f"{theirs}.attention.{letter}_lin")
        table |= same(f"{ours}.attn.o", f"{theirs}.attention.out_lin")
        table |= same(f"{ours}.ln1", f"{theirs}.sa_layer_norm")
        table |= same(f"{ours}.mlp.up", f"{theirs}.ffn.lin1")
        table |= same(f"{ours}.mlp.down", f"{theirs}.ffn.lin2")
        table |= same(f"{ours}.ln2", f"{theirs}.output_layer_norm")
    if config.head == "masked":
        table |= same("masked.dense", "vocab_transform") | same("masked.ln", "vocab_layer_norm")
        table |= {"masked.bias": Source(("vocab_projector.bias",))}
    return table


DISTILBERT = Architecture(
    _config, _table, prefix="distilbert.", ignored=STORED_POSITIONS, copies={"vocab_projector.weight": EMBEDDINGS}
)
