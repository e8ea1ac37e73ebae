"""The GPT as a whole: parity with independent implementations, and what must hold for every variant."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
import torch

from model import masks, taps
from model.config import GPTConfig, Scheme
from model.transformer.gpt import GPT
from model.transformer.moe import balance_loss
from tests.model import published
from tests.model.util import (
    EXPERTS,
    VARIANTS,
    all_taps,
    assert_decoder_equals_transformers,
    places,
    random_gpt,
    random_ids,
    tiny,
)

N_TOKENS = 40
every_variant = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)


@pytest.mark.parametrize(
    ("name", "atol"),
    # All but GPT-2 take their softmax, and RoPE's angles, in float32 whatever the weights are.
    [("gpt2", 1e-9), *((name, 2e-5) for name in ("llama", "llama, multi-query", "mixtral", "bloom, 6 heads", "mpt"))],
)
def test_in_float64_logits_and_patterns_agree_with_transformers(name: str, atol: float, tmp_path: Path):
    """In float32, and for all others, tests/model/pretrained/test_pretrained_decoders.py holds the same."""
    peer = published.random_peer(published.DECODERS[name])
    module = published.saved(peer, tmp_path).module
    assert isinstance(module, GPT)
    assert_decoder_equals_transformers(peer.double(), module.double(), N_TOKENS, atol)


@every_variant
def test_a_window_of_the_config_is_a_sliding_window_as_attention_mask(config: GPTConfig):
    """Without a RoPE of windows' own, which a mask cannot bring."""
    config = dataclasses.replace(config, positions=dataclasses.replace(config.positions, window_theta=None))
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    windowed = random_gpt(dataclasses.replace(config, window=5, window_layers=None))
    mask = masks.sliding_window(places(N_TOKENS), places(N_TOKENS), 5)
    with torch.no_grad():
        by_mask = module(ids, attention_mask=mask).logits  # narrower than any window of the config itself
        torch.testing.assert_close(windowed(ids).logits, by_mask, atol=1e-12, rtol=0)
        assert (module(ids).logits - by_mask)[:, 5:].abs().max() > 1e-3


@every_variant
def test_a_later_token_never_changes_earlier_logits(config: GPTConfig):
    module = random_gpt(config)
    ids = random_ids(config, N_TOKENS)
    changed = ids.clone()
    changed[:, 25:] = (changed[:, 25:] + 1) % config.d_vocab
    with torch.no_grad():
        plain, other = module(ids).logits, module(changed).logits
    torch.testing.assert_close(other[:, :25], plain[:, :25], atol=1e-12, rtol=0)
    assert (other[:, 25:] - plain[:, 25:]).abs().amax(dim=-1).min() > 1e-3


@every_variant
def test_each_sequence_of_a_batch_is_on_its_own(config: GPTConfig):
    module = random_gpt(config)
    ids = random_ids(config, N_TOKENS, batch=3)
    with torch.no_grad():
        together = module(ids).logits
        alone = torch.cat([module(row[None]).logits for row in ids])
    torch.testing.assert_close(together, alone, atol=1e-12, rtol=0)


@every_variant
def test_the_stream_begins_with_rows_of_the_table(config: GPTConfig):
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    scale = math.sqrt(config.d_model) if config.scaled_embeddings else 1.0
    torch.testing.assert_close(all_taps(module, ids)["hook_embed"], module.embed.weight[ids] * scale)


@every_variant
def test_each_half_of_a_block_adds_its_output_to_the_stream(config: GPTConfig):
    taken = all_taps(random_gpt(config), random_ids(config, N_TOKENS))
    stream = taken["hook_embed"] + taken.get("hook_pos_embed", 0)
    if config.embed_norm:
        stream = taken["ln_embed.hook_normalized"]
    for layer in range(config.n_layers):
        torch.testing.assert_close(taken[taps.RESID_PRE.name(layer)], stream)
        stream = stream + taken[taps.ATTN_OUT.name(layer)]
        if not config.parallel:
            torch.testing.assert_close(taken[taps.RESID_MID.name(layer)], stream)
        stream = stream + taken[taps.MLP_OUT.name(layer)]
        torch.testing.assert_close(taken[taps.RESID_POST.name(layer)], stream)


@every_variant
def test_each_pattern_row_is_a_causal_distribution_and_mixes_the_values(config: GPTConfig):
    taken = all_taps(random_gpt(config), random_ids(config, N_TOKENS))
    past_or_self = torch.ones(N_TOKENS, N_TOKENS, dtype=torch.bool).tril()
    for layer in range(config.n_layers):
        pattern = taken[taps.PATTERN.name(layer)]
        torch.testing.assert_close(pattern.sum(dim=-1), torch.ones_like(pattern[..., 0]))
        assert (pattern >= 0).all()
        assert not pattern.masked_select(~past_or_self).any()
        value = taken[taps.V.name(layer)].repeat_interleave(config.n_heads // config.kv_heads, dim=2)
        z = torch.einsum("bhqk,bkhd->bqhd", pattern, value)
        torch.testing.assert_close(taken[taps.Z.name(layer)], z)


@every_variant
def test_looking_changes_nothing(config: GPTConfig):
    """Tapped, attention runs through another op than untapped."""
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    with torch.no_grad():
        untapped = module(ids).logits
    torch.testing.assert_close(all_taps(module, ids)["logits"], untapped, atol=1e-10, rtol=1e-10)


@every_variant
def test_gradients_reach_every_parameter_and_are_finite(config: GPTConfig):
    module = random_gpt(config)
    output = module(random_ids(config, N_TOKENS))
    (output.logits.square().mean() + output.balance_loss).backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        if not name.endswith("attn.k.bias"):  # one number added to all scores of a row changes no softmax
            assert parameter.grad.abs().max() > 1e-8, name


@every_variant
def test_logits_do_not_depend_on_what_a_mask_hides(config: GPTConfig):
    module = random_gpt(config)
    ids = random_ids(config, N_TOKENS)
    hidden = torch.zeros(1, N_TOKENS, dtype=torch.bool)
    hidden[:, 10:13] = True
    mask = masks.padding(~hidden) | torch.eye(N_TOKENS, dtype=torch.bool)
    changed = torch.where(hidden, (ids + 1) % config.d_vocab, ids)
    with torch.no_grad():
        plain = module(ids, attention_mask=mask).logits
        other = module(changed, attention_mask=mask).logits
    visible = ~hidden[0]
    torch.testing.assert_close(other[:, visible], plain[:, visible], atol=1e-12, rtol=0)
    assert (other - plain)[:, ~visible].abs().max() > 1e-3


@every_variant
def test_a_mask_that_allows_nothing_leaves_the_stream_to_the_mlps(config: GPTConfig):
    module = random_gpt(config)
    nothing = torch.zeros(1, 1, N_TOKENS, dtype=torch.bool)
    taken = all_taps(module, random_ids(config, N_TOKENS), attention_mask=nothing)
    for layer in range(config.n_layers):
        assert not taken[taps.PATTERN.name(layer)].any()
        assert not taken[taps.Z.name(layer)].any()
    assert taken["logits"].isfinite().all()
    output = module(random_ids(config, N_TOKENS), attention_mask=nothing)
    output.logits.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in module.parameters())


def test_without_positions_the_last_token_sees_a_bag_of_words():
    config = tiny("none", n_layers=1)
    module = random_gpt(config)
    ids = random_ids(config, N_TOKENS, batch=1)
    order = torch.randperm(N_TOKENS - 1, generator=torch.Generator().manual_seed(0))
    shuffled = torch.cat([ids[:, order], ids[:, -1:]], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(module(shuffled).logits[:, -1], module(ids).logits[:, -1])


@pytest.mark.parametrize("scheme", ["sinusoidal", "learned", "t5", "rope", "alibi"])
def test_every_other_scheme_tells_orders_apart(scheme: Scheme):
    config = tiny(scheme, n_layers=1)
    module = random_gpt(config)
    ids = random_ids(config, N_TOKENS, batch=1)
    reversed_ids = torch.cat([ids[:, :-1].flip(1), ids[:, -1:]], dim=1)
    with torch.no_grad():
        assert (module(reversed_ids).logits - module(ids).logits)[:, -1].abs().max() > 1e-3


def test_learned_positions_end_at_n_ctx_with_a_clear_error():
    config = tiny("learned")
    module = random_gpt(config)
    assert module(random_ids(config, config.n_ctx)).logits.shape[1] == config.n_ctx
    with pytest.raises(ValueError, match=f"65 tokens.*n_ctx = {config.n_ctx}"):
        module(random_ids(config, config.n_ctx + 1))
    past = module(random_ids(config, config.n_ctx)).cache
    with pytest.raises(ValueError, match=f"65 tokens.*n_ctx = {config.n_ctx}"):
        module(random_ids(config, 1), past=past)


@pytest.mark.parametrize("scheme", ["none", "sinusoidal", "t5", "rope", "alibi"])
def test_other_schemes_go_on_past_n_ctx(scheme: Scheme):
    config = tiny(scheme)
    with torch.no_grad():
        assert random_gpt(config)(random_ids(config, 2 * config.n_ctx)).logits.isfinite().all()


def test_a_mask_of_another_kind_is_refused():
    """One of 0 and 1 for each token, as tokenizers give it, would be added to the scores."""
    with pytest.raises(ValueError, match=r"attention_mask is torch.int64 \(2, 5\); give bool"):
        random_gpt(tiny())(random_ids(tiny(), 5), attention_mask=torch.ones(2, 5).long())


@every_variant
def test_every_variant_runs_in_bfloat16(config: GPTConfig):
    ids = random_ids(config, N_TOKENS)
    with torch.no_grad():
        exact = random_gpt(config)(ids).logits
        rough = random_gpt(config, dtype=torch.bfloat16)(ids).logits
    assert rough.dtype == torch.bfloat16
    assert torch.corrcoef(torch.stack([exact.flatten(), rough.double().flatten()]))[0, 1] > 0.9


def test_a_gate_of_zero_is_a_z_of_zero_and_a_gate_of_one_is_none():
    config = tiny()
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    gate = torch.ones(config.n_layers, config.n_heads, dtype=torch.float64)
    torch.testing.assert_close(all_taps(module, ids, head_gate=gate)["logits"], all_taps(module, ids)["logits"])
    gate[1, 2] = 0
    z = all_taps(module, ids, head_gate=gate)[taps.Z.name(1)]
    assert not z[:, :, 2].any()
    assert z[:, :, [0, 1, 3]].abs().amax(dim=(0, 1, 3)).min() > 1e-3


def test_an_expert_bias_acts_in_its_own_block():
    config = tiny(experts=EXPERTS)
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    bias = torch.zeros(config.n_layers, EXPERTS.n_experts, dtype=torch.float64)
    bias[2, 3] = float("-inf")
    plain, edited = all_taps(module, ids), all_taps(module, ids, expert_bias=bias)
    torch.testing.assert_close(edited[taps.ROUTER.name(0)], plain[taps.ROUTER.name(0)])
    assert edited[taps.ROUTER.name(2)][..., 3].isneginf().all()
    assert edited["logits"].isfinite().all()
    assert (edited["logits"] - plain["logits"]).abs().max() > 1e-3


def test_the_balance_loss_sums_the_losses_of_the_routers():
    config = tiny(experts=EXPERTS)
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    taken = all_taps(module, ids)
    expected = sum(balance_loss(taken[taps.ROUTER.name(layer)], EXPERTS.top_k) for layer in config.expert_layers)
    torch.testing.assert_close(module(ids).balance_loss, expected)
    assert random_gpt(tiny())(ids).balance_loss == 0


def test_the_head_reads_the_embedding_where_they_are_tied():
    tied, untied = GPT(tiny()), GPT(tiny(tied_embeddings=False))
    assert not any("unembed" in name for name in tied.state_dict())
    assert untied.state_dict()["unembed.weight"].shape == tied.embed.weight.shape


def test_a_fresh_model_predicts_almost_uniformly():
    """Its loss is near ln d_vocab; large initial weights would start far above."""
    config = tiny(d_vocab=500, d_model=48, experts=EXPERTS)
    torch.manual_seed(0)
    module = GPT(config)
    ids = random_ids(config, N_TOKENS, batch=8)
    with torch.no_grad():
        logits = module(ids).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    assert loss.item() == pytest.approx(torch.tensor(500.0).log().item(), abs=0.05)


def test_projections_into_the_stream_start_smaller():
    config = tiny(n_layers=8, d_model=96, d_mlp=128, experts=EXPERTS)
    torch.manual_seed(0)
    spread = {name: parameter.std().item() for name, parameter in GPT(config).named_parameters() if parameter.dim() > 1}
    for name, std in spread.items():
        into_stream = name.endswith(("attn.o.weight", "mlp.down.weight", "w_out"))
        assert std == pytest.approx(0.02 / 4 if into_stream else 0.02, rel=0.1), name
