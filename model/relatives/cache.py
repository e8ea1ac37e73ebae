"""What a published model keeps of a text, by the formulas of `model.study.cache_size`. No torch here."""

from __future__ import annotations

from model.relatives.shape import Shape
from model.study.cache_size import CacheShape, Latent

RWKV_STATE = 5
"""Vectors a layer: what it saw last, before each of its two parts, and the numerator, the denominator and the largest
exponent of its average (Peng et al. 2023, appendix on numerical stability)."""


def shape_of(shape: Shape) -> CacheShape | None:
    """What decides the size of a model's cache, of its decoder where it has two stacks; None where it keeps nothing.

    A state space layer keeps its state and the last inputs of its convolution, whatever the length, as the reference
    implementation does (Gu & Dao 2023).
    """
    if shape.stacks == "encoder":
        return None
    latent, fixed = shape.latent, 0
    if shape.rwkv:
        fixed = RWKV_STATE * shape.n_layers * shape.d_model
    elif shape.mamba:
        fixed = shape.n_mamba * shape.mamba.d_inner * (shape.mamba.d_state + shape.mamba.d_conv)
    return CacheShape(
        n_layers=shape.n_decoder_layers or shape.n_attention,
        n_heads=shape.n_heads,
        n_kv_heads=shape.n_kv_heads,
        d_head=shape.d_head,
        window=shape.window,
        latent=Latent(latent.kv_rank, latent.rope, latent.rope + latent.nope, latent.d_value) if latent else None,
        n_windowed=shape.n_windowed if shape.window else None,
        n_fixed=fixed,
    )


def n_bytes(shape: Shape, n: int, precision: str) -> int:
    """What is kept once n tokens are read; a decoder that reads an encoder keeps one token of its own besides."""
    kept = shape_of(shape)
    if kept is None:
        return 0
    own = kept.n_bytes(1, precision) if shape.n_decoder_layers else 0
    return own + kept.n_bytes(n, precision)
