"""ELECTRA: BERT's encoder behind narrower embeddings; a generator fills masks, a discriminator finds what it filled."""

from __future__ import annotations

from collections.abc import Collection

from model.config import BertConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same
from model.hub.bert import EMBEDDINGS, STORED_POSITIONS, encoder_settings, encoder_table
from model.hub.settings import require


def _config(settings: Settings, names: Collection[str], name: str) -> BertConfig:
    require(settings, hidden_act="gelu")  # the generator's head uses GELU whatever the blocks do
    fields = encoder_settings(settings, names, name)
    if settings["embedding_size"] != settings["hidden_size"]:
        fields["d_embed"] = settings["embedding_size"]
    heads = {"generator_lm_head.bias": "masked", "discriminator_predictions.dense.weight": "replaced"}
    fields["head"] = next((head for tensor, head in heads.items() if tensor in names), "none")
    return BertConfig(**fields)


def _table(config: BertConfig) -> Table:
    table = encoder_table(config)
    if config.d_embed is not None:
        table |= same("project", "embeddings_project")
    if config.head == "masked":
        table |= same("masked.dense", "generator_predictions.dense")
        table |= same("masked.ln", "generator_predictions.LayerNorm")
        table |= {"masked.bias": Source(("generator_lm_head.bias",))}
    if config.head == "replaced":
        table |= same("replaced.dense", "discriminator_predictions.dense")
        table |= same("replaced.score", "discriminator_predictions.dense_prediction")
    return table


ELECTRA = Architecture(
    _config, _table, prefix="electra.", ignored=STORED_POSITIONS, copies={"generator_lm_head.weight": EMBEDDINGS}
)
