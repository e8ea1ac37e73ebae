"""Each position scheme against its formula or the reference implementation, past every threshold of its own."""

from __future__ import annotations

import math

import pytest
import torch
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb
from transformers.models.t5.modeling_t5 import T5Attention

from model.config import PositionConfig, Scheme
from model.transformer import positions
from model.transformer.positions import Alibi, Learned, PositionScheme, Rope, Sinusoidal, T5Bias
from tests.model.util import SCHEMES, places

D_HEAD = 16


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_no_positions_do_nothing():
    scheme = PositionScheme()
    q, k = random(1, 5, 32), random(1, 5, 16)
    assert scheme.embed(places(5)) is None
    assert scheme.bias(places(5), places(5)) is None
    turned_q, turned_k = scheme.rotate(q, k, places(5), 2, 1)
    assert turned_q is q
    assert turned_k is k


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_config_makes_the_scheme_it_names_and_says_truly_what_that_adds(scheme: Scheme):
    config = PositionConfig(scheme, n_buckets=8, max_distance=16)
    made = positions.make(config, d_model=24, n_heads=2, d_rotary=12, n_ctx=10)
    torch.manual_seed(0)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    kinds = {"none": PositionScheme, "t5": T5Bias, "rope": Rope, "alibi": Alibi, "learned": Learned}
    assert type(made) is kinds.get(scheme, Sinusoidal)
    embedded, bias = made.embed(places(5)), made.bias(places(5), places(7))
    assert (embedded is not None) == config.adds_to_embeddings
    assert embedded is None or embedded.shape == (1, 5, 24)
    assert (bias is not None) == config.adds_to_scores
    assert bias is None or bias.shape == (1, 2, 5, 7)
    assert made.n_positions == (10 if scheme == "learned" else None)


def test_sinusoidal_positions_are_the_formula_of_the_paper():
    d_model, n = 10, 700
    embedded = Sinusoidal(d_model).embed(places(n))[0]
    for position in (0, 1, 2, 63, 64, 511, 699):
        for i in range(d_model // 2):
            angle = position / 10_000 ** (2 * i / d_model)
            assert embedded[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-4)
            assert embedded[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-4)


def test_a_sinusoidal_position_turned_by_a_fixed_rotation_is_a_later_one():
    """PE(p + k) is linear in PE(p) (Vaswani et al. 2017, sec. 3.5): the dot product of two depends on k alone."""
    embedded = Sinusoidal(32).embed(places(300))[0].double()
    products = embedded @ embedded.T
    for distance in (0, 1, 17, 128):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[0].expand_as(diagonal), atol=1e-3, rtol=0)


def test_learned_positions_are_rows_of_their_table():
    scheme = Learned(n_ctx=12, d_model=4)
    torch.nn.init.normal_(scheme.weight)
    at = torch.tensor([[3, 0, 11], [5, 5, 1]])
    assert torch.equal(scheme.embed(at), scheme.weight[at])


@pytest.mark.parametrize("theta", [10_000.0, 500_000.0])
def test_rope_agrees_with_transformers_far_out(theta: float):
    n_heads, n_kv_heads = 4, 2
    at = torch.tensor([[0, 1, 2, 127, 128, 511, 512, 4095], [9, 8, 7, 6, 5, 4, 3, 2]])
    q, k = random(2, 8, n_heads * D_HEAD).float(), random(2, 8, n_kv_heads * D_HEAD, seed=1).float()
    config = LlamaConfig(head_dim=D_HEAD, rope_parameters={"rope_type": "default", "rope_theta": theta})
    cos, sin = LlamaRotaryEmbedding(config)(q, at)
    heads = [x.unflatten(-1, (-1, D_HEAD)).transpose(1, 2) for x in (q, k)]
    expected = [x.transpose(1, 2).flatten(-2) for x in apply_rotary_pos_emb(*heads, cos, sin)]
    rotated = Rope(d_rotary=D_HEAD, theta=theta).rotate(q, k, at, n_heads, n_kv_heads)
    # At position 4095 one rounding of a frequency in float32 is an angle of 2e-4.
    torch.testing.assert_close(rotated, tuple(expected), atol=2e-3, rtol=0)
    torch.testing.assert_close([x[1] for x in rotated], [x[1] for x in expected], atol=1e-5, rtol=0)


@pytest.mark.parametrize("shift", [1, 37, 1000])
def test_rope_makes_dot_products_depend_on_the_distance_alone(shift: int):
    scheme = Rope(d_rotary=D_HEAD, theta=10_000.0).double()
    q, k = random(1, 50, D_HEAD), random(1, 50, D_HEAD, seed=1)

    def scores(start: int) -> torch.Tensor:
        turned_q, turned_k = scheme.rotate(q, k, places(50, start), 1, 1)
        return turned_q @ turned_k.mT

    torch.testing.assert_close(scores(shift), scores(0), atol=1e-9, rtol=0)
    assert (scores(0) - q @ k.mT).abs().max() > 1


def test_rope_keeps_norms_and_leaves_position_zero_alone():
    q, k = random(1, 300, 2 * D_HEAD), random(1, 300, D_HEAD, seed=1)
    turned_q, turned_k = Rope(d_rotary=D_HEAD, theta=10_000.0).double().rotate(q, k, places(300), 2, 1)
    for turned, plain in ((turned_q, q), (turned_k, k)):
        norms = (x.unflatten(-1, (-1, D_HEAD)).norm(dim=-1) for x in (turned, plain))
        torch.testing.assert_close(*norms)
        assert torch.equal(turned[:, 0], plain[:, 0])


def test_rope_frequencies_fall_from_one_in_a_geometric_series():
    frequencies = Rope(d_rotary=D_HEAD, theta=10_000.0).frequencies
    expected = torch.tensor([10_000 ** (-2 * i / D_HEAD) for i in range(D_HEAD // 2)])
    torch.testing.assert_close(frequencies, expected)


@pytest.mark.parametrize("n_heads", [1, 2, 6, 8, 12, 16, 20])
def test_alibi_agrees_with_bloom_for_powers_of_two_and_others(n_heads: int):
    """BLOOM adds slope x key position; that differs from ours by the query's part, the same for a whole row."""
    n = 300
    theirs = build_alibi_tensor(torch.ones(1, n), n_heads, torch.float32).view(1, n_heads, 1, n)
    ours = Alibi(n_heads).bias(places(n), places(n))
    causal = torch.ones(n, n, dtype=torch.bool).tril()
    patterns = [(bias + torch.zeros_like(ours)).masked_fill(~causal, -math.inf).softmax(-1) for bias in (ours, theirs)]
    torch.testing.assert_close(*patterns, atol=1e-5, rtol=0)


def test_alibi_is_a_penalty_by_distance_steepest_in_the_first_head():
    bias = Alibi(8).bias(places(1, 500), places(501))[0, :, 0]
    assert not bias[:, 500].any()
    for head in range(8):
        torch.testing.assert_close(bias[head], -(2.0 ** -(head + 1)) * torch.arange(500, -1, -1.0))


@pytest.mark.parametrize("bidirectional", [True, False], ids=["encoder", "decoder"])
@pytest.mark.parametrize(("n_buckets", "max_distance"), [(32, 128), (32, 256), (8, 20), (64, 500)])
def test_t5_buckets_agree_with_transformers_far_past_the_last(n_buckets: int, max_distance: int, bidirectional: bool):
    relative = torch.arange(-600, 601)
    expected = T5Attention._relative_position_bucket(relative, bidirectional, n_buckets, max_distance)
    buckets = positions.t5_bucket(relative, n_buckets, max_distance, bidirectional)
    assert torch.equal(buckets, expected)
    never = {n_buckets // 2} if bidirectional else set()  # a distance of zero ahead
    assert set(buckets.tolist()) == set(range(n_buckets)) - never


def test_t5_gives_each_head_a_number_for_each_bucket():
    scheme = T5Bias(n_heads=3, n_buckets=32, max_distance=128, bidirectional=False)
    torch.nn.init.normal_(scheme.weight)
    q, k = places(200, 100), places(300)
    bias = scheme.bias(q, k)
    assert bias.shape == (1, 3, 200, 300)
    for query, key in ((0, 0), (0, 100), (0, 250), (199, 0), (199, 299), (57, 142)):
        bucket = positions.t5_bucket(k[0, key] - q[0, query], 32, 128, bidirectional=False)
        assert torch.equal(bias[0, :, query, key], scheme.weight[bucket])


@pytest.mark.parametrize(
    "scheme", [Alibi(4), T5Bias(n_heads=4, n_buckets=8, max_distance=16, bidirectional=False)], ids=["alibi", "t5"]
)
def test_a_bias_does_not_change_when_all_positions_shift(scheme: PositionScheme):
    torch.manual_seed(0)
    for parameter in scheme.parameters():
        torch.nn.init.normal_(parameter)
    bias, shifted = scheme.bias(places(40), places(40)), scheme.bias(places(40, 77), places(40, 77))
    assert bias is not None
    assert shifted is not None
    assert torch.equal(bias, shifted)


def test_each_sequence_of_a_batch_has_its_own_positions():
    at = torch.stack([torch.arange(5), torch.arange(10, 15)])
    q = random(2, 5, D_HEAD)
    for row in range(2):
        own = at[row : row + 1]
        torch.testing.assert_close(Sinusoidal(8).embed(at)[row : row + 1], Sinusoidal(8).embed(own))
        torch.testing.assert_close(Alibi(2).bias(at, at.flip(1))[row : row + 1], Alibi(2).bias(own, own.flip(1)))
        rope = Rope(d_rotary=D_HEAD, theta=10_000.0).double()
        turned, _ = rope.rotate(q, q, at, 1, 1)
        alone, _ = rope.rotate(q[row : row + 1], q[row : row + 1], own, 1, 1)
        torch.testing.assert_close(turned[row : row + 1], alone)
