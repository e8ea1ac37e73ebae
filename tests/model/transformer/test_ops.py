"""The semantic ops against their formulas, written out as loops, in float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from model.transformer import ops

BATCH, QUERY, D_HEAD = 2, 7, 6
dtypes = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
pasts = pytest.mark.parametrize("n_past", [0, 4], ids=["no past", "past"])
groups = pytest.mark.parametrize("n_kv_heads", [4, 2, 1], ids=["mha", "gqa", "mqa"])
mask_kinds = pytest.mark.parametrize("kind", ["bool", "float", "per head"])
N_HEADS = 4
SCALE = 0.7


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def attention_inputs(n_past: int, n_kv_heads: int, kind: str, dtype: torch.dtype) -> dict[str, Any]:
    """Arguments of an attention op; query 2 of the second sequence may attend to nothing."""
    n_keys = n_past + QUERY
    allowed = torch.rand(BATCH, 1, QUERY, n_keys, generator=torch.Generator().manual_seed(5)) < 0.6
    allowed[1, :, 2] = False
    allowed[0, :, 0] = True
    if kind == "per head":
        allowed = allowed.expand(-1, N_HEADS, -1, -1)
    mask = allowed
    if kind != "bool":
        mask = random(*allowed.shape, seed=6, dtype=dtype).masked_fill(~allowed, -math.inf)
    past = tuple(random(BATCH, n_kv_heads, n_past, D_HEAD, seed=seed, dtype=dtype) for seed in (3, 4))
    return {
        "q": random(BATCH, QUERY, N_HEADS * D_HEAD, seed=0, dtype=dtype),
        "k": random(BATCH, QUERY, n_kv_heads * D_HEAD, seed=1, dtype=dtype),
        "v": random(BATCH, QUERY, n_kv_heads * D_HEAD, seed=2, dtype=dtype),
        "mask": mask,
        "past": past if n_past else None,
        "n_heads": N_HEADS,
        "n_kv_heads": n_kv_heads,
        "scale": SCALE,
    }


def attention_by_loops(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor, past: Any, n_heads: int, n_kv_heads: int, scale: float
) -> tuple[Tensor, Tensor]:
    """The mixed values and the probabilities, one number at a time."""
    n_keys = mask.shape[-1]
    n_past = n_keys - k.shape[1]
    z = torch.zeros(BATCH, QUERY, n_heads * D_HEAD, dtype=torch.float64)
    pattern = torch.zeros(BATCH, n_heads, QUERY, n_keys, dtype=torch.float64)
    for b in range(BATCH):
        for head in range(n_heads):
            kv_head = head * n_kv_heads // n_heads
            own = slice(head * D_HEAD, (head + 1) * D_HEAD)
            shared = slice(kv_head * D_HEAD, (kv_head + 1) * D_HEAD)
            keys = [past[0][b, kv_head, i] for i in range(n_past)] + [row[shared] for row in k[b]]
            values = [past[1][b, kv_head, i] for i in range(n_past)] + [row[shared] for row in v[b]]
            for query in range(QUERY):
                weights = []
                for key in range(n_keys):
                    entry = mask[b, min(head, mask.shape[1] - 1), query, key].item()
                    added = (0.0 if entry else -math.inf) if mask.dtype == torch.bool else entry
                    weights.append(math.exp(q[b, query, own].double() @ keys[key].double() * scale + added))
                for key, weight in enumerate(weights):
                    pattern[b, head, query, key] = weight / sum(weights) if sum(weights) else 0.0
                    z[b, query, own] += pattern[b, head, query, key] * values[key].double()
    return z, pattern


@mask_kinds
@pasts
@groups
def test_attention_is_the_softmax_of_scaled_dot_products_times_the_values(n_past: int, n_kv_heads: int, kind: str):
    inputs = attention_inputs(n_past, n_kv_heads, kind, torch.float64)
    expected_z, expected_pattern = attention_by_loops(**inputs)
    z, _, pattern = ops.attention_with_pattern(**inputs)
    torch.testing.assert_close(z, expected_z, atol=1e-12, rtol=0)
    torch.testing.assert_close(pattern, expected_pattern, atol=1e-12, rtol=0)
    torch.testing.assert_close(ops.attention(**inputs)[0], expected_z, atol=1e-12, rtol=0)


@dtypes
@mask_kinds
@pasts
@groups
def test_both_attentions_agree_in_values_cache_and_gradients(
    n_past: int, n_kv_heads: int, kind: str, dtype: torch.dtype
):
    """With a query that may attend to nothing: it mixes zeros, and no gradient becomes NaN."""
    atol = 1e-5 if dtype == torch.float32 else 1e-12
    results = []
    for op in (ops.attention, ops.attention_with_pattern):
        inputs = attention_inputs(n_past, n_kv_heads, kind, dtype)
        leaves = [inputs[name].requires_grad_() for name in "qkv"]
        z, (key, value), *_ = op(**inputs)
        assert not z[1, 2].any()
        (z.square().sum() + key.sum() + value.square().sum()).backward()
        results.append([z, key, value, *(leaf.grad for leaf in leaves)])
    for plain, tapped in zip(*results, strict=True):
        assert tapped.isfinite().all()
        torch.testing.assert_close(plain, tapped, atol=atol, rtol=atol)


@pasts
def test_the_cache_is_the_past_with_the_new_keys_and_values_behind(n_past: int):
    inputs = attention_inputs(n_past, 2, "bool", torch.float64)
    for _, (key, value), *_ in (ops.attention(**inputs), ops.attention_with_pattern(**inputs)):
        for grown, new, old in ((key, inputs["k"], 0), (value, inputs["v"], 1)):
            assert grown.shape == (BATCH, 2, n_past + QUERY, D_HEAD)
            if n_past:
                assert torch.equal(grown[:, :, :n_past], inputs["past"][old])
            for kv_head in range(2):
                own = slice(kv_head * D_HEAD, (kv_head + 1) * D_HEAD)
                assert torch.equal(grown[:, kv_head, n_past:], new[..., own])


@pytest.mark.parametrize("op", [ops.attention, ops.attention_with_pattern])
def test_attention_passes_gradcheck(op: Callable[..., Any]):
    inputs = attention_inputs(4, 2, "float", torch.float64)
    names = ("q", "k", "v", "mask")
    # At -inf a difference quotient is no number; a bias of -4 lets the mask have a gradient everywhere.
    inputs["mask"] = inputs["mask"].clamp(min=-4)
    leaves = [inputs[name].requires_grad_() for name in names]

    def z(*values: Tensor) -> Tensor:
        return op(**inputs | dict(zip(names, values, strict=True)))[0]

    assert torch.autograd.gradcheck(z, leaves, fast_mode=True)


@pytest.mark.parametrize("d_rotated", [6, 4, 2], ids=["whole head", "partly", "one pair"])
@dtypes
def test_rotary_multiplies_pairs_by_a_complex_number(d_rotated: int, dtype: torch.dtype):
    x = random(BATCH, QUERY, 3 * D_HEAD, dtype=dtype)
    angles = random(BATCH, QUERY, d_rotated // 2, seed=1, dtype=dtype)
    heads = x.unflatten(-1, (3, D_HEAD)).double()
    pairs = torch.complex(heads[..., : d_rotated // 2], heads[..., d_rotated // 2 : d_rotated])
    turned = pairs * torch.exp(1j * angles.double())[:, :, None]
    expected = torch.cat([turned.real, turned.imag, heads[..., d_rotated:]], dim=-1).flatten(-2)
    rotated = ops.rotary(x, angles.cos(), angles.sin(), 3)
    assert rotated.dtype == dtype
    torch.testing.assert_close(rotated.double(), expected, atol=1e-6 if dtype == torch.float32 else 1e-14, rtol=0)


@dtypes
def test_rms_norm_agrees_with_torch(dtype: torch.dtype):
    x, weight = 10 * random(BATCH, QUERY, 24, dtype=dtype), random(24, seed=1, dtype=dtype)
    torch.testing.assert_close(ops.rms_norm(x, weight, 1e-5), F.rms_norm(x, (24,), weight, 1e-5))


def test_rms_norm_of_zeros_is_zero():
    assert not ops.rms_norm(torch.zeros(1, 3), torch.ones(3), 1e-5).any()


def test_rms_norm_does_not_mind_the_scale_of_its_input():
    x, weight = random(BATCH, QUERY, 24), random(24, seed=1)
    torch.testing.assert_close(ops.rms_norm(1000 * x, weight, 0.0), ops.rms_norm(x, weight, 0.0))


N_EXPERTS, D_EXPERT, D_MODEL = 5, 3, 4


def moe_inputs() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x, router logits, w_in and w_out."""
    x, router_logits = random(BATCH, QUERY, D_MODEL), random(BATCH, QUERY, N_EXPERTS, seed=1)
    w_in, w_out = random(N_EXPERTS, 2 * D_EXPERT, D_MODEL, seed=2), random(N_EXPERTS, D_MODEL, D_EXPERT, seed=3)
    return x, router_logits, w_in, w_out


def gradient(leaf: Tensor) -> Tensor:
    """The gradient that a backward pass has left."""
    assert leaf.grad is not None
    return leaf.grad


def moe_by_loops(x: Tensor, router_logits: Tensor, w_in: Tensor, w_out: Tensor, top_k: int) -> Tensor:
    """Every expert on every token, then a weighted sum in which all but the top k weigh nothing."""
    out = torch.zeros_like(x)
    for b in range(x.shape[0]):
        for token in range(x.shape[1]):
            probabilities = router_logits[b, token].softmax(dim=0)
            best = sorted(range(len(probabilities)), key=lambda expert: -probabilities[expert].item())[:top_k]
            total = sum(probabilities[expert] for expert in best)
            for expert in best:
                gate = w_in[expert, 0::2] @ x[b, token]
                up = w_in[expert, 1::2] @ x[b, token]
                swiglu = gate / (1 + (-gate).exp()) * up
                out[b, token] += probabilities[expert] / total * (w_out[expert] @ swiglu)
    return out


@pytest.mark.parametrize("top_k", [1, 2, N_EXPERTS])
def test_moe_is_the_weighted_sum_of_its_top_experts(top_k: int):
    inputs = moe_inputs()
    torch.testing.assert_close(ops.moe(*inputs, top_k), moe_by_loops(*inputs, top_k), atol=1e-13, rtol=0)


def test_moe_passes_gradcheck_in_router_and_experts():
    leaves = tuple(leaf.requires_grad_() for leaf in moe_inputs())
    assert torch.autograd.gradcheck(
        lambda x, logits, w_in, w_out: ops.moe(x, logits, w_in, w_out, 2), leaves, fast_mode=True
    )


def test_an_expert_that_nobody_chooses_gets_a_gradient_of_zero():
    x, logits, w_in, w_out = (leaf.requires_grad_() for leaf in moe_inputs())
    unloved = torch.zeros(N_EXPERTS, dtype=torch.float64)
    unloved[[1, 3]] = -math.inf
    ops.moe(x, logits + unloved, w_in, w_out, 2).square().sum().backward()
    assert all(gradient(leaf).isfinite().all() for leaf in (x, logits, w_in, w_out))
    for expert in range(N_EXPERTS):
        chosen = expert not in (1, 3)
        assert bool(gradient(w_in)[expert].any()) == bool(gradient(w_out)[expert].any()) == chosen
    assert not gradient(logits)[..., [1, 3]].any()


def test_an_expert_at_minus_infinity_weighs_nothing_even_if_it_must_be_taken():
    x, logits, w_in, w_out = moe_inputs()
    only = torch.full((N_EXPERTS,), -math.inf, dtype=torch.float64)
    only[4] = 0
    alone = ops.moe(x, logits[..., 4:], w_in[4:], w_out[4:], 1)
    torch.testing.assert_close(ops.moe(x, logits + only, w_in, w_out, 3), alone)


def test_moe_of_no_tokens_is_empty_and_trains():
    x, logits, w_in, w_out = (leaf.requires_grad_() for leaf in moe_inputs())
    out = ops.moe(x[:, :0], logits[:, :0], w_in, w_out, 2)
    assert out.shape == (BATCH, 0, D_MODEL)
    out.sum().backward()
    assert not gradient(w_in).any()


class Everything(torch.nn.Module):
    """Each op once."""

    def forward(self, x: Tensor, mask: Tensor, w_in: Tensor, w_out: Tensor) -> Tensor:
        heads: dict[str, Any] = {"past": None, "n_heads": 2, "n_kv_heads": 2, "scale": 1.0}
        x = ops.rotary(x, x[..., :1], x[..., 1:2], 2)
        x, _ = ops.attention(x, x, x, mask, **heads)
        x, _, _ = ops.attention_with_pattern(x, x, x, mask, **heads)
        return ops.moe(ops.rms_norm(x, x[0, 0], 1e-5), x, w_in, w_out, 2)


def test_torch_export_keeps_each_op_as_one_node_for_any_number_of_tokens():
    args = random(1, 5, 4), torch.ones(1, 1, 5, 5, dtype=torch.bool), random(4, 6, 4), random(4, 4, 3)
    tokens = torch.export.Dim("tokens")
    program = torch.export.export(
        Everything(), args, dynamic_shapes={"x": {1: tokens}, "mask": {2: tokens, 3: tokens}, "w_in": {}, "w_out": {}}
    )
    called = [str(node.target) for node in program.graph.nodes if "cutaway" in str(node.target)]
    names = ("rotary", "attention", "attention_with_pattern", "rms_norm", "moe")
    assert called == [f"cutaway.{name}.default" for name in names]
    other = random(1, 9, 4, seed=9), torch.ones(1, 1, 9, 9, dtype=torch.bool), *args[2:]
    torch.testing.assert_close(program.module()(*other), Everything()(*other))
