"""The list of models: its numbers are those of the published architectures, and what is too large is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from safetensors.torch import save_file

from model import config as configs
from model import zoo
from model.hub import ARCHITECTURES
from model.pretrained import MODULES

BERT = {
    "model_type": "bert",
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
}
GPT2 = {"model_type": "gpt2", "vocab_size": 50_257, "n_positions": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12}
T5 = {"model_type": "t5", "vocab_size": 32_128, "d_model": 512, "d_kv": 64}
SETTINGS: dict[str, dict[str, Any]] = {
    "openai-community/gpt2": GPT2,
    "distilbert/distilgpt2": GPT2 | {"n_layer": 6},
    "HuggingFaceTB/SmolLM2-135M": {
        "model_type": "llama",
        "vocab_size": 49_152,
        "hidden_size": 576,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "intermediate_size": 1536,
        "max_position_embeddings": 8192,
        "tie_word_embeddings": True,
    },
    "Qwen/Qwen3-0.6B": {
        "model_type": "qwen3",
        "vocab_size": 151_936,
        "hidden_size": 1024,
        "num_hidden_layers": 28,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 3072,
        "max_position_embeddings": 40_960,
        "tie_word_embeddings": True,
    },
    "EleutherAI/pythia-70m": {
        "model_type": "gpt_neox",
        "vocab_size": 50_304,
        "hidden_size": 512,
        "num_hidden_layers": 6,
        "num_attention_heads": 8,
        "intermediate_size": 2048,
        "max_position_embeddings": 2048,
    },
    "google-bert/bert-base-cased": BERT | {"vocab_size": 28_996},
    "google-bert/bert-base-uncased": BERT | {"vocab_size": 30_522},
    "FacebookAI/roberta-base": BERT
    | {"model_type": "roberta", "vocab_size": 50_265, "max_position_embeddings": 514, "type_vocab_size": 1},
    "distilbert/distilbert-base-uncased": {
        "model_type": "distilbert",
        "vocab_size": 30_522,
        "max_position_embeddings": 512,
        "dim": 768,
        "n_layers": 6,
        "n_heads": 12,
        "hidden_dim": 3072,
    },
    "google-t5/t5-small": T5 | {"num_layers": 6, "num_heads": 8, "d_ff": 2048},
    "google/flan-t5-small": T5
    | {"num_layers": 8, "num_heads": 6, "d_ff": 1024, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
}
"""What the config.json of each says about its size."""
HEADS = {
    "google-bert": {"cls.predictions.bias", "cls.seq_relationship.weight", "pooler.dense.weight"},
    "FacebookAI": {"lm_head.bias"},
    "distilbert": {"vocab_projector.bias"},
    "google": {"lm_head.weight", "decoder.final_layer_norm.weight"},
    "google-t5": {"decoder.final_layer_norm.weight"},
}
"""By owner: names of the tensors that tell which heads and which stacks its files hold."""

STORED_IN_16_BITS = {"HuggingFaceTB/SmolLM2-135M", "Qwen/Qwen3-0.6B", "EleutherAI/pythia-70m"}
STORED_BESIDES = {
    "openai-community/gpt2": 12 * 1024 * 1024 * 4,
    "distilbert/distilgpt2": 6 * 1024 * 1024 * 4,
    "EleutherAI/pythia-70m": 6 * 2048 * 2048,
    "Qwen/Qwen3-0.6B": 151_936 * 1024 * 2,
}
"""Bytes: a causal mask in every layer, as floats or booleans; Qwen3's head, a copy of its embedding."""


@pytest.mark.parametrize("entry", zoo.HUB, ids=lambda entry: entry.name)
def test_a_hub_models_parameters_are_those_of_its_architecture(entry: zoo.Entry) -> None:
    settings = SETTINGS[entry.name]
    names = frozenset(HEADS.get(entry.name.split("/")[0], ()))
    config = ARCHITECTURES[settings["model_type"]].config(settings, names, entry.name)
    assert config.family == entry.family
    with torch.device("meta"):
        module = MODULES[config.family](config)
    assert sum(parameter.numel() for parameter in module.parameters()) == entry.n_parameters


@pytest.mark.parametrize("entry", zoo.HUB, ids=lambda entry: entry.name)
def test_transformers_counts_the_same_parameters(entry: zoo.Entry) -> None:
    owner = entry.name.split("/")[0]
    settings = SETTINGS[entry.name]
    config = hf.AutoConfig.for_model(**settings)
    peers = {
        "google-bert": hf.BertForPreTraining,
        "FacebookAI": hf.RobertaForMaskedLM,
        "google-t5": hf.T5ForConditionalGeneration,
        "google": hf.T5ForConditionalGeneration,
        "distilbert": hf.DistilBertForMaskedLM if entry.family == "bert" else hf.GPT2LMHeadModel,
    }
    with torch.device("meta"):
        peer = peers[owner](config) if owner in peers else hf.AutoModelForCausalLM.from_config(config)
    # `transformers` 5 ties the head of every T5; Flan-T5's file holds one of its own.
    untied = settings["vocab_size"] * settings["d_model"] if owner == "google" else 0
    assert sum(parameter.numel() for parameter in peer.parameters()) + untied == entry.n_parameters


@pytest.mark.parametrize("entry", zoo.HUB, ids=lambda entry: entry.name)
def test_a_hub_models_bytes_are_its_parameters_in_their_type_and_what_else_its_file_holds(entry: zoo.Entry) -> None:
    width = 2 if entry.name in STORED_IN_16_BITS else 4
    header = entry.n_bytes - width * entry.n_parameters - STORED_BESIDES.get(entry.name, 0)
    assert 8_000 < header < 40_000, "a name, a shape and a place for each tensor"


def test_names_are_there_once_and_bundled_ones_first() -> None:
    names = [entry.name for entry in zoo.entries()]
    assert len(names) == len(set(names))
    kinds = [entry.bundled for entry in zoo.entries()]
    assert kinds == sorted(kinds, reverse=True)


def test_bundled_models_are_found_with_their_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = configs.BertConfig("b", 50, 32, 16, 2, 4, 24)
    for name in ("whole", "without weights"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(configs.to_json(config))
    save_file({"a": torch.zeros(3, 5), "b": torch.zeros(2)}, tmp_path / "whole" / "model.safetensors", {"format": "pt"})
    monkeypatch.setattr(zoo, "CHECKPOINTS", tmp_path)
    (entry,) = zoo.bundled()
    assert (entry.name, entry.family, entry.n_parameters) == ("whole", "bert", 17)
    assert entry.n_bytes == (tmp_path / "whole" / "model.safetensors").stat().st_size


def test_every_bundled_model_says_what_it_has_read() -> None:
    shipped = {path.parent.name for path in zoo.CHECKPOINTS.glob("*/config.json")}
    assert shipped == set(zoo.ABOUT)
    for about in zoo.ABOUT.values():
        assert "trained" in about
        assert "English" in about


def test_a_model_larger_than_the_memory_is_refused_with_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo, "available_memory", lambda: 3_200_000_000)
    zoo.require_memory("some/model", 3_100_000_000, 1_600_000_000)
    with pytest.raises(
        ValueError, match=r"some/model needs 28\.0 GB of memory .* 3\.2 GB are free here; nothing of its 14"
    ):
        zoo.require_memory("some/model", 28_000_000_000, 14_000_000_000)


def test_where_the_system_does_not_say_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo, "available_memory", lambda: None)
    zoo.require_memory("some/model", 10**18, 10**18)
