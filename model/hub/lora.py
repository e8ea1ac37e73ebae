"""LoRA adapters as PEFT saves them (Hu et al. 2022): small files that change some matrices of a base, merged into it.

A matrix W becomes W + s B A; s is alpha / r, or alpha / sqrt(r) where the adapter says so (rsLoRA, Kalajdzievski 2023).
What an adapter holds whole stands in the place of the base's: a head, which `model.hub.heads` tells, or a table.
What else an adapter may do is refused by its name. Nothing of `peft` is needed.

Axes: r, the rank; (out, r) are B's, (r, in) A's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.hub.tensors import listed, opened

SETTINGS, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PICKLE = "adapter_model.bin"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
PART = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<which>[AB])\.weight")
WHOLE = re.compile(r"base_model\.model\.(?P<tensor>(?!.*\blora_)(?!.*\.(base_layer|modules_to_save)\.).+)")

HARMLESS = {
    *("peft_type", "base_model_name_or_path", "revision", "task_type", "auto_mapping", "peft_version"),
    *("inference_mode", "lora_dropout", "r", "lora_alpha", "use_rslora", "fan_in_fan_out", "rank_pattern"),
    *("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "modules_to_save"),
    *("megatron_core", "qalora_group_size", "runtime_config", "eva_config", "ensure_weight_tying"),
}
"""Settings that are read here, or change nothing of what was saved: which tensors were adapted, the file tells."""
STARTED = (True, False, "gaussian", "eva", "orthogonal")
"""How A and B may have begun; other ways change the base as well, and their adapters belong to that."""
TASKS = {
    "SEQ_CLS": "ForSequenceClassification",
    "TOKEN_CLS": "ForTokenClassification",
    "QUESTION_ANS": "ForQuestionAnswering",
}
"""What a class of `transformers` ends in that an adapter for a task was made in."""


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter alone, no model."""
    return (folder / SETTINGS).is_file() and not (folder / "config.json").is_file()


def settings_of(folder: Path) -> dict[str, Any]:
    """An adapter's settings. Raises ValueError where they are none."""
    try:
        told = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ValueError(f"its {SETTINGS} holds no settings by name")
    return told


def base_of(folder: Path) -> Path | str:
    """What an adapter is of: a folder, as it is or seen from the adapter's, or a name on the hub.

    Raises:
        ValueError: it names none, or asks for what is not done here: no base is fetched for that.
    """
    settings = settings_of(folder)
    _require(settings)
    said = settings.get("base_model_name_or_path")
    if not isinstance(said, str) or not said:
        raise ValueError(f"its {SETTINGS} names no base_model_name_or_path, so nobody knows what it changes")
    for place in (Path(said), folder / said):
        if place.is_dir():
            return place
    if not HUB_NAME.fullmatch(said):
        raise ValueError(f"its {SETTINGS} names the base {said!r}, which is no folder here and no name on the hub")
    return said


class Adapter:
    """An adapter, its tensors read one at a time.

    Raises:
        FileNotFoundError: its tensors are not there, or only as a pickle.
        ValueError: it is no LoRA, has a setting or a tensor that is not understood here, or is not whole.
    """

    def __init__(self, folder: Path) -> None:
        self.settings = settings_of(folder)
        _require(self.settings)
        if not (folder / WEIGHTS).is_file():
            pickled = f"; {PICKLE} can run code when opened and is refused" if (folder / PICKLE).is_file() else ""
            raise FileNotFoundError(f"{folder} holds no {WEIGHTS}{pickled}")
        self.file = opened(folder / WEIGHTS)
        """Its safetensors file."""
        self._parts: dict[str, dict[str, str]] = {}
        self.whole: dict[str, str] = {}
        """The tensors that stand in the place of the base's: under the base's name, the file's."""
        strange = []
        for name in self.file.keys():  # noqa: SIM118 (a file is no mapping)
            if part := PART.fullmatch(name):
                self._parts.setdefault(part["module"], {})[part["which"]] = name
            elif whole := WHOLE.fullmatch(name):
                self.whole[whole["tensor"]] = name
            else:
                strange.append(name)
        if strange:
            raise ValueError(f"the adapter has tensors that are not understood here: {listed(strange)}")
        if halves := [module for module, parts in self._parts.items() if len(parts) != 2]:
            raise ValueError(f"the adapter has only one of A and B for {listed(halves)}")

    @property
    def modules(self) -> tuple[str, ...]:
        """The layers that are changed by A and B."""
        return tuple(self._parts)

    @property
    def task(self) -> str | None:
        """What a class of `transformers` that has its head ends in; None of an adapter that brings no head."""
        return TASKS.get(str(self.settings.get("task_type")))

    def merged(self, module: str, weight: Tensor) -> Tensor:
        """The weight of a layer, s B A added to it, in float32 at least.

        Args:
            module: one of `modules`.
            weight: the base's, *Shape:* (out, in); (in, out) where the adapter says so (GPT-2's layers).

        Raises:
            ValueError: the shapes do not fit.
        """
        wide = torch.promote_types(weight.dtype, torch.float32)
        a, b = (self.file.get_tensor(self._parts[module][which]).to(wide) for which in "AB")
        rank = a.shape[0]
        alpha = float(self.settings.get("lora_alpha", 8))
        scale = alpha / (rank**0.5 if self.settings.get("use_rslora") else rank)
        if b.dim() != 2 or a.dim() != 2 or b.shape[1] != rank:
            raise ValueError(f"the adapter's A {tuple(a.shape)} and B {tuple(b.shape)} for {module} do not fit")
        added = scale * (b @ a)
        if self.settings.get("fan_in_fan_out"):
            added = added.T
        if added.shape != weight.shape:
            raise ValueError(
                f"the adapter changes {module} by {tuple(added.shape)}; the base's is {tuple(weight.shape)}"
            )
        return weight.to(wide) + added


def _require(settings: Mapping[str, Any]) -> None:
    """Raises ValueError unless all that the settings ask for is done here."""
    if (kind := settings.get("peft_type")) != "LORA":
        raise ValueError(f"its {SETTINGS} says peft_type = {kind!r}; only 'LORA' adapters can be loaded")
    if settings.get("use_dora"):
        raise ValueError("it is a DoRA adapter (use_dora), which also changes lengths; only plain LoRA can be loaded")
    if settings.get("bias", "none") != "none":
        raise ValueError(f"its {SETTINGS} says bias = {settings['bias']!r}; only 'none' can be loaded")
    began = settings.get("init_lora_weights", True)
    if began not in STARTED:
        raise ValueError(
            f"it began as {began!r} (init_lora_weights), which changes the base too; that is not done here"
        )
    read = HARMLESS | {"use_dora", "bias", "init_lora_weights"}
    if unknown := sorted(name for name, value in settings.items() if name not in read and value):
        raise ValueError(f"its {SETTINGS} has settings that are not understood here: {listed(unknown)}")
