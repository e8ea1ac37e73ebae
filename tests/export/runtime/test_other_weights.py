"""A graph over other weights than its file's: against PyTorch, and what is refused."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file as save_torch

from export import families, from_hub
from export.runtime.other_weights import held_bytes
from export.runtime.session import WEIGHTS, Session
from model import config as configs
from model import stored
from model.transformer.gpt import GPT
from tests.export.conftest import TINY, write_vocabulary

IDS = np.random.default_rng(2).integers(0, 61, (2, 33))


@pytest.mark.parametrize("kind", ["tiny", "tiny_bert", "tiny_t5"])
def test_changed_weights_give_what_pytorch_gives_with_them(kind: str, request: pytest.FixtureRequest):
    """Every matrix changed at random, the embedding, norms and experts among them, and rounded as the file is."""
    folder: Path = request.getfixturevalue(kind)
    rng = np.random.default_rng(0)
    changed = {
        name: (weight + rng.normal(0, 0.05, weight.shape)).astype(np.float16)
        for name, weight in load_file(folder / WEIGHTS).items()
    }
    module = families.load(folder, torch.float64)
    written = IDS[:, :9] if kind == "tiny_t5" else None
    ids = [torch.from_numpy(each) for each in (IDS, written) if each is not None]
    with torch.no_grad():
        before = module(*ids).logits
        module.load_state_dict({name: torch.from_numpy(weight).double() for name, weight in changed.items()})
        after = module(*ids).logits
    session = Session(folder, weights=changed)
    np.testing.assert_allclose(session.run(IDS, decoder_ids=written).logits, after.numpy(), rtol=1e-4, atol=1e-4)
    assert (before - after).abs().max() > 1e-2
    untouched = Session(folder).run(IDS, decoder_ids=written).logits
    np.testing.assert_allclose(untouched, before.numpy(), rtol=1e-4, atol=1e-4)


def test_weights_in_bfloat16_are_replaced_like_all_others(tmp_path: Path):
    config = dataclasses.replace(TINY, experts=None)
    module = GPT(config)
    source, made = tmp_path / "source", tmp_path / "made"
    source.mkdir()
    made.mkdir()
    (source / "config.json").write_text(configs.to_json(config))
    save_torch({name: tensor.bfloat16().contiguous() for name, tensor in module.state_dict().items()}, source / WEIGHTS)
    write_vocabulary(source)
    from_hub.export(source, "tiny", made)
    weights = stored.load(made / WEIGHTS)
    assert {str(weight.dtype) for weight in weights.values()} >= {"bfloat16"}
    halved = {name: weight / 2 for name, weight in weights.items() if weight.ndim == 2}
    changed = module.state_dict() | {name: torch.from_numpy(one.astype(np.float32)) for name, one in halved.items()}
    module.load_state_dict(changed)
    with torch.no_grad():
        after = module.eval()(torch.from_numpy(IDS)).logits
    np.testing.assert_allclose(Session(made, weights=halved).run(IDS).logits, after.numpy(), rtol=1e-3, atol=1e-3)


def test_what_is_left_out_is_the_files_and_what_is_given_may_go(tiny: Path):
    stored = load_file(tiny / WEIGHTS)
    given = {"embed.weight": np.array(stored["embed.weight"], np.float64)}
    session = Session(tiny, weights=given)
    given["embed.weight"][:] = np.nan
    del stored
    np.testing.assert_array_equal(session.run(IDS).logits, Session(tiny).run(IDS).logits)


def test_other_weights_are_cut_like_the_stored_ones(tiny: Path):
    """Interventions act on them as on the model's own."""
    stored = load_file(tiny / WEIGHTS)
    without = {"blocks.1.attn.o.weight": stored["blocks.1.attn.o.weight"].copy()}
    without["blocks.1.attn.o.weight"][:, 2 * 8 : 3 * 8] = 0
    gate = np.ones((TINY.n_layers, TINY.n_heads))
    gate[1, 2] = 0
    np.testing.assert_allclose(
        Session(tiny, weights=without).run(IDS).logits, Session(tiny).run(IDS, head_gate=gate).logits, atol=1e-5
    )


@pytest.mark.parametrize(
    ("name", "weight", "message"),
    [
        ("embed.wait", np.zeros((61, 32)), "has no tensor 'embed.wait'"),
        ("embed.weight", np.zeros((61, 31)), "embed.weight has shape (61, 31); that in"),
        ("embed.weight", np.full((61, 32), 7e4), "embed.weight holds a number that is none in F16"),
        ("embed.weight", np.full((61, 32), np.nan), "embed.weight holds a number that is none in F16"),
    ],
)
def test_weights_that_do_not_fit_are_refused_with_what_is_wrong(
    tiny: Path, name: str, weight: np.ndarray, message: str
):
    with pytest.raises(ValueError, match=re.escape(message)):
        Session(tiny, weights={name: weight})


def test_what_a_session_holds_is_told_by_the_numbers_of_the_file(tiny: Path):
    n_numbers = sum(weight.size for weight in load_file(tiny / WEIGHTS).values())
    assert held_bytes(tiny / WEIGHTS) == 10 * n_numbers
