"""What the tests of the model share: small random models, and one helper that holds a decoder against another."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor

from model import taps
from model.config import ExpertsConfig, GPTConfig, PositionConfig, RopeScaling, Scheme
from model.transformer.capture import capture
from model.transformer.gpt import GPT

SCHEMES: tuple[Scheme, ...] = ("none", "sinusoidal", "learned", "t5", "rope", "alibi")
EXPERTS = ExpertsConfig(n_experts=5, top_k=2, d_expert=12, every=2)
TINY = GPTConfig(
    name="tiny",
    d_vocab=61,
    n_ctx=64,
    d_model=24,
    n_layers=3,
    n_heads=4,
    n_kv_heads=2,
    d_mlp=40,
    positions=PositionConfig("rope", n_buckets=8, max_distance=16),
)
"""Grouped heads, and T5 buckets that end well below n_ctx."""


def tiny(scheme: Scheme = "rope", **changes: Any) -> GPTConfig:
    """`TINY` with another position scheme and other changes."""
    return dataclasses.replace(TINY, positions=dataclasses.replace(TINY.positions, scheme=scheme), **changes)


VARIANTS: dict[str, GPTConfig] = {
    **{scheme: tiny(scheme) for scheme in SCHEMES},
    "mha": tiny(n_kv_heads=4),
    "mqa": tiny(n_kv_heads=1),
    "wide heads": tiny(d_head=10),
    "experts": tiny(experts=EXPERTS),
    "experts everywhere, alibi": tiny("alibi", experts=dataclasses.replace(EXPERTS, every=1, top_k=1)),
    "layernorm, biases, gelu": tiny("learned", norm="layer", bias=True, activation="gelu_tanh", gated_mlp=False),
    "untied": tiny(tied_embeddings=False),
    "window in one block": tiny(window=7, window_layers=(1,)),
    "normalized heads, biases of q, k and v": tiny(qk_norm=True, qkv_bias=True),
    "norms behind, joint norm of q and k": tiny(branch_norms="behind", qk_norm=True, qk_norm_joint=True),
    "norms on both sides, biases": tiny(branch_norms="both", norm="layer", bias=True),
    "scores scaled and capped, logits capped": tiny(score_scalar=3.0, score_softcap=1.5, logit_softcap=4.0),
    "another rope in windows": dataclasses.replace(
        TINY,
        positions=PositionConfig("rope", window_theta=100.0, scaling=RopeScaling("linear", 4.0)),
        window=7,
        window_layers=(0, 2),
    ),
    "parallel, partly rotated": dataclasses.replace(
        TINY, positions=PositionConfig("rope", fraction=0.25), parallel=True, d_head=8, norm="layer", bias=True
    ),
    "scaled embeddings": tiny("sinusoidal", scaled_embeddings=True),
    "normalized embeddings, no norm biases": tiny("alibi", embed_norm=True, norm="layer", norm_bias=False),
    "shared and biased sigmoid experts": tiny(
        experts=dataclasses.replace(EXPERTS, score="sigmoid", choice_bias=True, d_shared=8, gated_shared=True)
    ),
}
"""One config for each choice that changes what a GPT computes."""


def random_gpt(config: GPTConfig, seed: int = 0, dtype: torch.dtype = torch.float64) -> GPT:
    """A GPT whose weights are large enough that heads look somewhere, experts differ, and biases count."""
    torch.manual_seed(seed)
    module = GPT(config).double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.dim() == 1:
                parameter.uniform_(0.5, 1.5) if "ln" in name else parameter.normal_(std=0.3)
            else:
                parameter.normal_(std=1.0 if "positions" in name else 2 * parameter.shape[-1] ** -0.5)
    return module.to(dtype)


def random_ids(config: GPTConfig, n_tokens: int, batch: int = 2, seed: int = 1) -> Tensor:
    """Token ids. *Shape:* (batch, n_tokens)."""
    return torch.randint(config.d_vocab, (batch, n_tokens), generator=torch.Generator().manual_seed(seed))


def places(n: int, start: int = 0, batch: int = 1) -> Tensor:
    """The positions start .. start + n - 1. *Shape:* (batch, n)."""
    return torch.arange(start, start + n).expand(batch, -1)


def all_taps(module: GPT, ids: Tensor, **arguments: Any) -> dict[str, Tensor]:
    """Every tap of the table, and "logits", of one forward pass without gradients."""
    with torch.no_grad(), capture(module, taps.table(module.config)) as taken:
        logits = module(ids, **arguments).logits
    return {**taken, "logits": logits}


def assert_decoder_equals_transformers(peer: torch.nn.Module, module: GPT, n_tokens: int, atol: float) -> None:
    """Logits and all attention probabilities of two decoders agree on random tokens within `atol`.

    Args:
        peer: a `transformers` causal language model with eager attention, in the dtype of `module`.
    """
    ids = random_ids(module.config, n_tokens)
    with torch.no_grad():
        theirs = peer(ids, output_attentions=True, use_cache=False)
    ours = all_taps(module, ids)
    torch.testing.assert_close(ours["logits"], theirs.logits, atol=atol, rtol=0)
    assert len(theirs.attentions) == module.config.n_layers
    for layer, attentions in enumerate(theirs.attentions):
        pattern = ours[taps.PATTERN.name(layer)]
        # A constant pattern would agree with a model that computes nothing.
        assert pattern.var(dim=-1).max() > 1e-3
        torch.testing.assert_close(pattern, attentions, atol=atol, rtol=0)
