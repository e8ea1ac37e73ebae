"""OLMo 2: Llama's parts with the norms behind them, and one norm over all heads of q, one over all of k."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from model.config import GPTConfig
from model.hub.architecture import Settings
from model.hub.llama import architecture, common, table
from model.hub.settings import require

NORMS = {"ln1_post": "post_attention_layernorm", "ln2_post": "post_feedforward_layernorm"}


def _config(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    require(settings, clip_qkv=None)  # of the first OLMo
    return common(
        settings,
        name,
        norm_eps=settings.get("rms_norm_eps", 1e-5),
        bias=settings.get("attention_bias", False),
        mlp_bias=False,
        branch_norms="behind",
        qk_norm=True,
        qk_norm_joint=True,
    )


OLMO2 = architecture(_config, partial(table, norms=NORMS))
