"""ModernBERT (Warner et al. 2024): BERT's task, with what decoders have learned since.

RoPE, norms before parts, GEGLU, no biases, and windows that reach to both sides in two blocks of three, with a base of
RoPE's frequencies of their own. The first block reads the embeddings as their norm leaves them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from model.config import BertConfig, PositionConfig
from model.hub.architecture import Architecture, Settings, Source, Table, same, thirds
from model.hub.settings import FULL, SLIDING, activation, require, rope, windows

EMBEDDINGS = "embeddings.tok_embeddings.weight"


def _config(settings: Settings, names: Collection[str], name: str) -> BertConfig:
    bias = settings.get("attention_bias", False)
    word = settings.get("hidden_activation", "gelu")
    require(settings, mlp_bias=bias, classifier_bias=bias, classifier_activation=word, decoder_bias=True)
    every = settings.get("global_attn_every_n_layers", 3)
    # A token reads half of them on each side, besides itself.
    sliding = {**settings, "sliding_window": settings.get("local_attention", 128) // 2 + 1}
    fields = windows(sliding, lambda layer: bool(layer % every))
    return BertConfig(
        name=name,
        d_vocab=settings["vocab_size"],
        n_ctx=settings["max_position_embeddings"],
        d_model=settings["hidden_size"],
        n_layers=settings["num_hidden_layers"],
        n_heads=settings["num_attention_heads"],
        d_mlp=settings["intermediate_size"],
        n_segments=0,
        norm_eps=settings.get("norm_eps", 1e-5),
        activation=activation(word),
        head="masked" if "decoder.bias" in names else "none",
        pooler=False,
        next_sentence=False,
        positions=_positions(settings),
        post_norm=False,
        norm_bias=settings.get("norm_bias", False),
        gated_mlp=True,
        bias=bias,
        **fields,
    )


def _positions(settings: Settings) -> PositionConfig:
    """RoPE, its base told for each kind of block, by newer files in one place and by older ones in two settings."""
    by_kind = settings.get("rope_parameters") or {}
    kinds = {FULL: settings.get("global_rope_theta", 160_000.0), SLIDING: settings.get("local_rope_theta", 10_000.0)}
    if unknown := sorted(by_kind.keys() - kinds):
        raise ValueError(f"its rope_parameters name {', '.join(unknown)}; only {FULL} and {SLIDING} can be loaded")
    scaled = {"rope_scaling": scaling} if (scaling := settings.get("rope_scaling")) else {}
    rules = {
        kind: rope(
            {"max_position_embeddings": settings["max_position_embeddings"], **scaled}
            | {"rope_parameters": by_kind.get(kind)},
            theta=theta,
        )
        for kind, theta in kinds.items()
    }
    if rules[FULL].scaling is not None or rules[SLIDING].scaling is not None:
        raise ValueError("its RoPE is scaled; only that of the training can be loaded")
    return PositionConfig("rope", theta=rules[FULL].theta, window_theta=rules[SLIDING].theta)


def _table(config: BertConfig) -> Table:
    norm_bias = config.norm_bias
    table = {"embed.weight": Source((EMBEDDINGS,))}
    table |= same("ln_embed", "embeddings.norm", norm_bias) | same("ln_final", "final_norm", norm_bias)
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"layers.{layer}"
        if layer:
            table |= same(f"{ours}.ln1", f"{theirs}.attn_norm", norm_bias)
        table |= thirds(f"{ours}.attn", f"{theirs}.attn.Wqkv", config.bias)
        table |= same(f"{ours}.attn.o", f"{theirs}.attn.Wo", config.bias)
        table |= same(f"{ours}.ln2", f"{theirs}.mlp_norm", norm_bias)
        table |= halves(f"{ours}.mlp", f"{theirs}.mlp.Wi", config.bias)
        table |= same(f"{ours}.mlp.down", f"{theirs}.mlp.Wo", config.bias)
    if config.head == "masked":
        table |= same("masked.dense", "head.dense", config.bias) | same("masked.ln", "head.norm", norm_bias)
        table |= {"masked.bias": Source(("decoder.bias",))}
    return table


def halves(ours: str, theirs: str, bias: bool) -> Table:
    """The gate, which is activated, and the way up, stored one after the other as a single layer."""
    return {
        f"{ours}.{name}.{part}": Source((f"{theirs}.{part}",), lambda fused, index=index: fused.chunk(2)[index])
        for index, name in enumerate(("gate", "up"))
        for part in (("weight", "bias") if bias else ("weight",))
    }


MODERNBERT = Architecture(
    _config,
    _table,
    prefix="model.",
    copies={"decoder.weight": EMBEDDINGS},
    aside=re.compile(r"head\.(dense|norm)\.(weight|bias)"),
)
