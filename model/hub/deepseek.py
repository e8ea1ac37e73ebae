"""DeepSeek-V2 and -V3: Llama's parts with latent attention, and experts beside one that every token takes.

RoPE turns neighbouring coordinates there, the last ones of each query and key: here they come first, the two of a pair
half of them apart, as `model.transformer.ops.rotary` wants them. Queries and keys are reordered alike, so that no dot
product changes.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor

from model.config import ExpertsConfig, GPTConfig, LatentConfig
from model.hub.architecture import Settings, Source, Table, same
from model.hub.llama import architecture, common, table
from model.hub.settings import require, rope

GROUPED = "group_limited_greedy"


def _common(settings: Settings, name: str, experts: ExpertsConfig) -> GPTConfig:
    require(settings, hidden_act="silu", mlp_bias=False, num_key_value_heads=settings["num_attention_heads"])
    latent = LatentConfig(
        settings["kv_lora_rank"],
        settings["qk_rope_head_dim"],
        settings["v_head_dim"],
        settings.get("q_lora_rank"),
    )
    d_head = settings["qk_nope_head_dim"] + latent.d_rope
    return common(
        settings,
        name,
        n_kv_heads=settings["num_attention_heads"],
        d_head=d_head,
        latent=latent,
        bias=settings.get("attention_bias", False),
        qkv_bias=False,
        mlp_bias=False,
        score_scalar=_divisor(settings, d_head),
        positions=rope(settings),
        experts=experts if experts.layers else None,
    )


def _divisor(settings: Settings, d_head: int) -> float | None:
    """By whose square root scores are divided: the width of a head, with scores sharpened by (0.1 mscale_all_dim
    ln(factor) + 1)^2 where RoPE is stretched.
    """
    scaling = settings.get("rope_scaling") or settings.get("rope_parameters") or {}
    stretched = scaling.get("rope_type", scaling.get("type", "default")) != "default"
    below = scaling.get("mscale_all_dim")
    if not stretched or not below or (factor := scaling["factor"]) <= 1:
        return None
    sharpened: float = d_head / (0.1 * below * math.log(factor) + 1) ** 4
    return sharpened


def _experts(settings: Settings, n_dense: int, **choice: Any) -> ExpertsConfig:
    require(settings, moe_layer_freq=1)
    width, n_shared = settings["moe_intermediate_size"], settings.get("n_shared_experts")
    return ExpertsConfig(
        settings["n_routed_experts"],
        settings["num_experts_per_tok"],
        width,
        layers=tuple(range(n_dense, settings["num_hidden_layers"])),
        d_shared=n_shared * width if n_shared else None,
        **choice,
    )


def _second(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    # The published code divides the weights by their sum where norm_topk_prob is set, `transformers` never does.
    require(settings, norm_topk_prob=False, scoring_func="softmax")
    method = settings.get("topk_method", "greedy")
    if method not in ("greedy", GROUPED):
        raise ValueError(f"its config.json says topk_method = {method!r}; only 'greedy' and {GROUPED!r} can be loaded")
    experts = _experts(
        settings,
        settings.get("first_k_dense_replace", 0),
        normalize=False,
        scale=settings.get("routed_scaling_factor", 1.0),
        n_groups=settings["n_group"] if method == GROUPED else None,
        top_groups=settings["topk_group"] if method == GROUPED else None,
    )
    return _common(settings, name, experts)


def _third(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    require(settings, norm_topk_prob=True, scoring_func="sigmoid", topk_method="noaux_tc", rope_interleave=True)
    n_groups = settings.get("n_group", 8)
    experts = _experts(
        settings,
        settings.get("first_k_dense_replace", 3),
        score="sigmoid",
        choice_bias=True,
        scale=settings.get("routed_scaling_factor", 2.5),
        n_groups=n_groups if n_groups > 1 else None,
        top_groups=settings.get("topk_group", 4) if n_groups > 1 else None,
        group_best=2,
    )
    return _common(settings, name, experts)


def _table(config: GPTConfig) -> Table:
    latent, experts = config.latent, config.experts
    assert latent is not None
    entries = table(config, shared="shared_experts")
    rows_of_k = config.head_width - latent.d_rope

    def queries(weight: Tensor) -> Tensor:
        plain, turned = weight.unflatten(0, (config.n_heads, -1)).split([rows_of_k, latent.d_rope], dim=1)
        return torch.cat([_halves(turned, 1), plain], dim=1).flatten(0, 1)

    def keys(weight: Tensor) -> Tensor:
        return weight.unflatten(0, (config.n_heads, -1))[:, :rows_of_k].flatten(0, 1)

    def values(weight: Tensor) -> Tensor:
        return weight.unflatten(0, (config.n_heads, -1))[:, rows_of_k:].flatten(0, 1)

    for layer in range(config.n_layers):
        ours, theirs = f"blocks.{layer}.attn", f"layers.{layer}.self_attn"
        q = "q_proj" if latent.query_rank is None else "q_b_proj"
        entries[f"{ours}.q.weight"] = Source((f"{theirs}.{q}.weight",), queries)
        entries[f"{ours}.k.weight"] = Source((f"{theirs}.kv_b_proj.weight",), keys)
        entries[f"{ours}.v.weight"] = Source((f"{theirs}.kv_b_proj.weight",), values)
        entries |= same(f"{ours}.latent_norm", f"{theirs}.kv_a_layernorm", bias=False)
        for part in ("weight", "bias") if config.bias else ("weight",):
            down = f"{theirs}.kv_a_proj_with_mqa.{part}"
            entries[f"{ours}.latent.{part}"] = Source((down,), lambda rows: rows[: latent.rank])
            entries[f"{ours}.shared_k.{part}"] = Source((down,), lambda rows: _halves(rows[latent.rank :], 0))
        if latent.query_rank is not None:
            entries |= same(f"{ours}.q_latent", f"{theirs}.q_a_proj", config.bias)
            entries |= same(f"{ours}.q_latent_norm", f"{theirs}.q_a_layernorm", bias=False)
        if experts is not None and experts.choice_bias and layer in config.expert_layers:
            bias = Source((f"layers.{layer}.mlp.gate.e_score_correction_bias",))
            entries[f"blocks.{layer}.mlp.choice_bias"] = bias
    return entries


def _halves(rows: Tensor, axis: int) -> Tensor:
    """Rows that come in pairs as two halves: the first of each pair, then the second."""
    return rows.unflatten(axis, (-1, 2)).movedim(axis + 1, axis).flatten(axis, axis + 1)


DEEPSEEK_V2 = architecture(_second, _table)
DEEPSEEK_V3 = architecture(_third, _table)
