"""Llama and what stayed like it: SmolLM2, Mistral, Qwen2, Qwen3, and with experts Mixtral, Qwen2-MoE, Qwen3-MoE.

RoPE, RMSNorm, SwiGLU, GQA in all of them. They differ in biases, in norms of q and k, in windows and in experts.
What went further from it begins with the same words: see `olmo`, `phi`, `gemma`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from model.config import ExpertsConfig, GPTConfig
from model.hub.architecture import Architecture, Settings, Source, Table, experts, same
from model.hub.settings import activation, first, require, rope, windows

ROTARY_TABLES = re.compile(r"(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq")
"""Stored by older files; computed from the config."""


def common(settings: Settings, name: str, **differences: Any) -> GPTConfig:
    """What all that came from Llama have, and the differences of one."""
    positions = differences.get("positions") or rope(settings)
    longest = positions.scaling and positions.scaling.longest
    context = settings["max_position_embeddings"]
    fields: dict[str, Any] = {
        "name": name,
        "d_vocab": settings["vocab_size"],
        "n_ctx": context if longest is None else min(context, longest),
        "d_model": settings["hidden_size"],
        "n_layers": settings["num_hidden_layers"],
        "n_heads": settings["num_attention_heads"],
        "n_kv_heads": settings.get("num_key_value_heads"),
        "d_head": settings.get("head_dim"),
        "d_mlp": settings["intermediate_size"],
        "positions": positions,
        "norm_eps": settings.get("rms_norm_eps", 1e-6),
        "activation": activation(settings.get("hidden_act", "silu")),
        "tied_embeddings": settings.get("tie_word_embeddings", False),
    }
    return GPTConfig(**fields | differences)


def _llama(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    bias = settings.get("attention_bias", False)
    return common(settings, name, bias=bias, mlp_bias=settings.get("mlp_bias", False))


def _mistral(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    return common(settings, name, window=settings.get("sliding_window", 4096))


def _qwen2(settings: Settings, names: Collection[str], name: str, **differences: Any) -> GPTConfig:
    return common(settings, name, **{"qkv_bias": True} | _windows(settings) | differences)


def _qwen3(settings: Settings, names: Collection[str], name: str, **differences: Any) -> GPTConfig:
    bias = settings.get("attention_bias", False)
    fields = {"bias": bias, "mlp_bias": False, "qk_norm": True, "d_head": settings.get("head_dim", 128)}
    return common(settings, name, **fields | _windows(settings) | differences)


def _mixtral(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    require(settings, hidden_act="silu")  # the experts are SwiGLU whatever a dense block does
    moe = ExpertsConfig(settings["num_local_experts"], settings["num_experts_per_tok"], settings["intermediate_size"])
    positions = rope(settings, theta=1_000_000.0)
    return common(settings, name, experts=moe, positions=positions, window=settings.get("sliding_window"))


def _qwen2_moe(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    d_shared = settings["shared_expert_intermediate_size"]
    moe = _qwen_experts(settings, d_shared=d_shared, gated_shared=True)
    return _qwen2(settings, names, name, experts=moe, qkv_bias=settings.get("qkv_bias", True))


def _qwen3_moe(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    return _qwen3(settings, names, name, experts=_qwen_experts(settings))


def _qwen_experts(settings: Settings, **differences: Any) -> ExpertsConfig:
    require(settings, hidden_act="silu")
    step, dense = settings.get("decoder_sparse_step", 1), settings.get("mlp_only_layers") or ()
    layers = range(settings["num_hidden_layers"])
    return ExpertsConfig(
        first(settings, "num_experts", "num_local_experts"),
        settings["num_experts_per_tok"],
        settings["moe_intermediate_size"],
        layers=tuple(layer for layer in layers if layer not in dense and (layer + 1) % step == 0),
        normalize=settings.get("norm_topk_prob", False),
        **differences,
    )


def _windows(settings: Settings) -> dict[str, Any]:
    """Qwen's windows hold in the blocks that `layer_types` names, in older files in those from a certain one on."""
    if not settings.get("use_sliding_window") or not settings.get("sliding_window"):
        return {}
    start = settings.get("max_window_layers", 28)
    return windows(settings, lambda layer: layer >= start)


NORMS = {"ln1": "input_layernorm", "ln2": "post_attention_layernorm"}
"""What a block calls its norms."""
PARTS = ("gate_proj", "up_proj", "down_proj")
"""What an expert calls its gate, up and down projection."""


def table(
    config: GPTConfig,
    norms: Mapping[str, str] = NORMS,
    moe: str = "mlp",
    parts: tuple[str, str, str] = PARTS,
    shared: str = "shared_expert",
) -> Table:
    """The tensors of all of them.

    Args:
        norms: what a block calls its norms, by our names.
        moe: what it calls its mixture of experts.
        parts: what an expert calls its gate, up and down projection.
        shared: what the mixture calls the expert that every token takes.
    """
    table = {"embed.weight": Source(("embed_tokens.weight",))} | same("ln_final", "norm", bias=False)
    if not config.tied_embeddings:
        table |= same("unembed", "lm_head", bias=False)
    qkv_bias = config.bias if config.qkv_bias is None else config.qkv_bias
    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}", f"layers.{layer}"
        for mine, norm in norms.items():
            table |= same(f"{ours}.{mine}", f"{theirs}.{norm}", bias=False)
        for letter in "qkvo":
            bias = config.bias if letter == "o" else qkv_bias
            table |= same(f"{ours}.attn.{letter}", f"{theirs}.self_attn.{letter}_proj", bias)
        for letter in "qk" if config.qk_norm else "":
            table |= same(f"{ours}.attn.{letter}_norm", f"{theirs}.self_attn.{letter}_norm", bias=False)
        if config.experts is not None and layer in config.expert_layers:
            table |= same(f"{ours}.mlp.router", f"{theirs}.{moe}.gate", bias=False)
            table |= experts(f"{ours}.mlp", f"{theirs}.{moe}.experts", config.experts.n_experts, *parts)
            if config.experts.d_shared is not None:
                table |= gated(f"{ours}.mlp.shared", f"{theirs}.{moe}.{shared}", bias=False)
            if config.experts.gated_shared:
                table |= same(f"{ours}.mlp.shared_gate", f"{theirs}.{moe}.shared_expert_gate", bias=False)
        else:
            table |= gated(f"{ours}.mlp", f"{theirs}.mlp", bool(config.mlp_bias))
    return table


def gated(ours: str, theirs: str, bias: bool) -> Table:
    """An MLP with a gate."""
    table: Table = {}
    for part in ("gate", "up", "down"):
        table |= same(f"{ours}.{part}", f"{theirs}.{part}_proj", bias)
    return table


_mixtral_table = partial(table, moe="block_sparse_moe", parts=("w1", "w3", "w2"))
architecture = partial(
    Architecture,
    prefix="model.",
    ignored=ROTARY_TABLES,
    copies={"lm_head.weight": "embed_tokens.weight"},
    other_prefix="transformer.",  # of Llama's under a head that answers questions
)

LLAMA = architecture(_llama, table)
MISTRAL = architecture(_mistral, table)
QWEN2 = architecture(_qwen2, table)
QWEN3 = architecture(_qwen3, table)
MIXTRAL = architecture(_mixtral, _mixtral_table)
QWEN2_MOE = architecture(_qwen2_moe, table)
QWEN3_MOE = architecture(_qwen3_moe, table)
