"""OLMo 2: Llama's parts with the norms behind them, and one norm over all heads of q, one over all of k. OLMo 3: the
same with windows in three blocks of four, where no scaling touches its RoPE.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from model.config import GPTConfig
from model.hub.architecture import Settings
from model.hub.llama import architecture, common, table
from model.hub.settings import require, rope_by_window, windows

NORMS = {"ln1_post": "post_attention_layernorm", "ln2_post": "post_feedforward_layernorm"}


def _second(settings: Settings, names: Collection[str], name: str, **differences: Any) -> GPTConfig:
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
        **differences,
    )


def _third(settings: Settings, names: Collection[str], name: str) -> GPTConfig:
    slides = {"sliding_window": 4096} | dict(settings)
    fields = {} if slides["sliding_window"] is None else windows(slides, lambda layer: (layer + 1) % 4 != 0)
    base = settings.get("rope_theta", 500_000.0)
    return _second(settings, names, name, positions=rope_by_window(settings, base, base), **fields)


OLMO2 = architecture(_second, partial(table, norms=NORMS))
OLMO3 = architecture(_third, partial(table, norms=NORMS))
