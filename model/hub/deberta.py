"""DeBERTa, v1 to v3 (He et al. 2021, 2023): BERT's encoder with disentangled attention, as transformers computes it.

Published files also hold what belongs to no model of transformers and is not read here: positions that the authors'
decoder of masked tokens adds late (He et al. 2021, sec. 3.2), which the guesses of masked tokens lack here as there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from model.config import BertConfig, PositionConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same, thirds_of_each_head
from model.hub.bert import EMBEDDINGS
from model.hub.settings import activation, require

TERMS = ("c2p", "p2c")
SECOND = ("position_buckets", "share_att_key", "norm_rel_ebd", "attention_head_size", "conv_kernel_size")
"""What v2 brought; a v1 has none of it, whatever its settings say."""
MASKED, NEWER = "cls.predictions", "lm_predictions.lm_head"
"""The head for masked tokens, as transformers writes it by default and as the authors do (transformers: not legacy)."""
UNREAD = re.compile(
    r"embeddings\.(position_ids|position_embeddings\.weight)|encoder\.(rel_embeddings\.weight|LayerNorm\.(weight|bias))"
    r"|cls\.predictions\..+"
)
"""What may be left over: positions and vectors of distances that the settings do not ask for, and heads beside ours."""


def _config(settings: Settings, names: Collection[str], name: str) -> BertConfig:
    d_model, n_heads = settings["hidden_size"], settings["num_attention_heads"]
    require(settings, attention_head_size=d_model // n_heads)
    d_embed = settings.get("embedding_size", d_model)
    return BertConfig(
        name=name,
        d_vocab=settings["vocab_size"],
        n_ctx=settings["max_position_embeddings"],
        d_model=d_model,
        n_layers=settings["num_hidden_layers"],
        n_heads=n_heads,
        d_mlp=settings["intermediate_size"],
        d_embed=None if d_embed == d_model else d_embed,
        project_first=d_embed != d_model,
        n_segments=settings.get("type_vocab_size", 0),
        norm_eps=settings.get("layer_norm_eps", 1e-7),
        activation=activation(settings.get("hidden_act", "gelu")),
        head=_head(names),
        replaced_beside_first=True,
        pooler=False,
        next_sentence=False,
        positions=_positions(settings),
        **_convolution(settings),
    )


def _first_config(settings: Settings, names: Collection[str], name: str) -> BertConfig:
    """v1: a vector for each distance, projections of its own, and nothing of what v2 brought."""
    require(settings, talking_head=False)
    return _config({key: said for key, said in settings.items() if key not in SECOND}, names, name)


def _head(names: Collection[str]) -> Any:
    """v3 learned to find replaced tokens; the head for masked ones beside was not trained with it."""
    if "mask_predictions.dense.weight" in names:
        return "replaced"
    return "masked" if f"{MASKED}.bias" in names else "none"


def _positions(settings: Settings) -> PositionConfig:
    said = settings.get("pos_att_type") or []
    terms = tuple(filter(None, map(str.strip, said.lower().split("|") if isinstance(said, str) else said)))
    if unknown := sorted(set(terms) - set(TERMS)):
        raise ValueError(f"its pos_att_type names {', '.join(unknown)}; only {' and '.join(TERMS)} can be loaded")
    absolute = settings.get("position_biased_input", True)
    if not terms and absolute:
        return PositionConfig("learned")
    if not terms:
        raise ValueError("nothing in its config.json tells it positions: pos_att_type is empty")
    if not settings.get("relative_attention", False):
        raise ValueError(f"its config.json names pos_att_type {' and '.join(terms)} without relative_attention")
    norm = settings.get("norm_rel_ebd", "none").lower()
    if norm not in ("none", "layer_norm"):
        raise ValueError(f"its config.json says norm_rel_ebd = {norm!r}; only 'layer_norm' or 'none' can be loaded")
    distance, buckets = (settings.get(key, -1) for key in ("max_relative_positions", "position_buckets"))
    distance = distance if distance >= 1 else settings["max_position_embeddings"]
    return PositionConfig(
        "disentangled",
        n_buckets=buckets if buckets > 0 else distance,
        max_distance=distance,
        terms=tuple(term for term in TERMS if term in terms),  # type: ignore[misc]
        shared_projections=settings.get("share_att_key", False),
        log_buckets=buckets > 0,
        normed=norm == "layer_norm",
        absolute=absolute,
    )


def _convolution(settings: Settings) -> dict[str, Any]:
    """Our fields for the convolution of the largest v2 models."""
    kernel = settings.get("conv_kernel_size", 0)
    if kernel <= 0:
        return {}
    word = activation(settings.get("conv_act", "tanh"))
    return {"conv_kernel": kernel, "conv_groups": settings.get("conv_groups", 1), "conv_activation": word}


def _table(config: BertConfig, block: Callable[[BertConfig, str, str], Table]) -> Table:
    rule = config.positions
    table = {"embed.weight": Source((EMBEDDINGS,))} | same("ln_embed", "embeddings.LayerNorm")
    if rule.adds_to_embeddings:
        ours = "positions.absolute.weight" if rule.absolute else "positions.weight"
        table |= {ours: Source(("embeddings.position_embeddings.weight",))}
    if config.n_segments:
        table |= {"segments.weight": Source(("embeddings.token_type_embeddings.weight",))}
    if config.d_embed is not None:
        table |= same("project", "embeddings.embed_proj", bias=False)
    if rule.normed:
        names = ("encoder.rel_embeddings.weight", "encoder.LayerNorm.weight", "encoder.LayerNorm.bias")
        table |= {"positions.weight": Source(names, partial(_normed, eps=config.norm_eps))}
    elif rule.terms:
        table |= {"positions.weight": Source(("encoder.rel_embeddings.weight",))}
    if config.conv_kernel is not None:
        table |= same("conv.mix", "encoder.conv.conv") | same("conv.ln", "encoder.conv.LayerNorm")
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"encoder.layer.{layer}"
        table |= block(config, f"{ours}.attn", f"{theirs}.attention.self")
        table |= same(f"{ours}.attn.o", f"{theirs}.attention.output.dense")
        table |= same(f"{ours}.ln1", f"{theirs}.attention.output.LayerNorm")
        table |= same(f"{ours}.mlp.up", f"{theirs}.intermediate.dense")
        table |= same(f"{ours}.mlp.down", f"{theirs}.output.dense")
        table |= same(f"{ours}.ln2", f"{theirs}.output.LayerNorm")
    if config.head == "masked":
        table |= same("masked.dense", f"{MASKED}.transform.dense")
        table |= same("masked.ln", f"{MASKED}.transform.LayerNorm")
        table |= {"masked.bias": Source((f"{MASKED}.bias",))}
    if config.head == "replaced":
        table |= same("replaced.dense", "mask_predictions.dense")
        table |= same("replaced.ln", "mask_predictions.LayerNorm")
        table |= same("replaced.score", "mask_predictions.classifier")
    return table


def _normed(vectors: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    """The vectors of distances as every block reads them, in float32."""
    return nn.functional.layer_norm(vectors.float(), vectors.shape[-1:], weight.float(), bias.float(), eps)


def _second(config: BertConfig, ours: str, theirs: str) -> Table:
    """The projections of an attention of v2 and v3."""
    rule, table = config.positions, Table()
    for letter, word in {"q": "query", "k": "key", "v": "value"}.items():
        table |= same(f"{ours}.{letter}", f"{theirs}.{word}_proj")
    for term, letter, word in (("c2p", "k", "key"), ("p2c", "q", "query")):
        if term in rule.terms and not rule.shared_projections:
            table |= same(f"{ours}.pos_{letter}", f"{theirs}.pos_{word}_proj")
    return table


def _first(config: BertConfig, ours: str, theirs: str) -> Table:
    """The same of v1, whose keys, of contents and of distances, have no bias: zeros stand for it."""
    nothing = Source((f"{theirs}.q_bias",), torch.zeros_like)
    table = thirds_of_each_head(ours, f"{theirs}.in_proj", config.n_heads, bias=False)
    table |= {f"{ours}.{letter}.bias": Source((f"{theirs}.{letter}_bias",)) for letter in "qv"}
    table |= {f"{ours}.k.bias": nothing}
    if "c2p" in config.positions.terms:
        table |= {f"{ours}.pos_k.weight": Source((f"{theirs}.pos_proj.weight",)), f"{ours}.pos_k.bias": nothing}
    if "p2c" in config.positions.terms:
        table |= same(f"{ours}.pos_q", f"{theirs}.pos_q_proj")
    return table


DEBERTA_V2 = Architecture(
    _config,
    partial(_table, block=_second),
    prefix="deberta.",
    ignored=UNREAD,
    copies={f"{MASKED}.decoder.weight": EMBEDDINGS, f"{MASKED}.decoder.bias": f"{MASKED}.bias"},
    aside=re.compile(r"pooler\.dense\.(weight|bias)"),
    spellings={
        f"{NEWER}.dense": f"{MASKED}.transform.dense",
        f"{NEWER}.LayerNorm": f"{MASKED}.transform.LayerNorm",
        f"{NEWER}.bias": f"{MASKED}.bias",
    },
)
DEBERTA = replace(DEBERTA_V2, config=_first_config, table=partial(_table, block=_first))
