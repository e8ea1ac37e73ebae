"""T5 v1.0, v1.1, Flan-T5 and mT5, and their encoder by itself: the first block of a stack holds the position biases of
all.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from typing import Any

from model.config import BertConfig, PositionConfig, T5Config
from model.hub.architecture import Architecture, Settings, Source, Table, same
from model.hub.settings import activation

ALONE = frozenset(f"{kind}{task}" for kind in ("T5", "MT5") for task in ("EncoderModel", "ForTokenClassification"))
"""Classes of `transformers` that are an encoder by itself."""
ENCODER: dict[str, Any] = {
    "n_segments": 0,
    "embed_norm": False,
    "scaled_scores": False,
    "post_norm": False,
    "norm": "rms",
    "norm_bias": False,
    "bias": False,
    "head": "none",
    "pooler": False,
    "next_sentence": False,
}
"""What the encoder is by itself, in a BERT's words."""
LENGTH = 512
"""Tokens a text had in training; relative positions set no limit, and config.json of v1.1 names none."""


def _config(settings: Settings, names: Collection[str], name: str) -> T5Config | BertConfig:
    kind = settings.get("feed_forward_proj", "relu")
    # "gated-gelu" has always meant the form by tanh; any other name means itself.
    word = "gelu_new" if kind == "gated-gelu" else kind.removeprefix("gated-")
    fields: dict[str, Any] = {
        "name": name,
        "d_vocab": settings["vocab_size"],
        "n_ctx": settings.get("n_positions", LENGTH),
        "d_model": settings["d_model"],
        "n_layers": settings["num_layers"],
        "n_heads": settings["num_heads"],
        "d_head": settings["d_kv"],
        "d_mlp": settings["d_ff"],
        "positions": PositionConfig(
            "t5",
            n_buckets=settings.get("relative_attention_num_buckets", 32),
            max_distance=settings.get("relative_attention_max_distance", 128),
        ),
        "norm_eps": settings.get("layer_norm_epsilon", 1e-6),
        "activation": activation(word),
        "gated_mlp": kind.startswith("gated-"),
    }
    has_decoder = any(tensor.startswith("decoder.") for tensor in names)
    if not has_decoder and ALONE.issuperset(settings.get("architectures") or ()):
        return BertConfig(**fields, **ENCODER)
    return T5Config(
        **fields,
        n_decoder_layers=settings.get("num_decoder_layers"),
        # Whether a head was stored decides; the flag decides about the scaling that came with a tied one.
        tied_embeddings="lm_head.weight" not in names,
        scaled_logits=settings.get("scale_decoder_outputs", settings.get("tie_word_embeddings", True)),
        start_token_id=settings.get("decoder_start_token_id") or 0,
    )


def _mt5(settings: Settings, names: Collection[str], name: str) -> T5Config | BertConfig:
    """mT5 is T5 v1.1 over other text: whatever its flag says, its logits are not scaled."""
    config = _config(settings, names, name)
    return dataclasses.replace(config, scaled_logits=False) if isinstance(config, T5Config) else config


def _table(config: T5Config | BertConfig) -> Table:
    table = {"embed.weight": Source(("shared.weight",))}
    if isinstance(config, BertConfig):
        return table | _stack(config, "", "encoder", config.n_layers)
    if not config.tied_embeddings:
        table |= same("unembed", "lm_head", bias=False)
    for stack, n_layers in {"encoder": config.n_layers, "decoder": config.decoder_layers}.items():
        table |= _stack(config, f"{stack}.", stack, n_layers)
    return table


def _stack(config: T5Config | BertConfig, ours: str, theirs: str, n_layers: int) -> Table:
    """A stack's tensors, which ours has under names that begin with `ours`."""
    shared = f"{theirs}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    table = {f"{ours}positions.weight": Source((shared,))}
    table |= same(f"{ours}ln_final", f"{theirs}.final_layer_norm", bias=False)
    for layer in range(n_layers):
        table |= _block(config, f"{ours}blocks.{layer}", f"{theirs}.block.{layer}.layer", theirs == "decoder")
    return table


def _block(config: T5Config | BertConfig, ours: str, theirs: str, crosses: bool) -> Table:
    table = _attention(f"{ours}.attn", f"{ours}.ln1", f"{theirs}.0", "SelfAttention")
    if crosses:
        table |= _attention(f"{ours}.cross_attn", f"{ours}.ln_cross", f"{theirs}.1", "EncDecAttention")
    theirs = f"{theirs}.{2 if crosses else 1}"
    table |= same(f"{ours}.ln2", f"{theirs}.layer_norm", bias=False)
    parts = {"gate": "wi_0", "up": "wi_1", "down": "wo"} if config.gated_mlp else {"up": "wi", "down": "wo"}
    for part, theirs_part in parts.items():
        table |= same(f"{ours}.mlp.{part}", f"{theirs}.DenseReluDense.{theirs_part}", bias=False)
    return table


def _attention(ours: str, norm: str, theirs: str, word: str) -> Table:
    table = same(norm, f"{theirs}.layer_norm", bias=False)
    for letter in "qkvo":
        table |= same(f"{ours}.{letter}", f"{theirs}.{word}.{letter}", bias=False)
    return table


T5 = Architecture(
    _config,
    _table,
    prefix="transformer.",
    # Left over from a time when cross-attention was given a bias table that nothing read.
    ignored=re.compile(r"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight"),
    copies=dict.fromkeys(
        ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"), "shared.weight"
    ),
)
MT5 = dataclasses.replace(T5, config=_mt5)
