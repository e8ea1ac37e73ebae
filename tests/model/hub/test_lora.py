"""LoRA adapters: what is loaded is the base with s B A added to the layers they name, by hand in float64."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from safetensors.torch import save_file
from torch import Tensor

from model import pretrained, unsaid
from tests.model.agreement import random_ids
from tests.model.published import DECODERS, ENCODER_DECODERS, GROUPED, SIZES, Case, random_peer

GPT2 = DECODERS["gpt2"]
LLAMA = Case(hf.AutoModelForCausalLM.from_config, lambda: hf.LlamaConfig(**GROUPED))
BERT = Case(hf.BertForMaskedLM, lambda: hf.BertConfig(**SIZES))
NEOX = Case(hf.AutoModelForCausalLM.from_config, lambda: hf.GPTNeoXConfig(**SIZES))
SETTINGS: dict[str, Any] = {"peft_type": "LORA", "r": 4, "lora_alpha": 6, "bias": "none", "init_lora_weights": True}


def adapter(folder: Path, base: Path | str, tensors: dict[str, Tensor], **settings: Any) -> Path:
    """An adapter as `peft` saves it."""
    folder.mkdir(exist_ok=True)
    told = SETTINGS | {"base_model_name_or_path": str(base)} | settings
    (folder / "adapter_config.json").write_text(json.dumps(told))
    save_file(
        {f"base_model.model.{name}": tensor for name, tensor in tensors.items()}, folder / "adapter_model.safetensors"
    )
    return folder


def low_rank(peer: Any, *modules: str, rank: int = 4, in_out: bool = False) -> dict[str, Tensor]:
    """A and B of some of the peer's layers, far enough from zero that they are noticed."""
    tensors, generator = {}, torch.Generator().manual_seed(3)
    for module in modules:
        shape = peer.get_submodule(module).weight.shape
        d_out, d_in = reversed(shape) if in_out else shape
        for which, of in (("A", (rank, d_in)), ("B", (d_out, rank))):
            tensors[f"{module}.lora_{which}.weight"] = torch.randn(of, generator=generator) / 4
    return tensors


def by_hand(peer: Any, tensors: dict[str, Tensor], scale: float, in_out: bool = False) -> Any:
    """The peer in float64 with what the adapter does to it done to it."""
    changed = copy.deepcopy(peer).double()
    with torch.no_grad():
        for name, a in tensors.items():
            if name.endswith(".lora_A.weight"):
                module = name.removesuffix(".lora_A.weight")
                added = scale * tensors[f"{module}.lora_B.weight"].double() @ a.double()
                changed.get_submodule(module).weight += added.T if in_out else added
    return changed


CASES: dict[str, tuple[Case, tuple[str, ...], bool]] = {
    "llama": (LLAMA, ("model.layers.0.self_attn.q_proj", "model.layers.2.mlp.down_proj", "lm_head"), False),
    "gpt2, stored (in, out)": (GPT2, ("transformer.h.0.attn.c_attn", "transformer.h.2.mlp.c_proj"), True),
    "gpt2, square": (GPT2, ("transformer.h.1.attn.c_proj",), True),
    "gpt_neox, stored head by head": (NEOX, ("gpt_neox.layers.1.attention.query_key_value",), False),
    "bert": (BERT, ("bert.encoder.layer.1.attention.self.query", "cls.predictions.transform.dense"), False),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rslora", [False, True])
def test_an_adapter_is_its_base_with_a_product_added(name: str, rslora: bool, tmp_path: Path) -> None:
    case, modules, in_out = CASES[name]
    peer = random_peer(case)
    peer.save_pretrained(tmp_path / "base")
    tensors = low_rank(peer, *modules, in_out=in_out)
    there = adapter(tmp_path / "lora", tmp_path / "base", tensors, use_rslora=rslora, fan_in_fan_out=in_out)
    loaded = pretrained.load(there)
    assert loaded.config.name == "lora"
    expected = by_hand(peer, tensors, 6 / 4**0.5 if rslora else 6 / 4, in_out)
    ids = random_ids()
    with torch.no_grad():
        ours, theirs, without = loaded.module(ids).logits, expected(ids).logits, peer(ids).logits
    assert (ours - theirs).abs().max() < 1e-4
    assert (without - theirs).abs().max() > 1e-2


def test_ranks_may_differ_and_a_base_may_lie_beside(tmp_path: Path) -> None:
    peer = random_peer(LLAMA)
    peer.save_pretrained(tmp_path / "lora" / "base")
    one = low_rank(peer, "model.layers.0.self_attn.k_proj")
    two = low_rank(peer, "model.layers.1.self_attn.k_proj", rank=2)
    loaded = pretrained.load(adapter(tmp_path / "lora", "base", one | two, rank_pattern={"layers.1": 2}))
    weights = dict(loaded.module.named_parameters())
    for layer, tensors, rank in ((0, one, 4), (1, two, 2)):
        module = f"model.layers.{layer}.self_attn.k_proj"
        a, b = (tensors[f"{module}.lora_{which}.weight"].double() for which in "AB")
        expected = peer.get_submodule(module).weight.double() + 6 / rank * b @ a
        assert torch.allclose(weights[f"blocks.{layer}.attn.k.weight"].double(), expected, atol=1e-6)


def test_what_an_adapter_holds_whole_stands_in_the_place_of_the_bases(tmp_path: Path) -> None:
    peer = random_peer(GPT2)
    peer.save_pretrained(tmp_path / "base")
    head = torch.randn(97, 32, generator=torch.Generator().manual_seed(5))
    there = adapter(tmp_path / "lora", tmp_path / "base", {"lm_head.weight": head})
    loaded = pretrained.load(there)
    assert torch.equal(dict(loaded.module.named_parameters())["unembed.weight"], head)
    with pytest.raises(ValueError, match=r"replaces wte\.weight and not lm_head\.weight"):
        pretrained.load(adapter(tmp_path / "other", tmp_path / "base", {"transformer.wte.weight": head}))


@pytest.mark.parametrize("case", [BERT, LLAMA, GPT2, *(ENCODER_DECODERS[name] for name in ("t5 v1.0", "bart"))])
def test_a_head_that_an_adapter_brings_is_left_aside_with_the_bases_predictions(case: Case, tmp_path: Path) -> None:
    random_peer(case).save_pretrained(tmp_path / "base")
    name = "score" if case in (LLAMA, GPT2) else "classifier"
    loaded = pretrained.load(
        adapter(tmp_path / "lora", tmp_path / "base", {f"{name}.weight": torch.randn(2, 32)}, task_type="SEQ_CLS")
    )
    said = unsaid.sentence("it", loaded.config)
    assert said is not None
    assert said.startswith("it predicts no token: it was published with a head that sorts whole texts and not")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"peft_type": "LOHA"}, "says peft_type = 'LOHA'; only 'LORA'"),
        ({"use_dora": True}, "it is a DoRA adapter"),
        ({"bias": "all"}, "says bias = 'all'"),
        ({"init_lora_weights": "pissa"}, "it began as 'pissa'"),
        ({"alpha_pattern": {"q_proj": 3}}, "settings that are not understood here: alpha_pattern"),
        ({"layer_replication": [[0, 2]]}, "not understood here: layer_replication"),
        ({"base_model_name_or_path": None}, "names no base_model_name_or_path"),
        ({"base_model_name_or_path": "nowhere"}, "names the base 'nowhere', which is no folder"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    there = adapter(tmp_path / "lora", tmp_path, {}, **settings)
    with pytest.raises(ValueError, match="^cannot load") as refused:
        pretrained.load(there)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"model.layers.0.self_attn.q_proj.lora_magnitude_vector": (4,)}, "tensors that are not understood here"),
        ({"model.embed_tokens.lora_embedding_A": (4, 97)}, "tensors that are not understood here"),
        ({"model.layers.0.self_attn.q_proj.lora_A.weight": (4, 32)}, "only one of A and B"),
        ({"model.layers.9.mlp.up_proj.lora_A.weight": (4, 32), "model.layers.9.mlp.up_proj.lora_B.weight": (48, 4)},
         "changes what its base does not have: layers.9.mlp.up_proj.weight"),
        ({"model.layers.0.mlp.up_proj.lora_A.weight": (4, 31), "model.layers.0.mlp.up_proj.lora_B.weight": (48, 4)},
         r"changes model.layers.0.mlp.up_proj by (48, 31); the base's is (48, 32)"),
        ({"model.layers.0.mlp.surprise": (3,)}, "tensors that no layer of ours takes: layers.0.mlp.surprise"),
    ],
)  # fmt: skip
def test_tensors_that_fit_nowhere_are_refused_by_name(
    tensors: dict[str, tuple[int, ...]], message: str, tmp_path: Path
) -> None:
    random_peer(LLAMA).save_pretrained(tmp_path / "base")
    zeros = {name: torch.zeros(shape) for name, shape in tensors.items()}
    with pytest.raises(ValueError, match="^cannot load") as refused:
        pretrained.load(adapter(tmp_path / "lora", tmp_path / "base", zeros))
    assert message in str(refused.value)


def test_a_pickled_adapter_is_refused(tmp_path: Path) -> None:
    there = adapter(tmp_path / "lora", tmp_path, {})
    (there / "adapter_model.safetensors").rename(there / "adapter_model.bin")
    with pytest.raises(FileNotFoundError, match="adapter_model.bin can run code"):
        pretrained.load(there)
