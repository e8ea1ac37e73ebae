"""Semantic op to fused ONNX op: one small function for each op of `model.transformer.ops`.

`torch.onnx.export` calls these while it walks the exported program; what a function returns are ONNX values, and the
operators of `opset23` and `microsoft` add one node each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from onnx.defs import OpSchema
from onnxscript import opset23 as op
from onnxscript import values

import model.transformer.ops  # noqa: F401  (declares the semantic ops)

PROBABILITIES = 3
"""Attention's `qk_matmul_output_mode`: its fourth output is what the softmax gives."""

# onnx knows nothing of ONNX Runtime's own operators; the exporter needs their signatures to make nodes of them.
_MICROSOFT = values.Opset("com.microsoft", 1)
_MOE = values.Op(
    _MICROSOFT,
    "MoE",
    OpSchema(
        "MoE",
        "com.microsoft",
        1,
        inputs=[OpSchema.FormalParameter(name, "T") for name in ("input", "router_probs", "fc1_experts_weights")]
        + [
            OpSchema.FormalParameter("fc1_experts_bias", "T", param_option=OpSchema.FormalParameterOption.Optional),
            OpSchema.FormalParameter("fc2_experts_weights", "T"),
        ],
        outputs=[OpSchema.FormalParameter("output", "T")],
        type_constraints=[("T", ["tensor(float)", "tensor(float16)"], "")],
        attributes=[
            OpSchema.Attribute("activation_type", OpSchema.AttrType.STRING),
            OpSchema.Attribute("activation_alpha", OpSchema.AttrType.FLOAT),
            OpSchema.Attribute("activation_beta", OpSchema.AttrType.FLOAT),
            OpSchema.Attribute("k", OpSchema.AttrType.INT),
            OpSchema.Attribute("normalize_routing_weights", OpSchema.AttrType.INT),
            OpSchema.Attribute("swiglu_fusion", OpSchema.AttrType.INT),
        ],
    ),
)


def _attention(
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
    z, key, value, _ = op.Attention(
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
    )
    return z, key, value


def _attention_with_pattern(
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
    return op.Attention(
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
        qk_matmul_output_mode=PROBABILITIES,
    )


def _rotary(x: Any, cos: Any, sin: Any, n_heads: int) -> Any:
    d_rotary = 2 * cos.shape[-1]
    whole = d_rotary * n_heads == x.shape[-1]
    return op.RotaryEmbedding(x, cos, sin, num_heads=n_heads, rotary_embedding_dim=0 if whole else d_rotary)


def _rms_norm(x: Any, weight: Any, eps: float) -> Any:
    return op.RMSNormalization(x, weight, epsilon=eps)


def _moe(x: Any, router_logits: Any, w_in: Any, w_out: Any, top_k: int) -> Any:
    one_row_a_token: Any = [-1, w_in.shape[0]]
    return _MOE(
        x,
        op.Reshape(router_logits, one_row_a_token),
        w_in,
        None,
        w_out,
        k=top_k,
        # ONNX Runtime 1.31's kernel can leave the division out, but then errs wherever it may write over its input.
        normalize_routing_weights=1,
        # SwiGLU proper: silu(1 x gate) * (up + 0), the rows of gate and up interleaved.
        activation_type="swiglu",
        swiglu_fusion=1,
        activation_alpha=1.0,
        activation_beta=0.0,
    )


TABLE: dict[Callable[..., Any], Callable[..., Any]] = {
    torch.ops.cutaway.attention.default: _attention,
    torch.ops.cutaway.attention_with_pattern.default: _attention_with_pattern,
    torch.ops.cutaway.rotary.default: _rotary,
    torch.ops.cutaway.rms_norm.default: _rms_norm,
    torch.ops.cutaway.moe.default: _moe,
}
"""What `torch.onnx.export` takes as its `custom_translation_table`."""
