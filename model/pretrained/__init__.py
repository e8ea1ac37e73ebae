"""Weights by name into this trio: bundled, from a local folder, or from the hub.

A folder in Hugging Face layout has a config.json with `model_type`, one of ours has one with `family`; both keep their
weights in safetensors. One with an adapter_config.json alone is a LoRA adapter, and is merged into the base that it
names. How published layouts map to ours is in `model.hub`.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import nn

from model import config as configs
from model import zoo
from model.config import Config, GPTConfig, T5Config
from model.hub import ARCHITECTURES, NOT_READ, files, heads, lora, vocabularies
from model.hub.architecture import Architecture, Source
from model.hub.weights import Checkpoint, state_dict
from model.tokenizer import Tokenizer
from model.transformer.bert import Bert
from model.transformer.gpt import GPT
from model.transformer.t5 import T5

MODULES: dict[str, Callable[[Any], nn.Module]] = {"gpt": GPT, "bert": Bert, "t5": T5}
LAYERS = (
    *("n_layer", "n_layers", "num_layers", "num_hidden_layers", "num_decoder_layers"),
    *("encoder_layers", "decoder_layers"),
)
WRITING = ("decoder_start_token_id", "forced_bos_token_id", "bad_words_ids")
"""Settings that a file of its own may hold."""
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")
"""Settings that count what has tensors of its own."""
MEASURED = ("hidden_size", "d_model", "head_dim", "d_kv", "qk_rope_head_dim")
"""Settings that are sides of tensors, and by which tables are made before any tensor is read."""
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True)
class Pretrained:
    """A model with its weights, ready to run."""

    config: Config
    module: nn.Module
    """In evaluation mode."""
    tokenizer: Tokenizer | None
    """None where the folder has no file that one can be read from."""


def load(name: str | PathLike[str], *, revision: str | None = None, dtype: torch.dtype = torch.float32) -> Pretrained:
    """Loads a model.

    Args:
        name: a bundled name ("gpt"), the path of a folder, or a name on the hub ("openai-community/gpt2"); whichever
            it is first.
        revision: a branch, a tag or a commit of a hub model.
        dtype: what to compute in. float32 holds published float16 and bfloat16 weights exactly.

    Raises:
        FileNotFoundError: there is no such model, or it has no safetensors.
        PermissionError: the hub gives the model only to whom its owner consents.
        ValueError: the architecture is unknown, a setting is one that no layer of ours has, tensors do not fit the
            config, or the model is too large for this machine.
    """
    bundled = zoo.CHECKPOINTS / name
    if bundled.parent == zoo.CHECKPOINTS and bundled.is_dir():
        return from_folder(bundled, dtype=dtype)
    if Path(name).is_dir():
        return from_folder(Path(name), dtype=dtype)
    if not isinstance(name, str) or not HUB_NAME.fullmatch(name):
        known = ", ".join(entry.name for entry in zoo.bundled())
        raise FileNotFoundError(f"{name} is no folder, no bundled model ({known}), and no name that the hub could have")
    folder = files.from_hub(name, revision, dtype.itemsize)
    return from_folder(folder, name, dtype)


def from_folder(folder: Path, name: str | None = None, dtype: torch.dtype = torch.float32) -> Pretrained:
    """Loads the model in a folder; raises as `load` does. Its config gets `name`, the folder's own unless given."""
    try:
        adapter = lora.Adapter(folder) if lora.is_adapter(folder) else None
        base = folder if adapter is None else files.base_of(folder, dtype.itemsize)
        found = files.in_folder(base, name if adapter is None else None)
        loaded = _load(found, name or folder.name, dtype, adapter)
    except ValueError as error:
        raise ValueError(f"cannot load {name or folder}: {error}") from error
    own = None if adapter is None else vocabularies.read(folder)
    return loaded if own is None else dataclasses.replace(loaded, tokenizer=Tokenizer.around(loaded.config, own))


def _load(found: files.Files, name: str, dtype: torch.dtype, adapter: lora.Adapter | None) -> Pretrained:
    settings = files.settings(found.config)
    if "family" in settings:
        if adapter is not None:
            raise ValueError("its base is a checkpoint of ours; an adapter is of one in Hugging Face layout")
        config = configs.from_json(json.dumps(settings))
        architecture = _ours(config)
        checkpoint = Checkpoint(found.weights, architecture)
    else:
        architecture = _published(settings)
        settings |= _of_writing(found.config.parent)
        checkpoint = Checkpoint(found.weights, architecture, adapter)
        if adapter is not None and adapter.task is not None:
            settings = settings | {"architectures": [adapter.task], "id2label": None}
        config = _config(architecture, settings, checkpoint, name)
    module = _empty(config)
    shapes = {ours: tuple(tensor.shape) for ours, tensor in module.state_dict().items()}
    module.load_state_dict(state_dict(checkpoint, architecture, config, shapes, dtype), assign=True)
    inner = vocabularies.read(found.config.parent)
    tokenizer = None if inner is None else Tokenizer.around(config, inner)
    return Pretrained(config, module.eval(), tokenizer)


def _config(architecture: Architecture, settings: dict[str, Any], checkpoint: Checkpoint, name: str) -> Config:
    """Our config for a published one; which head it has, what was stored says.

    A head of its own that was stored counts, whatever a flag says of tying it; and a GPT or a T5 of which neither is
    there, or that got another head in its place, says nothing of what comes next.

    Raises:
        ValueError: a setting is missing, of the wrong type, or one that no layer of ours has.
    """
    n_tensors = len(checkpoint.names)
    _require_numbers(settings, LAYERS, n_tensors, "the files hold {most} tensors")
    try:
        config = architecture.config(settings, checkpoint.names, name)
    except KeyError as error:
        raise ValueError(f"config.json lacks {error}") from error
    except (TypeError, AttributeError, ArithmeticError) as error:  # of arithmetic with a text, or a list, or with zero
        raise ValueError(f"a setting in its config.json has the wrong type ({error})") from error
    _require_numbers(settings, EXPERTS, n_tensors, "the files hold {most} tensors")
    widest = max((size for stored in checkpoint.names for size in checkpoint.shape(stored)), default=0)
    _require_numbers(settings, MEASURED, widest, "no tensor is wider than {most}")
    if aside := heads.in_words(settings, checkpoint.aside):
        config = dataclasses.replace(config, left_aside=aside)
    if isinstance(config, T5Config):
        stored = not checkpoint.names.isdisjoint(heads.WRITING)
        tied = settings.get("tie_word_embeddings", True) and not aside
        return config if stored or tied else dataclasses.replace(config, head="none")
    if isinstance(config, GPTConfig):
        stored = not checkpoint.names.isdisjoint(architecture.copies)
        if not stored and (aside or not config.tied_embeddings):
            return dataclasses.replace(config, head="none", tied_embeddings=True)
    if isinstance(config, GPTConfig) and config.tied_embeddings:
        untied = any(checkpoint.differ(copy, original) for copy, original in architecture.copies.items())
        return dataclasses.replace(config, tied_embeddings=not untied)
    return config


def _require_numbers(settings: dict[str, Any], names: tuple[str, ...], most: int, why: str) -> None:
    """Refuses what is too large for the files: of 10^18 layers nobody would live to see the first missing tensor."""
    for name in names:
        if isinstance(said := settings.get(name), int) and said > most:
            raise ValueError(f"its config.json says {name} = {said}; {why.format(most=most)}")


def _empty(config: Config) -> nn.Module:
    """A model without numbers: no memory and no random ones for weights that are about to be replaced."""
    try:
        with torch.device("meta"):
            return MODULES[config.family](config)
    except (TypeError, ArithmeticError, RuntimeError) as error:
        raise ValueError(f"no model can be made of its config.json ({error})") from error


def _of_writing(folder: Path) -> dict[str, Any]:
    """How a text is written, where a file of its own says so."""
    said = files.settings(path) if (path := folder / files.GENERATION).is_file() else {}
    return {name: said[name] for name in WRITING if said.get(name) is not None}


def _published(settings: dict[str, Any]) -> Architecture:
    kind = settings.get("model_type")
    if isinstance(kind, str) and kind in NOT_READ:
        raise ValueError(f"the model_type {kind!r} is not read: {NOT_READ[kind]}, which no layer of ours computes")
    if not isinstance(kind, str) or kind not in ARCHITECTURES:
        raise ValueError(f"the model_type {kind!r} is unknown; known are {', '.join(ARCHITECTURES)}")
    if "quantization_config" in settings:
        raise ValueError("its weights are quantized; only float weights can be loaded")
    return ARCHITECTURES[kind]


def _ours(config: Config) -> Architecture:
    """Our own layout: every tensor under its own name."""
    names = _empty(config).state_dict()
    return Architecture(lambda *_: config, lambda _: {name: Source((name,)) for name in names}, prefix="")
