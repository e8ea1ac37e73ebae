"""BART, mBART, Marian and Pegasus: encoder-decoders whose positions are added to the embeddings, with biases.

BART and Marian have their norms in the stream, as in 2017; mBART and Pegasus have them before their parts, and one more
behind each stack. BART and mBART learned their positions, and normalize what they are added to; Marian and Pegasus have
sinusoids, all cosines behind all sines.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from typing import Any

from torch import Tensor

from model.config import PositionConfig, T5Config
from model.hub.architecture import Architecture, Settings, Source, Table, same
from model.hub.settings import activation, first, require

UNREAD_POSITIONS = 2
"""Rows in front of a table of positions that no token ever reads; the first token's is the one behind them."""
EPS = 1e-5
"""Of every LayerNorm; no config.json names it."""
NEVER = -1e4
"""The bias of the logit of an entry that is never written; far enough down for a probability of zero. `transformers`
leaves such logits alone and gives them -inf when it generates (bad_words_ids).
"""


def _fields(settings: Settings, names: Collection[str], name: str) -> dict[str, Any]:
    """What all of them write alike."""
    for of in ("attention_heads", "ffn_dim"):
        require(settings, **{f"decoder_{of}": settings[f"encoder_{of}"]})
    require(settings, add_bias_logits=False, is_decoder=False)
    if not any(tensor.startswith("decoder.") for tensor in names):
        raise ValueError("it is an encoder without its decoder; only both together can be loaded")
    if settings.get("bad_words_ids") and "final_logits_bias" not in names:
        raise ValueError("it never writes some entries (bad_words_ids), and has no final_logits_bias to say so")
    end = settings.get("eos_token_id")
    return {
        "name": name,
        "d_vocab": settings["vocab_size"],
        "n_ctx": settings["max_position_embeddings"],
        "d_model": settings["d_model"],
        "n_layers": settings["encoder_layers"],
        "n_decoder_layers": settings["decoder_layers"],
        "n_heads": settings["encoder_attention_heads"],
        "d_mlp": settings["encoder_ffn_dim"],
        "norm_eps": EPS,
        "activation": activation(settings.get("activation_function", "gelu")),
        # Whether a head was stored decides.
        "tied_embeddings": "lm_head.weight" not in names,
        "scaled_logits": False,
        "start_token_id": first(settings, "decoder_start_token_id", "bos_token_id"),
        "end_token_id": end[0] if isinstance(end, list) else end,
        "first_token_id": settings.get("forced_bos_token_id"),
        "never_written": tuple(words[0] for words in settings.get("bad_words_ids") or () if len(words) == 1),
        "norm": "layer",
        "norm_bias": True,
        "bias": True,
        "logit_bias": "final_logits_bias" in names,
        "scaled_scores": True,
        "scaled_embeddings": settings.get("scale_embedding", False),
    }


def _bart(settings: Settings, names: Collection[str], name: str) -> T5Config:
    require(settings, normalize_before=False, normalize_embedding=True, add_final_layer_norm=False)
    require(settings, static_position_embeddings=False)
    fields = _fields(settings, names, name)
    return T5Config(positions=PositionConfig("learned"), post_norm=True, embed_norm=True, **fields)


def _mbart(settings: Settings, names: Collection[str], name: str) -> T5Config:
    require(settings, normalize_before=True, normalize_embedding=True, add_final_layer_norm=True)
    require(settings, static_position_embeddings=False)
    fields = _fields(settings, names, name)
    return T5Config(positions=PositionConfig("learned"), embed_norm=True, **fields)


def _marian(settings: Settings, names: Collection[str], name: str) -> T5Config:
    require(settings, normalize_before=False, normalize_embedding=False, add_final_layer_norm=False)
    require(settings, static_position_embeddings=True, share_encoder_decoder_embeddings=True)
    fields = _fields(settings, names, name)
    return T5Config(positions=PositionConfig("sinusoidal", cosines_behind=True), post_norm=True, **fields)


def _pegasus(settings: Settings, names: Collection[str], name: str) -> T5Config:
    require(settings, normalize_before=True, normalize_embedding=False, add_final_layer_norm=True)
    require(settings, static_position_embeddings=True)
    fields = _fields(settings, names, name)
    return T5Config(positions=PositionConfig("sinusoidal", cosines_behind=True), **fields)


def _table(config: T5Config) -> Table:
    table = {"embed.weight": Source(("shared.weight",))}
    if not config.tied_embeddings:
        table |= same("unembed", "lm_head", bias=False)
    if config.logit_bias:
        table |= {"logit_bias": Source(("final_logits_bias",), partial(_logit_bias, config.never_written))}
    for stack, n_layers in {"encoder": config.n_layers, "decoder": config.decoder_layers}.items():
        if config.positions.scheme == "learned":
            table |= {f"{stack}.positions.weight": Source((f"{stack}.embed_positions.weight",), _read)}
        if config.embed_norm:
            table |= same(f"{stack}.ln_embed", f"{stack}.layernorm_embedding")
        if not config.post_norm:
            table |= same(f"{stack}.ln_final", f"{stack}.layer_norm")
        for layer in range(n_layers):
            table |= _block(f"{stack}.blocks.{layer}", f"{stack}.layers.{layer}", stack == "decoder")
    return table


def _logit_bias(never_written: tuple[int, ...], stored: Tensor) -> Tensor:
    bias = stored.flatten().clone()
    bias[list(never_written)] = NEVER
    return bias


def _read(positions: Tensor) -> Tensor:
    return positions[UNREAD_POSITIONS:]


def _block(ours: str, theirs: str, crosses: bool) -> Table:
    table = _attention(f"{ours}.attn", f"{ours}.ln1", f"{theirs}.self_attn")
    if crosses:
        table |= _attention(f"{ours}.cross_attn", f"{ours}.ln_cross", f"{theirs}.encoder_attn")
    table |= same(f"{ours}.mlp.up", f"{theirs}.fc1") | same(f"{ours}.mlp.down", f"{theirs}.fc2")
    return table | same(f"{ours}.ln2", f"{theirs}.final_layer_norm")


def _attention(ours: str, norm: str, theirs: str) -> Table:
    table = same(norm, f"{theirs}_layer_norm") | same(f"{ours}.o", f"{theirs}.out_proj")
    for letter in "qkv":
        table |= same(f"{ours}.{letter}", f"{theirs}.{letter}_proj")
    return table


COPIES = dict.fromkeys(
    ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"), "shared.weight"
)
VERSIONS = r"(en|de)coder\.version"
"""A number that the checkpoints of fairseq had."""

BART = Architecture(_bart, _table, prefix="model.", ignored=re.compile(VERSIONS), copies=COPIES)
MBART = Architecture(_mbart, _table, prefix="model.", ignored=re.compile(VERSIONS), copies=COPIES)
SINUSOIDS = re.compile(VERSIONS + r"|(en|de)coder\.embed_positions\.weight")
"""Besides, what the formula gives."""

MARIAN = Architecture(_marian, _table, prefix="model.", ignored=SINUSOIDS, copies=COPIES)
PEGASUS = Architecture(_pegasus, _table, prefix="model.", ignored=SINUSOIDS, copies=COPIES)
