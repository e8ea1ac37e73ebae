"""The models that are run, each as PyTorch reads it and as our graphs for a card.

    hf/    as `transformers` saves it, in float16
    ours/  config.json and model.safetensors; fused.fp16.onnx; tapped.onnx and tapped.fp16.onnx for CUDA (`export.cuda`)

They are kept in build/gpu, and made anew where what makes them has changed.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.race.models import SOURCES
from tests.bench.race.process import ROOT

WORK = ROOT / "build" / "gpu"


@dataclass(frozen=True)
class Model:
    """One that is run."""

    label: str
    make: Callable[[Path], None]
    """Fills hf/, and config.json and model.safetensors of ours/."""
    lengths: tuple[int, ...] = (128, 512, 2048, 8192)
    """Of the texts whose pass is measured."""


def bundled(name: str) -> Callable[[Path], None]:
    """A checkpoint of the project. Its positions are rotations, which go on past its context; nobody reads it there."""

    def make(folder: Path) -> None:
        from model import zoo
        from tests.bench.race import numbered

        (folder / "ours").mkdir()
        for file in ("config.json", "model.safetensors"):
            shutil.copy(zoo.CHECKPOINTS / name / file, folder / "ours")
        numbered.write(zoo.CHECKPOINTS / name, folder / "hf")

    return make


def random(peer: Callable[[Any], Any]) -> Callable[[Path], None]:
    """A model of a shape of ours or another's, its weights as before any training, rounded to float16."""

    def make(folder: Path) -> None:
        import torch
        import transformers
        from safetensors.torch import save_file

        from export import weights
        from model import config as configs
        from model import pretrained

        torch.manual_seed(0)
        peer(transformers).half().save_pretrained(folder / "hf")
        loaded = pretrained.load(folder / "hf")
        (folder / "ours").mkdir()
        (folder / "ours" / "config.json").write_text(configs.to_json(loaded.config), encoding="utf-8")
        tensors = {name: weights.narrowed(one).contiguous() for name, one in loaded.module.state_dict().items()}
        save_file(tensors, folder / "ours" / "model.safetensors")

    return make


def llama(hf: Any) -> Any:
    """315 M parameters, grouped queries, a context of 8,192."""
    return hf.LlamaForCausalLM(
        hf.LlamaConfig(
            vocab_size=32_000,
            hidden_size=1024,
            intermediate_size=2816,
            num_hidden_layers=24,
            num_attention_heads=16,
            num_key_value_heads=8,
            max_position_embeddings=8192,
            tie_word_embeddings=True,
        )
    )


def tiny(hf: Any) -> Any:
    """What the tests run: the parts of Mixtral, a thousandth of its width."""
    return hf.MixtralForCausalLM(
        hf.MixtralConfig(
            vocab_size=61,
            hidden_size=32,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=4,
            num_key_value_heads=2,
            num_local_experts=4,
            max_position_embeddings=64,
            sliding_window=None,
        )
    )


MODELS = {
    "gpt": Model("GPT, bundled", bundled("gpt")),
    "llama": Model("a Llama of 315 M, random", random(llama)),
    "tiny": Model("a tiny Mixtral, random", random(tiny), (16, 48)),
}
FULL = ("gpt", "llama")
"""Those that a run without further words takes."""


def prepare(name: str) -> Path:
    """The folder of a model, made now if it is not there or what makes it has changed."""
    from export import cuda, reduced

    folder, stamp = WORK / "models" / name, WORK / "models" / f"{name}.stamp"
    made_of = _digest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == made_of:
        return folder
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    MODELS[name].make(folder)
    reduced.build(folder / "ours", "fp16")
    cuda.build(folder / "ours")
    stamp.write_text(made_of, encoding="utf-8")
    return folder


def _digest() -> str:
    source = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(one for given in SOURCES for one in ((ROOT / given).rglob("*.py"))):
        source.update(path.read_bytes())
    return source.hexdigest()
