"""Hub models as this project runs them: exported on first use, and kept where `export.runtime.exported_models` says.

A folder is made beside its place and renamed when it is whole, so that no half-written one is ever seen; a lock lets
one process make it while others wait.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx_ir as ir
from filelock import FileLock
from safetensors.torch import save_file
from tqdm import tqdm

from export import families, graphs, weights
from export.runtime import exported_models
from model import config as configs
from model import pretrained
from model.hub import files, lora, vocabularies

BYTES_PER_NUMBER = 6
"""Of memory, while a model is exported: each weight in float32, and once more in the 16 bits that most are kept in."""


def fetch(name: str, revision: str | None = None, bar: type[tqdm[Any]] = tqdm) -> Path:
    """The folder of a hub model's graphs; made now, with a progress bar, if there is none of this commit yet.

    Args:
        name: as on the hub, "openai-community/gpt2".
        revision: a branch, a tag or a commit; the main branch unless given.
        bar: what shows the progress, of the download in bytes and of the export in files.

    Raises:
        FileNotFoundError, PermissionError, ValueError: as `model.pretrained.load`.
    """
    snapshot = files.from_hub(name, revision, BYTES_PER_NUMBER, bar, reads_text=True)
    return once(exported_models.folder(name, snapshot.name), lambda folder: export(snapshot, name, folder, bar))


def local(source: Path, bar: type[tqdm[Any]] = tqdm) -> Path:
    """The folder of the graphs of a model that lies in a folder in Hugging Face layout; made now, if there is none of
    the files as they are.

    Raises:
        FileNotFoundError, ValueError: as `model.pretrained.load`.
    """
    return once(exported_models.folder_of(source), lambda folder: export(source, source.name, folder, bar))


def once(entry: Path, make: Callable[[Path], None]) -> Path:
    """`entry`, filled by `make` if it is not there; by one caller, while all others wait."""
    if entry.is_dir():
        return entry
    entry.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(entry.with_name(f"{entry.name}.lock")):
        if entry.is_dir():
            return entry
        for abandoned in entry.parent.glob(f"{entry.name}.partial-*"):  # of a process that was killed
            shutil.rmtree(abandoned)
        partial = Path(tempfile.mkdtemp(prefix=f"{entry.name}.partial-", dir=entry.parent))
        try:
            make(partial)
            partial.rename(entry)
        except BaseException:
            shutil.rmtree(partial)
            raise
    return entry


def export(source: Path, name: str, folder: Path, bar: type[tqdm[Any]] = tqdm) -> None:
    """Writes a model in Hugging Face layout as a checkpoint of ours with its graphs.

    Raises:
        FileNotFoundError: files are missing, be it those of its tokenizer: without it nobody could ask the model.
        ValueError: as `model.pretrained.load`.
    """
    base, spoken = source, source
    if lora.is_adapter(source):
        base = files.base_of(source, BYTES_PER_NUMBER)
        spoken = base if vocabularies.read(source) is None else source
    files.in_folder(base, name)
    vocabularies.needed([path.name for path in spoken.iterdir()], name)
    loaded = pretrained.from_folder(source, name)
    interfaces = families.interfaces(loaded.config)
    with bar(total=1 + len(interfaces), desc=f"exporting {name}", unit="file") as progress:
        (folder / "config.json").write_text(configs.to_json(loaded.config), encoding="utf-8")
        tokenizer = vocabularies.read(spoken)
        assert tokenizer is not None, "the files that are needed are there"
        tokenizer.save(str(folder / vocabularies.TOKENIZER))
        tensors = {key: weights.narrowed(tensor).contiguous() for key, tensor in loaded.module.state_dict().items()}
        save_file(tensors, folder / files.WEIGHTS)
        progress.update()
        for graph, interface in interfaces.items():
            model = graphs.build(loaded.module, interface)
            weights.point_into(model, folder / files.WEIGHTS)
            ir.save(model, folder / f"{graph}.onnx")
            progress.update()
