"""Gemma, Gemma 2 and the text model of Gemma 3: Llama's parts, embeddings scaled by sqrt(d_model), a GEGLU.

Their norms multiply by 1 + weight, which becomes our weight. The second has norms on both sides of each part, bounds
scores and logits softly, and windows in every second block; the third has norms of q and k instead of a bound, and a
RoPE of its own in its windows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor

from model.config import GPTConfig
from model.hub.architecture import Settings, Source, Table
from model.hub.llama import NORMS, architecture, common, table
from model.hub.settings import activation, rope_by_window, windows

SANDWICH = {
    "ln1": "input_layernorm",
    "ln1_post": "post_attention_layernorm",
    "ln2": "pre_feedforward_layernorm",
    "ln2_post": "post_feedforward_layernorm",
}


def _gemma(settings: Settings, name: str, **differences: Any) -> GPTConfig:
    """What all three have, and the differences of one."""
    if settings.get("use_bidirectional_attention"):
        raise ValueError("its config.json says use_bidirectional_attention; only a Gemma that looks back can be loaded")
    fields = {
        "d_head": settings.get("head_dim", 256),
        "tied_embeddings": settings.get("tie_word_embeddings", True),
        "bias": settings.get("attention_bias", False),
        "mlp_bias": False,
        "scaled_embeddings": True,
    }
    return common(settings, name, **fields | differences)


def _first(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    spelled = settings.get("hidden_activation") or settings.get("hidden_act", "gelu_pytorch_tanh")
    # Its first files say "gelu" and mean the tanh form, as `transformers` reads them.
    return _gemma(settings, name, activation=activation("gelu_pytorch_tanh" if spelled == "gelu" else spelled))


def _later(settings: Settings, name: str, every: int, **differences: Any) -> GPTConfig:
    """What the second and the third have.

    Args:
        every: which block in how many looks back on all of the text, where config.json does not name them.
    """
    slides = {"sliding_window": 4096} | dict(settings)
    fields = {
        "activation": activation(settings.get("hidden_activation", "gelu_pytorch_tanh")),
        "branch_norms": "both",
        "score_scalar": settings.get("query_pre_attn_scalar", 256),
    }
    if slides["sliding_window"] is not None:
        fields |= windows(slides, lambda layer: bool((layer + 1) % every))
    return _gemma(settings, name, **fields | differences)


def _second(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    return _later(
        settings,
        name,
        every=2,
        score_softcap=settings.get("attn_logit_softcapping", 50.0),
        logit_softcap=settings.get("final_logit_softcapping", 30.0),
    )


def _third(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    if settings.get("attn_logit_softcapping") is not None:
        raise ValueError("its config.json says attn_logit_softcapping, which `transformers` leaves out in a Gemma 3")
    return _later(
        settings,
        name,
        every=settings.get("sliding_window_pattern", 6),
        positions=rope_by_window(settings, 1_000_000.0, settings.get("rope_local_base_freq", 10_000.0)),
        qk_norm=True,
        logit_softcap=settings.get("final_logit_softcapping"),
    )


def _one_more(weight: Tensor) -> Tensor:
    """A norm's weight is stored less 1. The sum is taken in float32, as the norm takes it."""
    return 1 + weight.to(torch.promote_types(weight.dtype, torch.float32))


def _table(config: GPTConfig) -> Table:
    entries = table(config, SANDWICH if config.normalizes_added else NORMS)
    norms = [name for name in entries if name.split(".")[-2] in ("ln_final", "q_norm", "k_norm", *SANDWICH)]
    return entries | {name: Source(entries[name].names, _one_more) for name in norms}


GEMMA = architecture(_first, _table)
GEMMA2 = architecture(_second, _table)
GEMMA3 = architecture(_third, _table)
