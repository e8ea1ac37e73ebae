"""Files that say one thing in two ways, or half of it: read as `transformers` reads them, or refused with a reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from safetensors.torch import load_file, save_file
from torch import Tensor

from model import pretrained
from tests.model.agreement import random_ids
from tests.model.published import DECODERS, ENCODER_DECODERS, YARN, random_peer

Edit = Callable[[dict[str, Tensor]], dict[str, Tensor]]
DEFAULT = {"rope_type": "default", "rope_theta": 10_000.0}
SCALED = {"type": "linear", "factor": 4.0}
CASES = DECODERS | ENCODER_DECODERS


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a random model of `transformers`, by the name of its case; made once."""
    folders: dict[str, Path] = {}

    def folder(case: str) -> Path:
        if case not in folders:
            folders[case] = tmp_path_factory.mktemp("saved")
            random_peer(CASES[case]).save_pretrained(folders[case])
        return folders[case]

    return folder


def edited(folder: Path, to: Path, settings: dict[str, Any], edit: Edit = dict) -> Path:
    """A copy with other settings (None takes one away) and other tensors."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    config = json.loads((to / "config.json").read_text()) | settings
    (to / "config.json").write_text(json.dumps({name: value for name, value in config.items() if value is not None}))
    tensors = edit(load_file(to / "model.safetensors"))
    save_file(tensors, to / "model.safetensors", metadata={"format": "pt"})
    return to


def apart(folder: Path) -> float:
    """How far our logits are from those of `transformers`, which reads the folder by itself."""
    ours = pretrained.load(folder)
    ids = random_ids()
    with torch.no_grad():
        if ours.config.family == "t5":
            theirs = hf.AutoModelForSeq2SeqLM.from_pretrained(folder)(input_ids=ids, decoder_input_ids=ids).logits
            return float((ours.module(ids, ids).logits - theirs).abs().max())
        peer = hf.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
        return float((ours.module(ids).logits - peer(ids).logits).abs().max())


@pytest.mark.parametrize(
    "settings",
    [
        {"rope_scaling": SCALED, "rope_parameters": DEFAULT},
        {"rope_scaling": SCALED, "rope_parameters": None, "rope_theta": 500.0},
        {"rope_parameters": DEFAULT | {"partial_rotary_factor": 0.5}},
        {"rope_parameters": None, "rope_theta": 500.0, "partial_rotary_factor": 0.5},
        {"rope_parameters": YARN | {"factor": 0.5}},
        {"rope_parameters": YARN | {"factor": 0.5, "mscale": 1.0, "mscale_all_dim": 0.5}},
        {"rope_parameters": YARN | {"mscale": 1.0, "mscale_all_dim": 0.5}},
    ],
    ids=str,
)
def test_rope_is_read_as_transformers_reads_it(
    saved: Callable[[str], Path], tmp_path: Path, settings: dict[str, Any]
) -> None:
    assert apart(edited(saved("llama"), tmp_path, settings)) < 1e-4


FACTORS = {"short_factor": [1.0, 1.5, 2.5, 7.0], "long_factor": [2.0, 4.0, 9.0, 20.0]}


@pytest.mark.parametrize(
    ("settings", "n_ctx"),
    [
        (
            {"rope_scaling": {"type": "su", "original_max_position_embeddings": 8, **FACTORS}}
            | {"original_max_position_embeddings": 48},
            48,
        ),
        ({"rope_scaling": {"type": "yarn", **FACTORS}, "original_max_position_embeddings": 48}, 48),
        ({"rope_scaling": {"type": "longrope", **FACTORS}, "max_position_embeddings": 99_999}, 4_096),
        ({"rope_parameters": {"rope_type": "longrope", "original_max_position_embeddings": 8, **FACTORS}}, 64),
        (
            {"rope_scaling": {"type": "longrope", **{name: of[:3] for name, of in FACTORS.items()}}}
            | {"partial_rotary_factor": 0.75, "max_position_embeddings": 9_999, "rope_theta": 500.0},
            4_096,
        ),
    ],
    ids=str,
)
def test_longrope_is_read_with_the_frequencies_of_short_texts_to_where_others_begin(
    saved: Callable[[str], Path], tmp_path: Path, settings: dict[str, Any], n_ctx: int
) -> None:
    """The original length in a Phi's RoPE counts for nothing beside its own setting, whose default is 4,096."""
    own = {"original_max_position_embeddings": None, "rope_parameters": None, "pad_token_id": 1}
    folder = edited(saved("phi3"), tmp_path, own | settings)
    assert apart(folder) < 1e-4
    loaded = pretrained.load(folder)
    assert loaded.config.n_ctx == n_ctx
    assert loaded.config.positions.ends
    if n_ctx == 48:
        with pytest.raises(ValueError, match="49 tokens, but its positions end at n_ctx = 48"):
            loaded.module(random_ids(49))
        longer, short = (read_by_transformers(folder, random_ids(49)[:, :length]) for length in (49, 48))
        assert (longer[:, :48] - short).abs().max() > 0.1, "past it other frequencies hold, for every token"


def read_by_transformers(folder: Path, ids: Tensor) -> Tensor:
    """The logits of `transformers`."""
    with torch.no_grad():
        logits: Tensor = hf.AutoModelForCausalLM.from_pretrained(folder)(ids).logits
    return logits


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"full_attention": DEFAULT, "sliding_attention": SCALED}, "differs by the kind of layer"),
        (DEFAULT | {"mrope_section": [1, 1, 2]}, "settings that no layer of ours knows: mrope_section"),
        (YARN | {"partial_rotary_factor": 0.5}, "only 0.5 is rotated"),
    ],
)
def test_a_rope_that_no_layer_of_ours_has_is_refused(
    saved: Callable[[str], Path], tmp_path: Path, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pretrained.load(edited(saved("llama"), tmp_path, {"rope_parameters": parameters}))


def moved(old: str, new: str) -> Edit:
    """The tensor under another name alone."""
    return lambda tensors: {new if name == old else name: tensor for name, tensor in tensors.items()}


def headed(table: str, head: str) -> Edit:
    """A head of its own beside the table."""

    def edit(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        noise = torch.randn(tensors[table].shape, generator=torch.Generator().manual_seed(0))
        return tensors | {head: tensors[table] + noise}

    return edit


TIED = {
    "gpt2": ("transformer.wte.weight", "lm_head.weight"),
    "llama, tied, wide heads, biases": ("model.embed_tokens.weight", "lm_head.weight"),
    "bloom": ("transformer.word_embeddings.weight", "lm_head.weight"),
    "mpt": ("transformer.wte.weight", "lm_head.weight"),
    "t5 v1.0": ("shared.weight", "decoder.embed_tokens.weight"),
}


@pytest.mark.parametrize("case", TIED)
def test_a_table_that_serves_two_ends_is_found_under_either_name(
    saved: Callable[[str], Path], tmp_path: Path, case: str
) -> None:
    assert apart(edited(saved(case), tmp_path, {}, moved(*TIED[case]))) < 1e-4


@pytest.mark.parametrize("case", [case for case in TIED if case != "t5 v1.0"])
def test_a_head_that_was_stored_counts_whatever_the_flag_says(
    saved: Callable[[str], Path], tmp_path: Path, case: str
) -> None:
    folder = edited(saved(case), tmp_path, {"tie_word_embeddings": True}, headed(*TIED[case]))
    assert apart(folder) < 1e-4


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


def pointer(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://github.com/spec/v1\noid sha256:0\nsize 1\n")


def twice(folder: Path) -> None:
    path = folder / "model.safetensors"
    shutil.copyfile(path, folder / "a.safetensors")
    path.rename(folder / "b.safetensors")
    index = {"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def nan(folder: Path) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"][0] = float("nan")
    save_file(tensors, path)


def kind(dtype: torch.dtype) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / "model.safetensors"
        save_file({name: tensor.to(dtype) for name, tensor in load_file(path).items()}, path)

    return damage


def beyond(folder: Path) -> None:
    """A number that only 64 bits hold."""
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"] = tensors["model.norm.weight"].double() * 1e300
    save_file(tensors, path)


def index(text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        (folder / "model.safetensors.index.json").write_text(text)

    return damage


def config(text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "config.json").write_text(text)

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, r"model\.safetensors is no safetensors file, or not all of it is there"),
        (pointer, r"model\.safetensors is only a pointer of Git LFS"),
        (twice, r"the files hold .* twice"),
        (nan, r"tensors with NaN or infinity in them: norm\.weight"),
        (kind(torch.int8), r"is of type int8, not a float of 16, 32 or 64 bits"),
        (kind(torch.float8_e4m3fn), r"is of type float8_e4m3fn"),
        (beyond, r"tensors with NaN or infinity in them: norm\.weight"),
        (index("[]"), r"index\.json holds no settings by name"),
        (index("{}"), r"index\.json does not tell which file"),
        (index('{"weight_map": {"x": "../../x.safetensors"}}'), r"index\.json does not tell which file"),
        (index('{"weight_map": {"x": 3}}'), r"index\.json does not tell which file"),
        (index("{"), r"index\.json is no JSON, or not all of it is there"),
        (config("[" * 100_000), r"config\.json is no JSON"),
        (config("[]"), r"config\.json holds no settings by name"),
        (config('{"model_type": "llama"'), "cannot load"),
        (config('{"model_type": ["llama"]}'), "model_type .* is unknown"),
        (config('{"model_type": "llama", "rope_parameters": "yarn"}'), "wrong type|lacks"),
    ],
)
def test_what_is_damaged_is_refused_with_a_sentence(
    saved: Callable[[str], Path], tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    folder = edited(saved("llama"), tmp_path, {})
    damage(folder)
    with pytest.raises(ValueError, match=message) as refused:
        pretrained.from_folder(folder, "some/name")
    assert "cannot load some/name" in str(refused.value)
    assert str(folder) not in str(refused.value), "a page may show it"


@pytest.mark.parametrize(
    "setting", ["hidden_size", "head_dim", "num_hidden_layers", "num_attention_heads", "vocab_size"]
)
@pytest.mark.parametrize("value", ["32", [32], {"a": 1}, -1, 0, 1.5, 10**18])
def test_a_setting_of_the_wrong_type_or_size_is_refused_with_a_sentence(
    saved: Callable[[str], Path], tmp_path: Path, setting: str, value: object
) -> None:
    with pytest.raises(ValueError, match="^cannot load"):
        pretrained.load(edited(saved("llama"), tmp_path, {setting: value}))
