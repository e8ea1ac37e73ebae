"""Counts of parameters, against `transformers` and `torch`, which build the same configs without their numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from model.relatives import parameters, table
from model.relatives.table import Relative
from tests.model.relatives.hub import BUILD, built

BY_ID = table.load().by_id
OPEN = [model for model in table.load().models if model.shape is not None]


def test_every_model_but_the_first_is_counted_twice():
    assert set(BUILD) == {model.id for model in OPEN} - {"transformer"}


@pytest.mark.parametrize("id", BUILD)
def test_the_count_is_that_of_transformers(id: str):
    shape = BY_ID[id].shape
    assert shape is not None
    counted = sum(parameter.numel() for parameter in built(id, shape).parameters())
    assert parameters.total(shape) == counted


def test_the_first_transformer_has_as_many_as_torchs_own():
    """That one has biases everywhere and a norm at the end of each stack, which the paper's has not."""
    shape = BY_ID["transformer"].shape
    assert shape is not None
    with torch.device("meta"):
        theirs = torch.nn.Transformer(
            shape.d_model, shape.n_heads, shape.n_layers, shape.n_decoder_layers, shape.d_ff, batch_first=True
        )
    ends = 2 * 2 * shape.d_model
    ours = parameters.total(replace(shape, biases="all")) - shape.d_vocab * shape.d_model
    assert sum(parameter.numel() for parameter in theirs.parameters()) == ours + ends


@pytest.mark.parametrize("model", OPEN, ids=lambda model: model.id)
def test_the_product_that_is_shown_gives_the_count(model: Relative):
    assert model.shape is not None
    for part in parameters.parts(model.shape):
        if part.formula:
            value = sum(
                torch.tensor([int(factor.replace(",", "")) for factor in term.split(" · ")]).prod().item()
                for term in part.formula.split(" + ")
            )
            assert value == part.n
        else:
            assert part.n == 0


def test_rwkvs_count_is_its_papers_formula():
    """2 V D + 13 D² L + D (11 L + 4) (Peng et al. 2023, appendix on parameter and FLOP counts)."""
    shape = BY_ID["rwkv-4-14b"].shape
    assert shape is not None
    vocab, d, layers = shape.d_vocab, shape.d_model, shape.n_layers
    assert parameters.total(shape) == 2 * vocab * d + 13 * d * d * layers + d * (11 * layers + 4)


def test_gemmas_two_columns_are_those_of_its_report():
    """Gemma Team 2024, table 2: embedding and other parameters of the 7B."""
    shape = BY_ID["gemma-7b"].shape
    assert shape is not None
    by_name = {part.name: part.n for part in parameters.parts(shape)}
    assert by_name.pop("embedding") == 786_825_216
    assert sum(by_name.values()) == 7_751_248_896


def test_of_experts_a_token_uses_those_that_it_is_sent_to():
    shape = BY_ID["mixtral-8x7b"].shape
    assert shape is not None
    one = 3 * shape.d_model * 14_336
    assert parameters.total(shape) - parameters.active(shape) == shape.n_layers * 6 * one
