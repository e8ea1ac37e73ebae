"""The feed-forward parts, neuron by neuron, against PyTorch in float64."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from export.__main__ import CHECKPOINTS
from model import config as configs
from model import pretrained, taps
from model.config import Place, T5Config
from model.study.feed_forward import FeedForward, carrying
from model.tokenizer import Tokenizer
from model.trace import ForwardTrace, Stream, Token
from model.transformer.capture import capture
from model.transformer.moe import MoE

TEXT = "The little dog ran to the park because"


def traced(name: str) -> tuple[FeedForward, ForwardTrace, torch.nn.Module]:
    """A pass of PyTorch in float64, what takes its parts apart, and the module."""
    folder = CHECKPOINTS / name
    config = configs.load(folder)
    loaded = pretrained.load(name)
    module = loaded.module.double()
    tokens = Tokenizer.of(config, folder / "tokenizer.json").encode(TEXT).tokens
    streams: dict[Place, Stream] = {config.reader: Stream(TEXT, tokens)}
    ids = [torch.tensor([[token.id for token in tokens]])]
    if isinstance(config, T5Config):
        written = (Token(0, "", 0, 0, special=True), *tokens[:3])
        streams["decoder"] = Stream("", written)
        ids.append(torch.tensor([[token.id for token in written]]))
    with torch.no_grad(), capture(module, list(taps.table(config))) as seen:
        logits = module(*ids).logits
    kept = {name: value.numpy() for name, value in seen.items() if name in taps.table(config)}
    return (
        FeedForward(folder / "model.safetensors", config),
        ForwardTrace(config, streams, kept, logits.numpy()),
        module,
    )


@pytest.mark.parametrize("name", ["gpt", "bert", "t5", "gpt-learned"])
def test_the_neurons_add_up_to_what_the_part_adds_and_each_is_that_of_pytorch(name: str) -> None:
    weights, trace, module = traced(name)
    for place in trace.config.streams:
        for layer in range(trace.config.stacks[place].layers):
            position = len(trace.streams[place].tokens) - 2
            neurons = weights.neurons(trace, place, layer, position)
            expected = trace.read(taps.MLP_OUT, layer, place)[position]
            np.testing.assert_allclose(neurons.sum, expected, rtol=1e-5, atol=2e-5 * np.abs(expected).max())
            bias = 0 if neurons.bias is None else float(neurons.bias @ neurons.sum / (neurons.sum @ neurons.sum))
            assert neurons.shares().sum() + bias == pytest.approx(1, abs=1e-5)
            if neurons.expert is None:
                part = module.get_submodule(f"{trace.config.stacks[place].prefix}blocks.{layer}.mlp")
                read = trace.read(taps.POST_LN1 if trace.config.post_norm else taps.LN2, layer, place)[position]
                hidden = into_the_way_out(part, torch.tensor(read))
                np.testing.assert_allclose(neurons.activation, hidden, rtol=1e-4, atol=1e-5)


def into_the_way_out(part: torch.nn.Module, read: torch.Tensor) -> np.ndarray:
    """What the last matrix of an MLP is given."""
    seen: list[torch.Tensor] = []
    hook = part.get_submodule("down").register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.no_grad():
        part(read[None, None])
    hook.remove()
    return seen[0][0, 0].numpy()


def test_an_experts_neurons_are_those_of_the_experts_that_the_token_was_sent_to() -> None:
    weights, trace, module = traced("gpt")
    layer, position = 3, 4
    neurons = weights.neurons(trace, "text", layer, position)
    assert neurons.expert is not None
    part = module.get_submodule(f"blocks.{layer}.mlp")
    read = torch.tensor(trace.read(taps.LN2, layer)[position])
    assert isinstance(part, MoE)
    chances = torch.softmax(part.router(read), dim=-1)
    best = chances.detach().topk(2)
    assert sorted(set(neurons.expert.tolist())) == sorted(best.indices.tolist())
    for expert, chance in zip(best.indices.tolist(), best.values.tolist(), strict=True):
        own = neurons.expert == expert
        both = part.w_in[expert].detach() @ read
        expected = torch.nn.functional.silu(both[::2]) * both[1::2]
        np.testing.assert_allclose(neurons.activation[own], expected.numpy(), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(neurons.weight[own], chance / float(best.values.sum()), rtol=1e-5)
        np.testing.assert_array_equal(neurons.index[own], np.arange(own.sum()))


def test_how_many_carry_a_part_is_counted_from_the_largest_share_on() -> None:
    shares = np.array([0.1, 0.6, -0.2, 0.5])
    assert carrying(shares, 0.6) == 1
    assert carrying(shares, 0.61) == 2
    assert carrying(shares, 1.2) == 3
    assert carrying(shares, 1.3) is None


def test_experts_that_are_shared_are_not_taken_apart() -> None:
    weights, trace, _ = traced("gpt")
    experts = trace.config.experts
    assert experts is not None
    config = dataclasses.replace(trace.config, experts=dataclasses.replace(experts, d_shared=4))  # type: ignore[arg-type]
    other = FeedForward(Path("nowhere"), config)
    with pytest.raises(NotImplementedError, match="shared"):
        other.of(np.zeros(config.d_model, np.float32), trace, "text", 1, 0)
    assert weights.neurons(trace, "text", 0, 0).expert is None
