"""T5: what its parts are for, beyond agreeing with `transformers` (test_pretrained_encoders.py)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from model import taps
from model.config import Place, PositionConfig, T5Config, from_json, to_json
from model.trace import ForwardTrace, Stream, Token
from model.transformer.capture import capture, hook_points
from model.transformer.t5 import T5

CONFIG = T5Config(
    name="tiny",
    d_vocab=61,
    n_ctx=40,
    d_model=24,
    n_layers=2,
    n_decoder_layers=3,
    n_heads=4,
    d_head=10,
    d_mlp=40,
    positions=PositionConfig("t5", n_buckets=8, max_distance=16),
)
LENGTHS: dict[Place, int] = {"encoder": 9, "decoder": 5}


def random_t5(config: T5Config = CONFIG) -> T5:
    torch.manual_seed(0)
    return T5(config).double().eval()


def random_ids(n_tokens: int, seed: int = 1) -> Tensor:
    return torch.randint(CONFIG.d_vocab, (2, n_tokens), generator=torch.Generator().manual_seed(seed))


def everything(module: T5) -> tuple[Tensor, dict[str, Tensor]]:
    """Logits and all taps of one pass over the lengths above."""
    with torch.no_grad(), capture(module, taps.table(module.config)) as taken:
        logits = module(random_ids(9), random_ids(5, seed=2)).logits
    return logits, taken


def test_its_hook_points_are_the_table_and_its_taps_have_the_tables_shapes() -> None:
    module, table = random_t5(), taps.table(CONFIG)
    assert hook_points(module).keys() == {*table, *taps.within(CONFIG)}
    _, taken = everything(module)
    sizes = taps.sizes(CONFIG) | {"batch": 2} | LENGTHS
    for name, tap in table.items():
        assert tuple(taken[name].shape) == tuple(sizes[length] for length in tap.lengths), name


def test_a_trace_holds_both_streams_and_the_attention_between_them() -> None:
    logits, taken = everything(random_t5())
    streams = {name: Stream("", tuple(Token(id, str(id), 0, 0) for id in range(n))) for name, n in LENGTHS.items()}
    arrays = {name: tensor[:1].numpy() for name, tensor in taken.items()}
    trace = ForwardTrace(CONFIG, streams, arrays, logits[:1].numpy())
    assert len(trace.tokens) == 9
    assert trace.pattern(0, "encoder").shape == (4, 9, 9)
    assert trace.pattern(2, "decoder").shape == (4, 5, 5)
    assert trace.pattern(2, "cross").shape == (4, 5, 9)
    np.testing.assert_allclose(trace.pattern(2, "cross").sum(axis=-1), 1)
    q, k, v = trace.qkv(1, 3, "cross")
    assert (q.shape, k.shape, v.shape) == ((5, 10), (9, 10), (9, 10))
    scores = q @ k.T
    expected = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(trace.pattern(1, "cross")[3], expected)  # no scaling, no position bias

    with pytest.raises(ValueError, match=r"those of the family 't5' are \['encoder', 'decoder'\]"):
        ForwardTrace(CONFIG, {"text": streams["encoder"]}, {}, logits[:1].numpy())
    turned = arrays["decoder.blocks.0.cross_attn.hook_pattern"].swapaxes(2, 3)
    with pytest.raises(ValueError, match=r"should be \(1, 4, 5, 9\)"):
        ForwardTrace(CONFIG, streams, {"decoder.blocks.0.cross_attn.hook_pattern": turned}, logits[:1].numpy())


def test_the_encoder_sees_both_ways_and_the_decoder_only_back() -> None:
    _, taken = everything(random_t5())
    assert (taken["encoder.blocks.0.attn.hook_pattern"] > 0).all()
    later = torch.ones(5, 5).triu(1).bool()
    assert (taken["decoder.blocks.0.attn.hook_pattern"][..., later] == 0).all()


def test_all_blocks_of_a_stack_share_its_position_biases() -> None:
    _, taken = everything(random_t5())
    for stack, n_layers in {"encoder": 2, "decoder": 3}.items():
        biases = [taken[f"{stack}.blocks.{layer}.attn.hook_attn_bias"] for layer in range(n_layers)]
        assert biases[0].std() > 0.05
        for bias in biases[1:]:
            torch.testing.assert_close(bias, biases[0])


def test_decoding_step_by_step_reads_the_text_once() -> None:
    module, ids, written = random_t5(), random_ids(9), random_ids(30, seed=2)
    with torch.no_grad():
        whole = module(ids, written).logits
        cross = module.decoder.look_across(module.encode(ids))
        past = None
        with capture(module, ["encoder.hook_embed", "decoder.blocks.0.cross_attn.hook_k"]) as computed_again:
            for at in range(written.shape[1]):
                step = module.decode(written[:, at : at + 1], cross, past)
                past = step.cache
                torch.testing.assert_close(step.logits[:, 0], whole[:, at])
                assert step.cross is cross
    assert computed_again == {}


def test_what_the_decoder_writes_depends_on_every_token_it_reads() -> None:
    module, ids, written = random_t5(), random_ids(9), random_ids(5, seed=2)
    with torch.no_grad():
        before = module(ids, written).logits
        for at in range(9):
            changed = ids.clone()
            changed[:, at] = (changed[:, at] + 1) % CONFIG.d_vocab
            assert (module(changed, written).logits - before).abs().max() > 1e-6


def test_each_gate_closes_its_own_heads() -> None:
    module, ids, written = random_t5(), random_ids(9), random_ids(5, seed=2)
    names: dict[str, Place] = {"head_gate": "encoder", "decoder_head_gate": "decoder", "cross_head_gate": "cross"}
    for gate, place in names.items():
        closed = torch.ones(2 if place == "encoder" else 3, 4, dtype=torch.float64)
        closed[1, 2] = 0
        z = taps.Z.at(place).name(1)
        with torch.no_grad():
            with capture(module, [z]) as open_taken:
                before = module(ids, written).logits
            with capture(module, [z]) as taken:
                after = module(ids, written, **{gate: closed}).logits
        assert not torch.allclose(before, after)
        assert (open_taken[z][:, :, 2] != 0).any()
        assert (taken[z][:, :, 2] == 0).all()


@pytest.mark.parametrize("changes", [{}, {"gated_mlp": True, "activation": "gelu_tanh", "tied_embeddings": False}])
def test_its_config_travels_through_json(changes: dict[str, object]) -> None:
    config = dataclasses.replace(CONFIG, **changes)  # type: ignore[arg-type]
    assert from_json(to_json(config)) == config


def test_a_tied_head_is_scaled_and_an_untied_one_is_not() -> None:
    scaled = random_t5()
    unscaled = random_t5(dataclasses.replace(CONFIG, scaled_logits=False))
    unscaled.load_state_dict(scaled.state_dict())
    with torch.no_grad():
        ratio = unscaled(random_ids(9), random_ids(5)).logits / scaled(random_ids(9), random_ids(5)).logits
    torch.testing.assert_close(ratio, torch.full_like(ratio, 24**0.5))
    assert random_t5(dataclasses.replace(CONFIG, tied_embeddings=False)).unembed is not None


def test_another_position_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="an encoder-decoder has 't5', 'learned' or 'sinusoidal'"):
        dataclasses.replace(CONFIG, positions=PositionConfig("rope"))
