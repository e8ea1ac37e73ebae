"""Loading: names, folders, dtypes, and what is said when something does not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from model import config as configs
from model import pretrained, zoo
from model.config import PRESETS, BertConfig, ExpertsConfig, GPTConfig, PositionConfig, RopeScaling, T5Config
from model.hub import ARCHITECTURES
from model.hub.llama import QWEN2
from model.hub.settings import rope
from model.transformer.bert import Bert
from model.transformer.gpt import GPT
from model.transformer.t5 import T5
from tests.model.agreement import random_ids
from tests.model.published import DECODERS, random_peer

LLAMA = DECODERS["llama"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Llama as `transformers` saves it."""
    folder = tmp_path_factory.mktemp("llama")
    random_peer(LLAMA).save_pretrained(folder)
    return folder


def copy_of(folder: Path, to: Path, tensors: dict[str, Tensor] | None = None, **settings: Any) -> Path:
    """A checkpoint like another one but for its tensors or some settings."""
    old = json.loads((folder / "config.json").read_text())
    (to / "config.json").write_text(json.dumps(old | settings))
    save_file(load_file(folder / "model.safetensors") if tensors is None else tensors, to / "model.safetensors")
    return to


def weights_of(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("module", [
    GPT(GPTConfig("e", 50, 32, 16, 2, 4, 24, 2, experts=ExpertsConfig(3, 2, 8, every=2), bos_token_id=0)),
    GPT(GPTConfig("x", 50, 32, 16, 2, 4, 24, experts=ExpertsConfig(3, 2, 8, choice_bias=True, d_shared=8))),
    Bert(BertConfig("b", 50, 32, 16, 2, 4, 24)),
    T5(T5Config("t", 50, 32, 16, 2, 4, 24)),
], ids=["gpt", "gpt, choice bias", "bert", "t5"])  # fmt: skip
def test_what_this_project_saves_it_loads_again(module: GPT | Bert | T5, tmp_path: Path) -> None:
    if (bias := dict(module.named_buffers()).get("blocks.0.mlp.choice_bias")) is not None:
        bias.normal_()
    (tmp_path / "config.json").write_text(configs.to_json(module.config))
    save_file({name: tensor.half() for name, tensor in module.state_dict().items()}, tmp_path / "model.safetensors")
    loaded = pretrained.load(tmp_path)
    assert loaded.config == module.config
    assert not loaded.module.training
    for name, tensor in module.state_dict().items():
        assert torch.equal(loaded.module.state_dict()[name], tensor.half().float()), name
    ids = torch.arange(12)[None]
    with torch.no_grad():
        arguments = (ids, ids) if isinstance(module, T5) else (ids,)
        assert loaded.module(*arguments).logits.isfinite().all()


@pytest.mark.skipif(not any(entry.name == "gpt" for entry in zoo.bundled()), reason="no trained gpt yet")
def test_a_bundled_name_comes_first() -> None:
    loaded = pretrained.load("gpt")
    assert loaded.config == PRESETS["gpt"]
    assert loaded.tokenizer is not None
    ids = torch.tensor([[token.id for token in loaded.tokenizer.encode("Once upon a time").tokens]])
    with torch.no_grad():
        assert loaded.module(ids).logits.shape == (1, ids.shape[1], loaded.config.d_vocab)


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16])
def test_half_precision_files_load_exactly(stored: torch.dtype, published: Path, tmp_path: Path) -> None:
    halves = {name: tensor.to(stored) for name, tensor in weights_of(published).items()}
    loaded = pretrained.load(copy_of(published, tmp_path, halves))
    weight = loaded.module.state_dict()["blocks.1.mlp.up.weight"]
    assert weight.dtype == torch.float32
    assert torch.equal(weight.to(stored), halves["model.layers.1.mlp.up_proj.weight"])


def test_it_computes_in_the_dtype_asked_for(published: Path) -> None:
    ids = random_ids()
    exact = pretrained.load(published, dtype=torch.float64).module(ids).logits
    assert exact.dtype == torch.float64
    coarse = pretrained.load(published, dtype=torch.bfloat16).module(ids).logits
    assert coarse.dtype == torch.bfloat16
    assert 1e-4 < (coarse - exact).abs().max() < 1


def test_a_checkpoint_in_several_files_is_one(published: Path, tmp_path: Path) -> None:
    peer = random_peer(LLAMA)
    peer.save_pretrained(tmp_path, max_shard_size="30KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    whole, parts = pretrained.load(published).module.state_dict(), pretrained.load(tmp_path).module.state_dict()
    for name, tensor in whole.items():
        assert torch.equal(parts[name], tensor), name

    next(tmp_path.glob("model-00002*.safetensors")).unlink()
    with pytest.raises(FileNotFoundError, match="lacks model-00002-of"):
        pretrained.load(tmp_path)


def test_names_without_the_prefix_are_the_same_tensors(published: Path, tmp_path: Path) -> None:
    bare = {name.removeprefix("model."): tensor for name, tensor in weights_of(published).items()}
    loaded = pretrained.load(copy_of(published, tmp_path, bare)).module.state_dict()
    for name, tensor in pretrained.load(published).module.state_dict().items():
        assert torch.equal(loaded[name], tensor), name


def test_a_tied_head_may_be_stored_again_and_counts_where_it_differs(published: Path, tmp_path: Path) -> None:
    tensors = weights_of(published)
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    folder = copy_of(published, tmp_path, tensors, tie_word_embeddings=True)
    assert pretrained.load(folder).config.tied_embeddings  # type: ignore[union-attr]
    tensors["lm_head.weight"][3, 4] += 1
    copy_of(published, tmp_path, tensors, tie_word_embeddings=True)
    loaded = pretrained.load(tmp_path)
    assert not loaded.config.tied_embeddings  # type: ignore[union-attr]
    assert torch.equal(loaded.module.unembed.weight, tensors["lm_head.weight"])  # type: ignore[union-attr,arg-type]


def test_missing_and_left_over_tensors_are_named(published: Path, tmp_path: Path) -> None:
    tensors = weights_of(published)
    del tensors["model.layers.1.self_attn.q_proj.weight"]
    tensors["model.layers.1.self_attn.q_proj.lora_a"] = torch.zeros(3)
    with pytest.raises(
        ValueError, match=r"missing tensors: layers\.1\.self_attn\.q_proj\.weight; tensors that no"
    ) as e:
        pretrained.load(copy_of(published, tmp_path, tensors))
    assert "layers.1.self_attn.q_proj.lora_a" in str(e.value)


def test_wrong_shapes_are_named_with_both_shapes(published: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"blocks\.0\.mlp\.down\.weight should be \(32, 44\), and is made of") as e:
        pretrained.load(copy_of(published, tmp_path, intermediate_size=44))
    assert "layers.0.mlp.down_proj.weight (32, 48)" in str(e.value)


def test_what_cannot_be_split_into_q_k_and_v_is_a_wrong_shape(tmp_path: Path) -> None:
    random_peer(DECODERS["gpt_neox"]).save_pretrained(tmp_path)
    tensors = weights_of(tmp_path)
    tensors["gpt_neox.layers.0.attention.query_key_value.weight"] = torch.zeros(95, 32)
    with pytest.raises(ValueError, match=r"query_key_value\.weight \(95, 32\)"):
        pretrained.load(copy_of(tmp_path, tmp_path, tensors))


def test_a_pickle_is_refused_with_the_way_to_convert_it(published: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text((published / "config.json").read_text())
    (tmp_path / "pytorch_model.bin").write_bytes(b"not even opened")
    with pytest.raises(FileNotFoundError, match=r"only as pytorch_model\.bin, which can run code .*save_pretrained"):
        pretrained.load(tmp_path)


def test_folders_and_names_that_are_no_checkpoint_are_refused(published: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no config\.json"):
        pretrained.load(tmp_path)
    (tmp_path / "config.json").write_text((published / "config.json").read_text())
    with pytest.raises(FileNotFoundError, match=r"holds no model\.safetensors"):
        pretrained.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="is no folder, no bundled model"):
        pretrained.load("no/such/folder")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model_type": "mamba"}, "model_type 'mamba' is unknown; known are gpt2, llama"),
        ({"hidden_act": "mish"}, "activation 'mish' is unknown"),
        ({"rope_parameters": {"rope_type": "dynamic"}}, "RoPE scaling 'dynamic' is unknown"),
        ({"quantization_config": {}}, "weights are quantized"),
        ({"num_attention_heads": 5}, "n_heads = 5"),
    ],
)
def test_what_no_layer_of_ours_computes_is_refused(
    settings: dict[str, Any], message: str, published: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        pretrained.load(copy_of(published, tmp_path, **settings))


def test_a_setting_that_is_missing_is_named(published: Path, tmp_path: Path) -> None:
    folder = copy_of(published, tmp_path)
    settings = json.loads((folder / "config.json").read_text())
    del settings["num_hidden_layers"]
    (folder / "config.json").write_text(json.dumps(settings))
    with pytest.raises(ValueError, match=r"config\.json lacks 'num_hidden_layers'"):
        pretrained.load(folder)


@pytest.mark.parametrize(
    ("model_type", "setting", "value"),
    [
        ("gpt2", "scale_attn_by_inverse_layer_idx", True),
        ("bloom", "apply_residual_connection_post_layernorm", True),
        ("mpt", "no_bias", False),
        ("bert", "position_embedding_type", "relative_key"),
        ("roberta", "hidden_act", "relu"),
    ],
)
def test_rare_settings_are_refused_rather_than_ignored(model_type: str, setting: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"says {setting} = {value!r}"):
        ARCHITECTURES[model_type].config({setting: value}, frozenset(), "x")


def test_settings_of_earlier_years_are_read(published: Path) -> None:
    """As in the config.json of Llama 3.1, DeepSeek's YaRN and Qwen2, before they were spelled anew."""
    settings = json.loads((published / "config.json").read_text())
    del settings["rope_parameters"]
    linear = {"rope_theta": 5e5, "rope_scaling": {"type": "linear", "factor": 2.0}}
    assert rope(settings | linear) == PositionConfig("rope", 5e5, scaling=RopeScaling("linear", 2.0))
    yarn = {"type": "yarn", "factor": 40, "mscale": 1.0, "mscale_all_dim": 1.0, "original_max_position_embeddings": 16}
    expected = RopeScaling("yarn", 40, 16, attention_factor=1.0)
    assert rope(settings | {"rope_scaling": yarn}) == PositionConfig("rope", scaling=expected)
    windows = {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 2}
    config = QWEN2.config(settings | windows, frozenset(), "x")
    assert isinstance(config, GPTConfig)
    assert config.windowed_layers == (2,)


def test_gemmas_of_earlier_years_are_read() -> None:
    """As in their first config.json: the tanh form of GELU called "gelu", a number for windows, RoPE's base twice."""
    sizes: dict[str, Any] = {"vocab_size": 8, "max_position_embeddings": 64, "hidden_size": 32, "num_hidden_layers": 6}
    sizes |= {"num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48, "hidden_act": "gelu"}
    first = ARCHITECTURES["gemma"].config(sizes | {"hidden_activation": None}, frozenset(), "x")
    assert isinstance(first, GPTConfig)
    assert (first.activation, first.head_width, first.tied_embeddings) == ("gelu_tanh", 256, True)
    second = ARCHITECTURES["gemma2"].config(sizes, frozenset(), "x")
    assert isinstance(second, GPTConfig)
    assert (second.window, second.windowed_layers, second.score_divisor) == (4096, (0, 2, 4), 256)
    assert (second.score_softcap, second.logit_softcap) == (50.0, 30.0)
    spelled: dict[str, Any] = {
        "sliding_window": 512,
        "sliding_window_pattern": 3,
        "rope_theta": 5e5,
        "rope_local_base_freq": 2e4,
    }
    spelled |= {"rope_scaling": {"rope_type": "linear", "factor": 8.0}, "query_pre_attn_scalar": 168}
    third = ARCHITECTURES["gemma3_text"].config(sizes | spelled, frozenset(), "x")
    assert isinstance(third, GPTConfig)
    assert third.positions_at(2) == PositionConfig("rope", 5e5, scaling=RopeScaling("linear", 8.0), window_theta=2e4)
    assert third.positions_at(1) == PositionConfig("rope", 2e4, window_theta=2e4)
    assert (third.window, third.windowed_layers, third.score_divisor) == (512, (0, 1, 3, 4), 168)
    assert (third.score_softcap, third.logit_softcap) == (None, None)


def test_a_gemmas_norms_are_stored_less_1_which_is_added_in_single_precision() -> None:
    """In bfloat16, in which they are published, 1 + 2^-9 would be 1."""
    architecture = ARCHITECTURES["gemma"]
    sizes = {"vocab_size": 8, "max_position_embeddings": 64, "hidden_size": 32, "num_hidden_layers": 1}
    sizes |= {"num_attention_heads": 4, "intermediate_size": 48}
    table = architecture.table(architecture.config(sizes, frozenset(), "x"))
    stored = torch.tensor([2.0**-9, -1.0], dtype=torch.bfloat16)
    for name in ("blocks.0.ln1.weight", "blocks.0.ln2.weight", "ln_final.weight"):
        assert table[name].make(stored).tolist() == [1 + 2.0**-9, 0.0]
    assert table["embed.weight"].make(stored) is stored


def test_older_names_of_norms_are_read() -> None:
    bert = ARCHITECTURES["bert"]
    assert bert.canonical("bert.embeddings.LayerNorm.gamma") == "embeddings.LayerNorm.weight"
    assert bert.canonical("cls.predictions.transform.LayerNorm.beta") == "cls.predictions.transform.LayerNorm.bias"
