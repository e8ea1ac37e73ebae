"""The table of published models: every number has a source, and what is stated agrees with what is counted."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from model import tokenizers
from model.relatives import parameters, table
from model.relatives.shape import Experts, numbers
from model.relatives.table import Relative

MODELS = table.load().models
OPEN = [model for model in MODELS if model.shape is not None]
ASKED = """GPT-1, GPT-2, GPT-3, BERT base, BERT large, RoBERTa, DistilBERT, ELECTRA, DeBERTa, BART, T5, mT5, UL2,
Llama 1, Llama 2, Llama 3 8B, Llama 3 70B, Llama 3 405B, Mistral, Mixtral, Qwen, Gemma, Phi, DeepSeek-V3, GPT-NeoX,
BLOOM, MPT, Mamba, RWKV, Jamba, GPT-4, Claude, Gemini"""
"""Models that the table must have, by how their names begin."""
IDS = Path(__file__).resolve().parents[3] / "static" / "js" / "exhibits" / "relatives" / "ids.js"


@pytest.mark.parametrize("name", re.split(r",\s", ASKED))
def test_the_models_of_the_field_are_there(name: str):
    assert any(model.name.startswith(name) for model in MODELS)


def test_ids_are_words_of_a_link_and_the_script_knows_the_same():
    ids = [model.id for model in MODELS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9.-]+", id) for id in ids)
    listed = IDS.read_text(encoding="utf-8").partition("[")[2]
    assert re.findall(r'"([^"]+)"', listed) == ids


@pytest.mark.parametrize("model", OPEN, ids=lambda model: model.id)
def test_every_number_has_a_source(model: Relative):
    assert model.shape is not None
    for name in numbers(model.shape):
        assert re.search(r"\d{4}|config\.json|model card|config_\w+\.json", model.source(name)), name
    known = {"all", *(name.partition(".")[0] for name in numbers(model.shape))}
    assert set(model.sources) <= known, "a source of a number that there is not"


@pytest.mark.parametrize("model", OPEN, ids=lambda model: model.id)
def test_what_is_counted_rounds_to_what_is_stated_or_the_row_says_why_not(model: Relative):
    assert model.shape is not None
    assert model.published is not None
    counted, stated = parameters.total(model.shape), parameters.of_text(model.published)
    off = abs(counted - stated)
    assert (off <= parameters.rounding_of(model.published)) is (model.differs is None), f"{counted:,}"
    assert off <= 0.035 * stated
    if model.active is not None:
        active = parameters.active(model.shape)
        lookup = model.shape.d_vocab * model.shape.d_model
        offs = [abs(one - parameters.of_text(model.active)) for one in (active, active - lookup)]
        assert min(offs) <= parameters.rounding_of(model.active), f"{active:,}"


def test_what_is_not_published_is_said_with_its_source():
    for model in MODELS:
        if model.shape is None:
            assert re.search(r"\(\w.* \d{4}, .+\)\.$", model.undisclosed or ""), model.name


def test_vocabularies_are_on_the_shelf_and_borrowed_ones_say_whose_they_are():
    shelf = {vocabulary.name: vocabulary for vocabulary in tokenizers.FIELD}
    for model in MODELS:
        if model.vocabulary is not None:
            assert model.vocabulary in shelf
            assert not model.around or model.vocabulary_in


def test_an_entry_without_a_source_is_refused():
    open_one, closed = OPEN[0], next(model for model in MODELS if model.shape is None)
    with pytest.raises(ValueError, match="name its source"):
        replace(open_one, sources={})
    with pytest.raises(ValueError, match="either a shape or a sentence"):
        replace(closed, undisclosed=None)
    assert open_one.shape is not None
    with pytest.raises(ValueError, match="9 layers of one kind; the model has 6"):
        replace(open_one.shape, experts=Experts(4, 2, 8, n_layers=9))


@pytest.mark.parametrize(
    ("text", "count", "half"), [("70B", 70e9, 5e9), ("46.7B", 46.7e9, 5e7), ("1542M", 1542e6, 5e5), ("1,230", 1230, 5)]
)
def test_a_stated_count_is_read_with_its_rounding(text: str, count: float, half: float):
    assert parameters.of_text(text) == count
    assert parameters.rounding_of(text) == half


def test_what_is_no_count_is_refused():
    with pytest.raises(ValueError, match="'about 7B' is no count"):
        parameters.of_text("about 7B")
