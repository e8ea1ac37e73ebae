"""The logit lens and direct attribution against PyTorch: every variant of the GPT, at every depth, part by part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn

from model import taps
from model.config import Activation, BertConfig, GPTConfig, T5Config
from model.study import lens, lens_bert
from model.study.lens import Lens
from model.study.lens_bert import BertLens
from model.taps import Tap
from model.trace import ForwardTrace, Stream, Token
from model.transformer.bert import Bert
from model.transformer.capture import capture, intervene
from model.transformer.gpt import GPT
from model.transformer.t5 import T5
from tests.model.util import VARIANTS, all_taps, random_gpt, random_ids

N_TOKENS = 19
variants = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)


def pass_of(module: GPT, **arguments: Any) -> ForwardTrace:
    """What a module leaves behind on random tokens."""
    ids = random_ids(module.config, N_TOKENS, batch=1)
    values = {name: value.numpy().astype(np.float32) for name, value in all_taps(module, ids, **arguments).items()}
    stream = Stream("", tuple(Token(id, "", 0, 0) for id in ids[0].tolist()))
    return ForwardTrace(module.config, {"text": stream}, values, values.pop("logits"))


def lens_of(module: GPT | T5, folder: Path) -> Lens:
    """The lens read from the module's weights as a file."""
    return Lens.load(saved_weights(module, folder), module.config)


def saved_weights(module: nn.Module, folder: Path) -> Path:
    """A module's weights as a file."""
    path = folder / "model.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, path)
    return path


def trio_trace(config: BertConfig | T5Config) -> tuple[ForwardTrace, Any]:
    """What a BERT or a T5 with random weights leaves behind, and the module."""
    torch.manual_seed(0)
    module: Any = (Bert if isinstance(config, BertConfig) else T5)(config).double().eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    rows = [torch.randint(config.d_vocab, (1, 9 - 2 * stream)) for stream in range(len(config.streams))]
    with torch.no_grad(), capture(module, list(taps.table(config))) as taken:
        logits = module(*rows).logits
    values = {name: value.numpy().astype(np.float32) for name, value in taken.items()}
    streams = {
        name: Stream("", tuple(Token(id, "", 0, 0) for id in row[0].tolist()))
        for name, row in zip(config.streams, rows, strict=True)
    }
    return ForwardTrace(config, streams, values, logits.numpy().astype(np.float32)), module


def stopped_early(module: Any, blocks: Any, edits: list[dict[Tap, Any]], *rows: torch.Tensor) -> NDArray[Any]:
    """What a model says that ends within a block, for each block and each of `edits`.

    Args:
        module: the model.
        blocks: what has its blocks as `blocks`.
        edits: for each place in a block where it may end, what is done to the taps of that block.
        rows: what it is run on.

    Returns:
        *Shape:* (depth, pos, d_vocab).
    """
    whole, said = blocks.blocks, []
    for layer in range(len(whole)):
        blocks.blocks = whole[: layer + 1]
        for edit in edits:
            with torch.no_grad(), intervene(module, {tap.name(layer): change for tap, change in edit.items()}):
                said.append(module(*rows).logits[0].numpy())
    blocks.blocks = whole
    return np.stack(said)


@variants
def test_at_every_depth_the_lens_is_what_the_model_says_that_ends_there(config: GPTConfig, tmp_path: Path) -> None:
    module = random_gpt(config)
    trace, reader = pass_of(module), lens_of(module, tmp_path)
    without_mlp = {taps.MLP_OUT: torch.zeros_like}
    without_block = without_mlp | {taps.ATTN_OUT: torch.zeros_like}
    ids = random_ids(config, N_TOKENS, batch=1)
    at_first, *_ = stopped_early(module, module, [without_block], ids)
    expected = np.stack([at_first, *stopped_early(module, module, [without_mlp, {}], ids)])
    for position in (0, N_TOKENS - 1):
        logits = reader.logits(lens.streams(trace, position))
        np.testing.assert_allclose(logits, expected[:, position], rtol=1e-4, atol=1e-4)


@variants
def test_the_parts_sum_to_the_logit_and_to_a_difference_of_logits(config: GPTConfig, tmp_path: Path) -> None:
    module = random_gpt(config)
    trace, reader = pass_of(module), lens_of(module, tmp_path)
    for position in (0, 7, N_TOKENS - 1):
        logits = before_the_cap(config, trace.logits[0, position].astype(np.float64))
        for token, against in ((3, None), (60, None), (3, 60)):
            expected = logits[token] - (0 if against is None else logits[against])
            assert reader.attribute(trace, position, token, against).total == pytest.approx(
                expected, rel=1e-5, abs=2e-4
            )


@variants
def test_a_heads_part_is_what_the_logit_loses_without_it(config: GPTConfig, tmp_path: Path) -> None:
    """The head's output is taken out of the final stream in PyTorch, the divisor of the final norm left as it was."""
    module = random_gpt(config)
    trace, reader = pass_of(module), lens_of(module, tmp_path)
    position, token = N_TOKENS - 1, 5
    final = torch.from_numpy(trace.read(taps.RESID_POST, config.n_layers - 1)[position].astype(np.float64))
    unembed = (module.embed.weight if module.unembed is None else module.unembed.weight)[token]
    parts = reader.attribute(trace, position, token)
    for layer in range(config.n_layers):
        for head in range(config.n_heads):
            z = torch.zeros(config.n_heads, config.head_width, dtype=torch.float64)
            z[head] = torch.from_numpy(trace.read(taps.Z, layer)[position, head].astype(np.float64))
            added = module.get_parameter(f"blocks.{layer}.attn.o.weight") @ z.flatten()
            if config.normalizes_added:
                added = behind_attention(module, trace, layer, position, added)
            if config.norm == "layer":
                final_scale = torch.sqrt(final.var(unbiased=False) + config.norm_eps)
                added = added - added.mean()
            else:
                final_scale = torch.sqrt(final.square().mean() + config.norm_eps)
            expected = (added / final_scale * module.ln_final.weight).detach() @ unembed.detach()
            assert parts.heads[layer, head] == pytest.approx(float(expected), rel=1e-3, abs=1e-4)
    assert parts.heads.std() > 0.01


def before_the_cap(config: GPTConfig, logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logits of which a soft cap made these."""
    cap = config.logit_softcap
    return logits if cap is None else np.arctanh(logits / cap) * cap


def behind_attention(module: GPT, trace: ForwardTrace, layer: int, position: int, added: torch.Tensor) -> torch.Tensor:
    """One head's share behind the norm, which is held at what it is for all of them, without the norm's bias."""
    z = torch.from_numpy(trace.read(taps.Z, layer)[position].astype(np.float64))
    block = module.get_submodule(f"blocks.{layer}")
    norm: Any = block.get_submodule("ln1_post")
    given = block.get_submodule("attn.o")(z.flatten())
    if module.config.norm == "layer":
        return (added - added.mean()) / torch.sqrt(given.var(unbiased=False) + module.config.norm_eps) * norm.weight
    return added / torch.sqrt(given.square().mean() + module.config.norm_eps) * norm.weight


def test_a_difference_of_parts_is_the_part_of_the_difference(tmp_path: Path) -> None:
    module = random_gpt(VARIANTS["layernorm, biases, gelu"])
    trace, reader = pass_of(module), lens_of(module, tmp_path)
    one, other, both = (reader.attribute(trace, 7, *pair) for pair in ((3, None), (9, None), (3, 9)))
    np.testing.assert_allclose(one.heads - other.heads, both.heads, atol=1e-4)
    np.testing.assert_allclose(one.attention_bias - other.attention_bias, both.attention_bias, atol=1e-4)
    np.testing.assert_allclose(one.feed_forward - other.feed_forward, both.feed_forward, atol=1e-4)
    assert both.embedding == pytest.approx(one.embedding - other.embedding, abs=1e-4)
    assert both.norm_bias == pytest.approx(one.norm_bias - other.norm_bias, abs=1e-4)
    assert np.abs(both.attention_bias).max() > 0.01
    assert abs(both.norm_bias) > 0.01


def test_a_head_that_is_switched_off_has_no_part(tmp_path: Path) -> None:
    module = random_gpt(VARIANTS["rope"])
    gate = torch.ones(module.config.n_layers, module.config.n_heads, dtype=torch.float64)
    gate[1, 2] = 0
    trace = pass_of(module, head_gate=gate)
    parts = lens_of(module, tmp_path).attribute(trace, N_TOKENS - 1, 5)
    assert parts.heads[1, 2] == 0
    assert np.count_nonzero(parts.heads) == parts.heads.size - 1
    assert parts.total == pytest.approx(float(trace.logits[0, -1, 5]), abs=2e-4)


def test_a_t5s_decoder_is_read_as_its_own_head_reads_it_and_its_parts_sum_to_the_logit(tmp_path: Path) -> None:
    for tied, scaled in ((True, True), (False, False)):
        config = T5Config(
            "tiny", 60, 32, 24, 2, 3, 32, n_decoder_layers=3, d_head=8, tied_embeddings=tied, scaled_logits=scaled
        )
        trace, module = trio_trace(config)
        reader = lens_of(module, tmp_path)
        assert isinstance(reader, Lens)
        without_mlp = {taps.MLP_OUT.at("decoder"): torch.zeros_like}
        without_cross = without_mlp | {taps.CROSS_OUT.at("decoder"): torch.zeros_like}
        rows = [torch.tensor([[token.id for token in stream.tokens]]) for stream in trace.streams.values()]
        without_block = without_cross | {taps.ATTN_OUT.at("decoder"): torch.zeros_like}
        at_first, *_ = stopped_early(module, module.decoder, [without_block], *rows)
        inside = stopped_early(module, module.decoder, [without_cross, without_mlp, {}], *rows)
        at_every_depth = np.stack([at_first, *inside])
        for position in (0, 6):
            logits = trace.logits[0, position]
            read = reader.logits(lens.streams(trace, position))
            np.testing.assert_allclose(read, at_every_depth[:, position], rtol=1e-4, atol=1e-4)
            for token, against in ((3, None), (3, 50)):
                parts = reader.attribute(trace, position, token, against)
                expected = float(logits[token]) - (0 if against is None else float(logits[against]))
                assert parts.total == pytest.approx(expected, rel=1e-4, abs=2e-4)
                assert parts.heads.shape == parts.cross_heads.shape == (3, 3)
                assert np.abs(parts.cross_heads).max() > 1e-3


@pytest.mark.parametrize("activation", ["gelu", "gelu_tanh", "relu"])
def test_a_berts_stream_is_read_as_its_own_head_reads_it(activation: Activation, tmp_path: Path) -> None:
    config = BertConfig("tiny", 60, 32, 24, 3, 4, 32, d_embed=16, activation=activation)
    trace, module = trio_trace(config)
    reader = BertLens.load(saved_weights(module, tmp_path), config)
    before: list[torch.Tensor] = []

    def remember(stream: torch.Tensor) -> torch.Tensor:
        before.append(stream)
        return stream

    unread = {taps.RESID_PRE: remember, taps.POST_LN2: lambda _: before[-1]}
    attended = {taps.POST_LN1: remember, taps.POST_LN2: lambda _: before[-1]}
    ids = torch.tensor([[token.id for token in trace.tokens]])
    at_first, *_ = stopped_early(module, module, [unread], ids)
    expected = np.stack([at_first, *stopped_early(module, module, [attended, {}], ids)])
    for position in (0, 4):
        logits = reader.logits(lens_bert.streams(trace, position))
        np.testing.assert_allclose(logits, expected[:, position], rtol=1e-4, atol=1e-4)
