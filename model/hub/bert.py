"""BERT and RoBERTa: the same encoder; RoBERTa counts positions behind its padding id and has no second segment."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from model.config import BertConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same
from model.hub.settings import activation, require

STORED_POSITIONS = re.compile(r"embeddings\.(position_ids|token_type_ids)")
"""The numbers 0, 1, 2, ..., stored by older files."""
EMBEDDINGS = "embeddings.word_embeddings.weight"


def encoder_settings(settings: Settings, names: Collection[str], name: str) -> dict[str, Any]:
    """What BERT, RoBERTa and ELECTRA write alike."""
    require(settings, position_embedding_type="absolute", is_decoder=False, add_cross_attention=False)
    return {
        "name": name,
        "d_vocab": settings["vocab_size"],
        "n_ctx": settings["max_position_embeddings"],
        "d_model": settings["hidden_size"],
        "n_layers": settings["num_hidden_layers"],
        "n_heads": settings["num_attention_heads"],
        "d_mlp": settings["intermediate_size"],
        "n_segments": settings.get("type_vocab_size", 2),
        "norm_eps": settings.get("layer_norm_eps", 1e-12),
        "activation": activation(settings.get("hidden_act", "gelu")),
        "pooler": "pooler.dense.weight" in names,
        "next_sentence": False,
    }


def encoder_table(config: BertConfig) -> Table:
    """The tensors of the encoder of BERT, RoBERTa and ELECTRA."""
    table = {
        "embed.weight": Source((EMBEDDINGS,)),
        "positions.weight": Source(("embeddings.position_embeddings.weight",)),
        "segments.weight": Source(("embeddings.token_type_embeddings.weight",)),
    }
    table |= same("ln_embed", "embeddings.LayerNorm")
    if config.pooler:
        table |= same("pooler", "pooler.dense")
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"encoder.layer.{layer}"
        for letter, word in {"q": "query", "k": "key", "v": "value"}.items():
            table |= same(f"{ours}.attn.{letter}", f"{theirs}.attention.self.{word}")
        table |= same(f"{ours}.attn.o", f"{theirs}.attention.output.dense")
        table |= same(f"{ours}.ln1", f"{theirs}.attention.output.LayerNorm")
        table |= same(f"{ours}.mlp.up", f"{theirs}.intermediate.dense")
        table |= same(f"{ours}.mlp.down", f"{theirs}.output.dense")
        table |= same(f"{ours}.ln2", f"{theirs}.output.LayerNorm")
    return table


def _bert(settings: Settings, names: Collection[str], name: str) -> BertConfig:
    fields = encoder_settings(settings, names, name)
    fields["head"] = "masked" if "cls.predictions.bias" in names else "none"
    fields["next_sentence"] = "cls.seq_relationship.weight" in names
    return BertConfig(**fields)


def _bert_table(config: BertConfig) -> Table:
    table = encoder_table(config)
    if config.head == "masked":
        table |= same("masked.dense", "cls.predictions.transform.dense")
        table |= same("masked.ln", "cls.predictions.transform.LayerNorm")
        table |= {"masked.bias": Source(("cls.predictions.bias",))}
    if config.next_sentence:
        table |= same("next_sentence", "cls.seq_relationship")
    return table


def _roberta(settings: Settings, names: Collection[str], name: str) -> BertConfig:
    require(settings, hidden_act="gelu")  # its head uses GELU whatever the blocks do
    fields = encoder_settings(settings, names, name)
    padding = settings.get("pad_token_id", 1)
    fields |= {"counting_from": padding, "n_ctx": settings["max_position_embeddings"] - padding - 1}
    fields["head"] = "masked" if "lm_head.bias" in names else "none"
    return BertConfig(**fields)


def _roberta_table(config: BertConfig) -> Table:
    table = encoder_table(config)
    if config.head == "masked":
        table |= same("masked.dense", "lm_head.dense") | same("masked.ln", "lm_head.layer_norm")
        table |= {"masked.bias": Source(("lm_head.bias",))}
    return table


BERT = Architecture(
    _bert,
    _bert_table,
    prefix="bert.",
    ignored=STORED_POSITIONS,
    copies={"cls.predictions.decoder.weight": EMBEDDINGS, "cls.predictions.decoder.bias": "cls.predictions.bias"},
)
ROBERTA = Architecture(
    _roberta,
    _roberta_table,
    prefix="roberta.",
    ignored=STORED_POSITIONS,
    copies={"lm_head.decoder.weight": EMBEDDINGS, "lm_head.decoder.bias": "lm_head.bias"},
)
