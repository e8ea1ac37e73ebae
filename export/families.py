"""The families that can be exported: which module each is, and which graphs it has.

A new family is one more entry; how a module becomes a graph is `export.graphs`, and knows no family.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from export import bert, gpt, t5
from export.interface import Family, Interface
from export.runtime import GraphName
from model import config as configs
from model.config import BertConfig, Config, GPTConfig, T5Config

FAMILIES: Mapping[str, Family[Any]] = {
    GPTConfig.family: gpt.FAMILY,
    BertConfig.family: bert.FAMILY,
    T5Config.family: t5.FAMILY,
}


def interfaces(config: Config) -> dict[GraphName, Interface]:
    """Every graph of a model, by the name of its file."""
    return {name: interface(config) for name, interface in FAMILIES[config.family].graphs.items()}


def load(folder: Path, dtype: torch.dtype = torch.float32) -> nn.Module:
    """The module of a checkpoint's folder, its stored weights in another precision, ready to run, not to train."""
    config = configs.load(folder)
    module = FAMILIES[config.family].module(config).to(dtype)
    module.load_state_dict(load_file(folder / "model.safetensors"))
    return module.eval().requires_grad_(False)
