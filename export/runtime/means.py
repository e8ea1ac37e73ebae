"""What each head and each feed-forward part of a checkpoint says on the average, read from a small file beside it.

No torch here. A part that is switched off may be replaced by its mean over held-out text instead of by zero, so that
only what it says about *this* text is taken away ("mean ablation"; Wang et al. 2022, section 2.1). Who measures the
means is `export.means`. They lie under the names of the graph's inputs that put them in place: `head_bias`,
*Shape:* (n_layers, n_heads, d_head), and `mlp_bias`, *Shape:* (n_layers, d_model), in a T5 also with the prefixes of
its decoder and of its cross-attention.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from export.runtime.layout import is_made_of
from export.runtime.session import PREFIX, WEIGHTS
from model.config import Config

FILE = "means.safetensors"
Means = Mapping[str, NDArray[np.float32]]


def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """The shape of every mean that a model has, by name."""
    found: dict[str, tuple[int, ...]] = {}
    for place, stack in config.stacks.items():
        found[f"{PREFIX[place]}head_bias"] = (stack.layers, config.n_heads, config.value_width)
        if place != "cross":
            found[f"{PREFIX[place]}mlp_bias"] = (stack.layers, config.d_model)
    return found


def load(folder: Path, config: Config) -> Means | None:
    """The means of a checkpoint; None where its folder holds none.

    Raises:
        ValueError: they are those of other weights.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    means: dict[str, NDArray[Any]] = load_file(path)
    shaped = {name: mean.shape for name, mean in means.items()} == shapes(config)
    if not shaped or not is_made_of(path, folder / WEIGHTS):
        raise ValueError(
            f"{path.name} was measured on another {WEIGHTS}; python -m export means {folder.name} mends it"
        )
    return means
