"""Capturing and editing taps: the table and the modules agree, and every context leaves the model as it was."""

from __future__ import annotations

import contextlib

import pytest
import torch
from torch import Tensor

from model import masks, taps
from model.config import GPTConfig, Scheme
from model.trace import ForwardTrace, Stream, Token
from model.transformer.capture import capture, hook_points, intervene
from model.transformer.gpt import GPT
from tests.model.util import EXPERTS, VARIANTS, all_taps, places, random_gpt, random_ids, tiny

N_TOKENS = 20
every_variant = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)


@every_variant
def test_the_tables_list_exactly_the_hook_points_of_the_model(config: GPTConfig):
    assert set(hook_points(GPT(config))) == {*taps.table(config), *taps.within(config)}


@every_variant
def test_every_tap_is_reached_in_the_order_and_the_shape_of_the_table(config: GPTConfig):
    ids = random_ids(config, N_TOKENS, batch=3)
    taken = all_taps(random_gpt(config), ids)
    del taken["logits"]
    table = taps.table(config)
    assert list(taken) == list(table)
    sizes = taps.sizes(config) | {"batch": 3} | dict.fromkeys(("pos", "query", "key"), N_TOKENS)
    for name, tap in table.items():
        assert taken[name].shape == tuple(sizes[axis] for axis in tap.axes), name


@every_variant
def test_what_is_captured_makes_a_trace_whose_readers_fit_together(config: GPTConfig):
    ids = random_ids(config, N_TOKENS, batch=1)
    taken = {name: tensor.numpy() for name, tensor in all_taps(random_gpt(config), ids).items()}
    logits = taken.pop("logits")
    tokens = tuple(Token(id, str(id), at, at + 1) for at, id in enumerate(ids[0].tolist()))
    trace = ForwardTrace(config, {"text": Stream("x" * N_TOKENS, tokens)}, taken, logits)
    at = places(N_TOKENS)
    for layer in range(config.n_layers):
        mask = masks.causal(at, at)[0]
        if config.window is not None and layer in config.windowed_layers:
            mask &= masks.sliding_window(at, at, config.window)[0]
        for head in range(config.n_heads):
            q, k, v = (torch.tensor(part) for part in trace.qkv(layer, head))
            scores = q @ k.T * config.score_scale
            if config.score_softcap is not None:
                scores = config.score_softcap * (scores / config.score_softcap).tanh()
            if config.positions.adds_to_scores:
                scores += torch.tensor(trace.read(taps.BIAS, layer)[head])
            pattern = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1)
            torch.testing.assert_close(pattern, torch.tensor(trace.pattern(layer)[head]))
            torch.testing.assert_close(pattern @ v, torch.tensor(trace.read(taps.Z, layer)[:, head]))


def test_capturing_some_taps_gives_those_and_the_latest_pass():
    config = tiny()
    module = random_gpt(config)
    names = [taps.PATTERN.name(2), "hook_embed"]
    with torch.no_grad(), capture(module, names) as taken:
        assert taken == {}
        module(random_ids(config, 5))
        assert set(taken) == set(names)
        module(random_ids(config, 9))
        assert taken["hook_embed"].shape[1] == 9


def test_captured_values_are_attached_to_the_graph():
    config = tiny()
    module = random_gpt(config)
    with capture(module, [taps.RESID_MID.name(0)]) as taken:
        logits = module(random_ids(config, 5)).logits
    (gradient,) = torch.autograd.grad(logits.square().sum(), taken[taps.RESID_MID.name(0)])
    assert gradient.abs().max() > 1e-6


@pytest.mark.parametrize("enter", [capture, lambda module, names: intervene(module, dict.fromkeys(names, torch.neg))])
@pytest.mark.parametrize("unknown", ["blocks.9.attn.hook_z", "blocks.0.attn", "hook_pos_embed", "ln_final"])
def test_a_name_that_is_no_hook_point_is_a_key_error_and_leaves_no_hook(enter, unknown: str):
    module = random_gpt(tiny())
    with pytest.raises(KeyError, match=f"no hook points named .*{unknown}"), enter(module, ["hook_embed", unknown]):
        pytest.fail("entered")
    assert not any(point.listening for point in hook_points(module).values())


class Interruption(Exception):
    pass


@pytest.mark.parametrize("enter", [capture, lambda module, names: intervene(module, dict.fromkeys(names, torch.neg))])
def test_hooks_are_gone_after_the_context_even_on_an_exception(enter):
    config = tiny()
    module, ids = random_gpt(config), random_ids(config, 7)
    with torch.no_grad():
        plain = module(ids).logits
        with contextlib.suppress(Interruption), enter(module, taps.table(config)):
            points = hook_points(module)
            assert {name for name, point in points.items() if point.listening} == set(taps.table(config))
            module(ids)
            raise Interruption
        assert not any(point.listening for point in hook_points(module).values())
        assert torch.equal(module(ids).logits, plain)


def test_an_exception_in_an_edit_leaves_no_hook():
    config = tiny()
    module = random_gpt(config)

    def fail(value: Tensor) -> Tensor:
        raise Interruption

    with pytest.raises(Interruption), intervene(module, {"hook_embed": fail}):
        module(random_ids(config, 7))
    assert not hook_points(module)["hook_embed"].listening


@pytest.mark.parametrize("scheme", ["learned", "alibi", "rope"])
def test_every_tap_that_is_edited_changes_what_comes_after_and_nothing_before(scheme: Scheme):
    config = tiny(scheme, experts=EXPERTS)
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    plain = all_taps(module, ids)
    order = list(taps.table(config))
    for at, name in enumerate(order):
        changed: dict[str, Tensor] = {}
        with intervene(module, {name: lambda value: value.flip(-1)}):
            changed = all_taps(module, ids)
        assert (changed["logits"] - plain["logits"]).abs().max() > 1e-6, name
        for before in order[:at]:
            assert torch.equal(changed[before], plain[before]), (name, before)


def test_the_identity_as_an_edit_changes_nothing():
    config = tiny("alibi", experts=EXPERTS)
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    plain = all_taps(module, ids)
    with intervene(module, dict.fromkeys(taps.table(config), lambda value: value)):
        torch.testing.assert_close(all_taps(module, ids), plain)


def test_switching_a_head_off_by_gate_is_editing_its_z():
    config = tiny()
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    gate = torch.ones(config.n_layers, config.n_heads, dtype=torch.float64)
    gate[1, 3] = 0

    def off(z: Tensor) -> Tensor:
        z[:, :, 3] = 0
        return z

    with torch.no_grad(), intervene(module, {taps.Z.name(1): off}):
        edited = module(ids).logits
    torch.testing.assert_close(edited, module(ids, head_gate=gate).logits)


@pytest.mark.parametrize("gated", [True, False])
def test_a_neuron_that_is_multiplied_is_a_column_of_the_way_out_that_is(gated: bool):
    config = tiny(gated_mlp=gated)
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    factors = torch.ones(config.d_mlp, dtype=torch.float64)
    factors[[3, 17, 39]] = torch.tensor([0.0, 2.0, 4.0], dtype=torch.float64)
    plain = module(ids).logits
    with torch.no_grad():
        with intervene(module, {taps.POST.name(1): lambda hidden: hidden * factors}):
            turned = module(ids).logits
        module.get_parameter("blocks.1.mlp.down.weight").mul_(factors)
        torch.testing.assert_close(turned, module(ids).logits)
    assert (turned - plain).abs().max() > 1e-3


def test_an_edited_pattern_is_mixed_with_the_values_of_past_and_present():
    config = tiny()
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)

    def first(pattern: Tensor) -> Tensor:
        return torch.zeros_like(pattern).index_fill(-1, torch.tensor([0]), 1.0)

    with torch.no_grad(), intervene(module, {taps.PATTERN.name(1): first}):
        full = all_taps(module, ids)
        past = module(ids[:, :12]).cache
        cached = all_taps(module, ids[:, 12:], past=past)
    value = full[taps.V.name(1)][:, :1].repeat_interleave(config.n_heads // config.kv_heads, dim=2)
    torch.testing.assert_close(full[taps.Z.name(1)], value.expand(-1, N_TOKENS, -1, -1))
    torch.testing.assert_close(cached[taps.Z.name(1)], full[taps.Z.name(1)][:, 12:])
    torch.testing.assert_close(cached["logits"], full["logits"][:, 12:])


def test_inside_an_intervention_capture_sees_the_edit_and_outside_it_does_not():
    config = tiny()
    module, ids = random_gpt(config), random_ids(config, N_TOKENS)
    plain = all_taps(module, ids)["hook_embed"]
    with torch.no_grad():
        with intervene(module, {"hook_embed": torch.neg}), capture(module, ["hook_embed"]) as inner:
            module(ids)
        with capture(module, ["hook_embed"]) as outer, intervene(module, {"hook_embed": torch.neg}):
            module(ids)
    assert torch.equal(inner["hook_embed"], -plain)
    assert torch.equal(outer["hook_embed"], plain)


def test_an_edit_may_write_into_what_it_is_given_while_training():
    config = tiny()
    module = random_gpt(config)

    def zero(value: Tensor) -> Tensor:
        return value.zero_()

    with intervene(module, dict.fromkeys([taps.Q.name(0), taps.PATTERN.name(1), taps.MLP_OUT.name(2)], zero)):
        module(random_ids(config, N_TOKENS)).logits.sum().backward()
    down, embed = module.get_parameter("blocks.2.mlp.down.weight").grad, module.embed.weight.grad
    assert down is not None
    assert not down.any()
    assert embed is not None
    assert embed.isfinite().all()
