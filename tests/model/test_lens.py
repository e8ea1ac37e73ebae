"""The logit lens and direct attribution against PyTorch: every variant of the GPT, at every depth, part by part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from model import lens, taps
from model.config import GPTConfig
from model.gpt import GPT
from model.lens import Lens
from model.trace import ForwardTrace, Stream, Token
from tests.model.util import VARIANTS, all_taps, random_gpt, random_ids

N_TOKENS = 19
variants = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)


def pass_of(module: GPT, **arguments: Any) -> ForwardTrace:
    """What a module leaves behind on random tokens."""
    ids = random_ids(module.config, N_TOKENS, batch=1)
    values = {name: value.numpy().astype(np.float32) for name, value in all_taps(module, ids, **arguments).items()}
    stream = Stream("", tuple(Token(id, "", 0, 0) for id in ids[0].tolist()))
    return ForwardTrace(module.config, {"text": stream}, values, values.pop("logits"))


def lens_of(module: GPT, folder: Path) -> Lens:
    """The lens read from the module's weights as a file."""
    path = folder / "model.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, path)
    return Lens.load(path, module.config)


@variants
@pytest.mark.parametrize("position", [0, N_TOKENS - 1])
def test_at_every_depth_the_lens_is_the_models_own_head(config: GPTConfig, position: int, tmp_path: Path) -> None:
    module = random_gpt(config)
    trace = pass_of(module)
    streams = lens.streams(trace, position)
    assert streams.shape == (2 * config.n_layers + 1, config.d_model)
    normalized = module.ln_final(torch.from_numpy(streams.astype(np.float64)))
    unembed = module.embed.weight if module.unembed is None else module.unembed.weight
    expected = (normalized @ unembed.T).detach().numpy()
    logits = lens_of(module, tmp_path).logits(streams)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(logits[-1], trace.logits[0, position], rtol=1e-4, atol=1e-4)


@variants
def test_the_parts_sum_to_the_logit_and_to_a_difference_of_logits(config: GPTConfig, tmp_path: Path) -> None:
    module = random_gpt(config)
    trace, reader = pass_of(module), lens_of(module, tmp_path)
    for position in (0, 7, N_TOKENS - 1):
        logits = trace.logits[0, position].astype(np.float64)
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
            if config.norm == "layer":
                final_scale = torch.sqrt(final.var(unbiased=False) + config.norm_eps)
                added = added - added.mean()
            else:
                final_scale = torch.sqrt(final.square().mean() + config.norm_eps)
            expected = (added / final_scale * module.ln_final.weight).detach() @ unembed.detach()
            assert parts.heads[layer, head] == pytest.approx(float(expected), rel=1e-3, abs=1e-4)
    assert parts.heads.std() > 0.01


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
