"""Attention as a module: what the number of key heads means, what a mask and a gate do, and what editing a tap does."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model import masks
from model.transformer.attention import Attention, tap_heads
from model.transformer.capture import capture, intervene
from model.transformer.layers import HookPoint
from model.transformer.passes import LayerPass
from model.transformer.positions import Alibi, PositionScheme, Rope
from tests.model.util import places

D_MODEL, N_HEADS, D_HEAD, N = 20, 4, 6, 23
X = torch.randn(2, N, D_MODEL, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
AT = places(N, batch=2)
CAUSAL = masks.causal(AT, AT)


def attention(n_kv_heads: int = 2, bias: bool = False, biased_scores: bool = False) -> Attention:
    torch.manual_seed(1)
    return Attention(
        d_model=D_MODEL, n_heads=N_HEADS, n_kv_heads=n_kv_heads, d_head=D_HEAD, bias=bias, biased_scores=biased_scores
    ).double()


def attend(
    module: Attention,
    scheme: PositionScheme | None = None,
    mask: Tensor = CAUSAL,
    head_gate: Tensor | None = None,
) -> Tensor:
    return module(X, LayerPass(scheme or PositionScheme(), AT, AT, mask, head_gate=head_gate))[0]


def test_with_as_many_key_heads_as_heads_it_is_torchs_multihead_attention():
    module = attention(n_kv_heads=N_HEADS)
    peer = nn.MultiheadAttention(N_HEADS * D_HEAD, N_HEADS, bias=False, batch_first=True, dtype=torch.float64)
    wide = torch.eye(N_HEADS * D_HEAD, dtype=torch.float64)
    with torch.no_grad():
        peer.in_proj_weight.copy_(wide.repeat(3, 1))
        peer.out_proj.weight.copy_(wide)
        expected, pattern = peer(
            module.q(X), module.k(X), module.v(X), attn_mask=~CAUSAL[0], average_attn_weights=False
        )
        with capture(module, ["hook_pattern"]) as taken:
            torch.testing.assert_close(attend(module), module.o(expected))
    torch.testing.assert_close(taken["hook_pattern"], pattern)


@pytest.mark.parametrize("n_kv_heads", [1, 2], ids=["mqa", "gqa"])
def test_shared_key_heads_are_full_attention_with_repeated_weights(n_kv_heads: int):
    """Query head h reads key head h // group: neighbours share, as in every published checkpoint."""
    grouped, full = attention(n_kv_heads), attention(N_HEADS)
    weights = grouped.state_dict()
    for name in ("k.weight", "v.weight"):
        heads = weights[name].unflatten(0, (n_kv_heads, D_HEAD))
        weights[name] = heads.repeat_interleave(N_HEADS // n_kv_heads, dim=0).flatten(0, 1)
    full.load_state_dict(weights)
    for scheme in (PositionScheme(), Rope(d_rotary=D_HEAD, theta=10_000.0).double()):
        torch.testing.assert_close(attend(grouped, scheme), attend(full, scheme))


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4])
def test_fewer_key_heads_are_fewer_weights_and_a_smaller_cache(n_kv_heads: int):
    module = attention(n_kv_heads)
    assert module.k.weight.shape == module.v.weight.shape == (n_kv_heads * D_HEAD, D_MODEL)
    _, (key, value) = module(X, LayerPass(PositionScheme(), AT, AT, CAUSAL))
    assert key.shape == value.shape == (2, n_kv_heads, N, D_HEAD)


def test_scores_are_scaled_by_the_square_root_of_d_head():
    module = attention(n_kv_heads=N_HEADS)
    with torch.no_grad(), capture(module, ["hook_rot_q", "hook_rot_k", "hook_pattern"]) as taken:
        attend(module)
    scores = torch.einsum("bqhd,bkhd->bhqk", taken["hook_rot_q"], taken["hook_rot_k"]) / D_HEAD**0.5
    expected = scores.masked_fill(~CAUSAL[:, None], float("-inf")).softmax(dim=-1)
    torch.testing.assert_close(taken["hook_pattern"], expected)


def test_a_bias_of_the_position_scheme_is_tapped_and_added_before_the_softmax():
    module, scheme = attention(N_HEADS, biased_scores=True), Alibi(N_HEADS).double()
    names = ["hook_q", "hook_k", "hook_attn_bias", "hook_pattern"]
    with torch.no_grad(), capture(module, names) as taken:
        attend(module, scheme)
    torch.testing.assert_close(taken["hook_attn_bias"], scheme.bias(AT, AT))
    scores = torch.einsum("bqhd,bkhd->bhqk", taken["hook_q"], taken["hook_k"]) / D_HEAD**0.5
    expected = (scores + scheme.bias(AT, AT)).masked_fill(~CAUSAL[:, None], float("-inf")).softmax(dim=-1)
    torch.testing.assert_close(taken["hook_pattern"], expected)


def test_only_a_biased_attention_has_a_place_to_look_at_biases():
    assert not hasattr(attention(), "hook_attn_bias")
    assert isinstance(attention(biased_scores=True).hook_attn_bias, HookPoint)


def test_with_a_single_key_allowed_a_token_gets_that_keys_value():
    module = attention(n_kv_heads=N_HEADS)
    only_first = torch.zeros(1, N, N, dtype=torch.bool)
    only_first[:, :, 0] = True
    expected = module.o(module.v(X[:, :1])).expand(-1, N, -1)
    torch.testing.assert_close(attend(module, mask=only_first), expected)


@pytest.mark.parametrize("listening", [False, True])
def test_a_token_that_may_attend_to_nothing_adds_the_output_bias_alone(listening: bool):
    module = attention(bias=True)
    mask = CAUSAL.clone()
    mask[:, 5] = False
    with capture(module, ["hook_pattern"] if listening else []):
        out = attend(module, mask=mask)
    torch.testing.assert_close(out[:, 5], module.o.bias.expand(2, -1))
    assert (out[:, 6] - module.o.bias).abs().max() > 1e-3


def test_a_gate_multiplies_each_heads_part():
    module = attention()
    gate = torch.tensor([1.0, 0.0, 0.5, -2.0], dtype=torch.float64)
    with capture(module, ["hook_z"]) as plain:
        attend(module)
    with capture(module, ["hook_z"]) as gated:
        out = attend(module, head_gate=gate)
    torch.testing.assert_close(gated["hook_z"], plain["hook_z"] * gate[:, None])
    torch.testing.assert_close(out, module.o(gated["hook_z"].flatten(-2)))


def test_a_gate_of_zero_is_the_same_as_editing_z():
    module = attention()
    gate = torch.tensor([1.0, 0.0, 1.0, 1.0], dtype=torch.float64)

    def off(z: Tensor) -> Tensor:
        return z * gate[:, None]

    with intervene(module, {"hook_z": off}):
        edited = attend(module)
    torch.testing.assert_close(edited, attend(module, head_gate=gate))
    assert (edited - attend(module)).abs().max() > 1e-3


def test_an_edited_pattern_mixes_the_values_anew():
    module = attention(n_kv_heads=2)

    def uniform(pattern: Tensor) -> Tensor:
        return CAUSAL[:, None] / CAUSAL.sum(dim=-1)[:, None, :, None] + torch.zeros_like(pattern)

    with intervene(module, {"hook_pattern": uniform}):
        out = attend(module)
    value = module.v(X)
    mean = value.cumsum(dim=1) / torch.arange(1, N + 1)[:, None]
    repeated = mean.unflatten(-1, (2, D_HEAD)).repeat_interleave(2, dim=2).flatten(-2)
    torch.testing.assert_close(out, module.o(repeated))


def test_an_edit_that_writes_into_the_pattern_counts_as_well():
    module = attention()

    def copy(pattern: Tensor) -> Tensor:
        return torch.where(torch.arange(N) == 0, 1.0, 0.0).expand_as(pattern).double()

    def write(pattern: Tensor) -> Tensor:
        pattern.zero_()
        pattern[..., 0] = 1
        return pattern

    with torch.no_grad():
        with intervene(module, {"hook_pattern": copy}):
            expected = attend(module)
        with intervene(module, {"hook_pattern": write}):
            torch.testing.assert_close(attend(module), expected)


@pytest.mark.parametrize("name", ["hook_q", "hook_k", "hook_v", "hook_rot_q", "hook_rot_k", "hook_z"])
def test_every_edited_tap_changes_the_output_and_the_identity_does_not(name: str):
    module, scheme = attention(), Rope(d_rotary=D_HEAD, theta=10_000.0).double()
    plain = attend(module, scheme)
    with intervene(module, {name: lambda value: value}):
        torch.testing.assert_close(attend(module, scheme), plain)
    with intervene(module, {name: lambda value: value.roll(1, dims=1)}):
        assert (attend(module, scheme) - plain).abs().max() > 1e-3


def test_heads_are_shown_apart_and_put_together_again():
    hook, flat = HookPoint(), torch.arange(24.0).reshape(1, 2, 12)
    assert tap_heads(hook, flat, 3) is flat
    hook.register_forward_hook(lambda _module, _args, heads: heads.flip(2))
    swapped = tap_heads(hook, flat, 3)
    torch.testing.assert_close(swapped.unflatten(-1, (3, 4)), flat.unflatten(-1, (3, 4)).flip(2))


def test_float32_attention_is_close_to_float64():
    wide = attention()
    narrow = attention().float()
    out, _ = narrow(X.float(), LayerPass(PositionScheme(), AT, AT, CAUSAL))
    assert F.mse_loss(out.double(), attend(wide)) < 1e-12
