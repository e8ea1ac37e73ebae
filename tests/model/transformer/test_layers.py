"""The leaves against torch's own and their formulas."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from model.config import Activation
from model.transformer.capture import capture
from model.transformer.layers import ACTIVATIONS, MLP, HookPoint, LayerNorm, RMSNorm

X = 3 * torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 1


@pytest.mark.parametrize(("norm", "peer"), [(RMSNorm, torch.nn.RMSNorm), (LayerNorm, torch.nn.LayerNorm)])
def test_norms_agree_with_torch_and_are_tapped(norm: type, peer: type):
    ours, theirs = norm(12, eps=1e-5).double(), peer(12, eps=1e-5, dtype=torch.float64)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.normal_()
    theirs.load_state_dict(ours.state_dict())
    with capture(ours, ["hook_normalized"]) as taken:
        normalized = ours(X)
    torch.testing.assert_close(normalized, theirs(X))
    assert torch.equal(taken["hook_normalized"], normalized)


def test_rms_norm_gives_unit_root_mean_square_and_keeps_the_mean():
    normalized = RMSNorm(12, eps=0.0).double()(X)
    torch.testing.assert_close(normalized.square().mean(dim=-1), torch.ones(2, 5, dtype=torch.float64))
    torch.testing.assert_close(normalized / normalized[..., :1], X / X[..., :1])


def test_layer_norm_centres_as_well():
    normalized = LayerNorm(12, eps=0.0).double()(X)
    torch.testing.assert_close(normalized.mean(dim=-1), torch.zeros(2, 5, dtype=torch.float64))
    torch.testing.assert_close(normalized.square().mean(dim=-1), torch.ones(2, 5, dtype=torch.float64))


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("relu", lambda x: max(x, 0.0)),
        ("gelu", lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
        ("gelu_tanh", lambda x: x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2),
        ("silu", lambda x: x / (1 + math.exp(-x))),
    ],
)
def test_activations_are_their_formulas(name: Activation, formula):
    x = torch.linspace(-6, 6, 41, dtype=torch.float64)
    expected = torch.tensor([formula(value) for value in x.tolist()], dtype=torch.float64)
    torch.testing.assert_close(ACTIVATIONS[name](x), expected)


def test_every_activation_has_its_formula_above():
    assert set(ACTIVATIONS) == {"relu", "gelu", "gelu_tanh", "silu"}


@pytest.mark.parametrize("bias", [False, True])
def test_a_gated_mlp_is_swiglu_and_a_plain_one_is_not(bias: bool):
    torch.manual_seed(0)
    gated = MLP(d_model=12, d_mlp=20, activation="silu", gated=True, bias=bias).double()
    plain = MLP(d_model=12, d_mlp=20, activation="gelu", gated=False, bias=bias).double()
    assert gated.gate is not None
    out, router_logits = gated(X)
    assert router_logits is None
    torch.testing.assert_close(out, gated.down(F.silu(gated.gate(X)) * gated.up(X)))
    torch.testing.assert_close(plain(X)[0], plain.down(F.gelu(plain.up(X))))
    assert not any("gate" in name for name, _ in plain.named_parameters())
    assert any("bias" in name for name, _ in gated.named_parameters()) == bias


def test_a_hook_point_is_the_identity_and_knows_its_listeners():
    point = HookPoint()
    assert point(X) is X
    assert not point.listening
    with point.register_forward_hook(lambda _module, _args, output: output + 1):
        assert point.listening
        torch.testing.assert_close(point(X), X + 1)
    assert not point.listening
