"""Files as the hub has had them for years: without a prefix, with older names, with stored masks and second copies."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from model import pretrained
from tests.model.published import DECODERS, ENCODER_DECODERS, Case, random_peer
from tests.model.published_encoders import ENCODERS

Layout = Callable[[dict[str, Tensor]], dict[str, Tensor]]


def gpt2(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    bare = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
    return bare | {"h.0.attn.bias": torch.ones(1, 1, 64, 64).tril(), "h.0.attn.masked_bias": torch.tensor(-1e4)}


def pythia(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    attention = "gpt_neox.layers.1.attention"
    return tensors | {
        f"{attention}.bias": torch.ones(1, 1, 64, 64).tril().bool(),
        f"{attention}.masked_bias": torch.tensor(-1e9),
        f"{attention}.rotary_emb.inv_freq": torch.ones(1),
    }


def llama(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return tensors | {"model.layers.2.self_attn.rotary_emb.inv_freq": torch.ones(4)}


def bert(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    def older(name: str) -> str:
        return re.sub(r"(?<=LayerNorm\.)(weight|bias)$", lambda m: {"weight": "gamma", "bias": "beta"}[m[1]], name)

    embedding = tensors["bert.embeddings.word_embeddings.weight"].clone()
    return {older(name): tensor for name, tensor in tensors.items()} | {
        "bert.embeddings.position_ids": torch.arange(64)[None],
        "cls.predictions.decoder.weight": embedding,
        "cls.predictions.decoder.bias": tensors["cls.predictions.bias"].clone(),
    }


def roberta(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return tensors | {"lm_head.decoder.weight": tensors["roberta.embeddings.word_embeddings.weight"].clone()}


def t5(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return tensors | {
        "encoder.embed_tokens.weight": tensors["shared.weight"].clone(),
        "decoder.embed_tokens.weight": tensors["shared.weight"].clone(),
        "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight": torch.zeros(8, 4),
    }


LAYOUTS: dict[str, tuple[Case, Layout]] = {
    "openai-community/gpt2": (DECODERS["gpt2"], gpt2),
    "EleutherAI/pythia-70m": (DECODERS["gpt_neox"], pythia),
    "llama": (DECODERS["llama"], llama),
    "google-bert/bert-base-uncased": (ENCODERS["bert, both heads"], bert),
    "FacebookAI/roberta-base": (ENCODERS["roberta"], roberta),
    "google-t5/t5-small": (ENCODER_DECODERS["t5 v1.0"], t5),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_older_layout_gives_the_same_model(name: str, tmp_path: Path) -> None:
    case, layout = LAYOUTS[name]
    random_peer(case).save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    newer = pretrained.load(tmp_path)
    older_tensors = layout(load_file(file))
    assert older_tensors.keys() != load_file(file).keys()
    save_file(older_tensors, file)
    older = pretrained.load(tmp_path)
    assert older.config == newer.config
    expected = newer.module.state_dict()
    for ours, tensor in older.module.state_dict().items():
        assert torch.equal(tensor, expected[ours]), ours


def test_an_untied_head_of_t5_is_its_own(tmp_path: Path) -> None:
    """Flan-T5 stores one; `transformers` 5 ties the head of every new T5."""
    random_peer(ENCODER_DECODERS["t5 v1.1, unscaled"]).save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    tied = pretrained.load(tmp_path)
    head = torch.randn(97, 32)
    save_file(load_file(file) | {"lm_head.weight": head}, file)
    untied = pretrained.load(tmp_path)
    ids = torch.arange(5, 20)[None]
    with torch.no_grad():
        table = tied.module.get_parameter("embed.weight")
        stream = torch.linalg.lstsq(table, tied.module(ids, ids).logits[0].T).solution.T
        torch.testing.assert_close(untied.module(ids, ids).logits[0], stream @ head.T, atol=1e-3, rtol=1e-3)
