"""The tapped graph for CUDA, whose Attention gives no probabilities: raw scores, then mask and softmax by other nodes.

ONNX Runtime's CUDA kernel gives its scores alone: 1.31.1 holds "Only kNone and kQK output modes are supported", see
https://github.com/microsoft/onnxruntime/issues/28351. The node stays one and mixes the values as before; a few more
make of its scores what its softmax gave. All else is the graph that `python -m export build` writes, and so are its
inputs and outputs. On a CPU that one stays the better: it has fewer nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx_ir as ir
import torch
from onnxscript import opset23 as op

from export import families, graphs, half, weights
from export.runtime import file
from export.runtime.layout import slots
from export.runtime.session import WEIGHTS
from export.translate import TABLE
from model import config as configs

SCORES = 0
"""Attention's `qk_matmul_output_mode`: its fourth output is q k^T scale, before cap and mask."""


def _attention_with_scores(
    q: Any,
    k: Any,
    v: Any,
    mask: Any,
    past_key: Any,
    past_value: Any,
    n_heads: int,
    n_kv_heads: int,
    scale: float,
    softcap: float,
) -> Sequence[Any]:
    z, key, value, scores = op.Attention(
        q,
        k,
        v,
        mask,
        past_key,
        past_value,
        q_num_heads=n_heads,
        kv_num_heads=n_kv_heads,
        scale=scale,
        softcap=softcap,
        qk_matmul_output_mode=SCORES,
    )
    if softcap:
        scores = op.Mul(op.Tanh(op.Div(scores, softcap)), softcap)
    never = float("-inf")
    if mask.dtype == ir.DataType.BOOL:
        allowed, masked = mask, op.Where(mask, scores, never)
    else:
        allowed, masked = op.Greater(mask, never), op.Add(scores, mask)
    # The softmax of a query that may attend to nothing is no number; all of its keys are forbidden, so it is zeros.
    return z, key, value, op.Where(allowed, op.Softmax(masked, axis=-1), 0.0)


CUDA_TABLE: Mapping[Callable[..., Any], Callable[..., Any]] = {
    **TABLE,
    torch.ops.cutaway.attention_with_pattern.default: _attention_with_scores,
}
"""As `export.translate.TABLE`, of nodes that CUDA has kernels for."""


def build(folder: Path) -> None:
    """Writes the tapped graphs for CUDA, in float32 and in float16, in the place of the one that a CPU takes.

    Args:
        folder: a copy of a checkpoint's, with config.json and model.safetensors, for CUDA alone.

    Raises:
        ValueError: a weight is too large for float16; the other graph is there.
    """
    stored = folder / WEIGHTS
    whole = graphs.build(families.load(folder), families.interfaces(configs.load(folder))["tapped"], CUDA_TABLE)
    halved = whole.clone()
    weights.point_into(whole, stored)
    graphs.save(whole, file(folder, "tapped"))
    half.halve(halved, set(slots(stored)))
    weights.point_into(halved, stored)
    graphs.save(halved, file(folder, "tapped", "fp16"))
