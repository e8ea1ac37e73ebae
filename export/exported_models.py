"""Hub models as this project runs them, exported on first use and kept in the user's cache directory.

An entry is a folder like a bundled checkpoint's: config.json, model.safetensors under our tensor names, tokenizer.json
and the graphs. It is made beside its place and renamed when it is whole, so that no half-written one is ever seen; a
lock lets one process make it while others wait.

The directory is `CUTAWAY_CACHE` if that is set; else `cutaway` in the place that the system has for caches:
`XDG_CACHE_HOME` or ~/.cache, ~/Library/Caches on macOS, LOCALAPPDATA on Windows.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock
from tqdm import tqdm

LAYOUT = "2"
"""Goes up with every change of the exporter that makes older entries wrong."""

BYTES_PER_NUMBER = 6
"""Of memory, while a model is exported: each weight in float32, and once more in the 16 bits that most are kept in."""


def directory() -> Path:
    """Where the entries are."""
    if chosen := os.environ.get("CUTAWAY_CACHE"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "cutaway"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "cutaway"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cutaway"


def fetch(name: str, revision: str | None = None, bar: type[tqdm[Any]] = tqdm) -> Path:
    """The folder of a hub model's graphs; made now, with a progress bar, if there is none of this commit yet.

    Args:
        name: as on the hub, "openai-community/gpt2".
        revision: a branch, a tag or a commit; the main branch unless given.
        bar: what shows the progress, of the download in bytes and of the export in files.

    Raises:
        FileNotFoundError, PermissionError, ValueError: as `model.pretrained.load`.
    """
    from model.hub import files

    snapshot = files.from_hub(name, revision, BYTES_PER_NUMBER, bar)
    return once(_of(name) / f"{snapshot.name}-{LAYOUT}", lambda folder: export(snapshot, name, folder, bar))


def kept(name: str) -> Path | None:
    """The newest folder of a hub model's graphs that is there already; None if there is none."""
    entries = [path for path in _of(name).glob(f"*-{LAYOUT}") if path.is_dir()]
    return max(entries, key=lambda path: path.stat().st_mtime, default=None)


def _of(name: str) -> Path:
    return directory() / name.replace("/", "--")


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
    """Writes a model in Hugging Face layout as a checkpoint of ours with its graphs."""
    import onnx_ir as ir
    from safetensors.torch import save_file

    from export import families, graphs, weights
    from model import config as configs
    from model import pretrained
    from model.hub import files

    loaded = pretrained.from_folder(source, name)
    interfaces = families.interfaces(loaded.config)
    with bar(total=1 + len(interfaces), desc=f"exporting {name}", unit="file") as progress:
        (folder / "config.json").write_text(configs.to_json(loaded.config), encoding="utf-8")
        if (source / files.TOKENIZER).is_file():
            shutil.copyfile(source / files.TOKENIZER, folder / files.TOKENIZER)
        tensors = {key: weights.narrowed(tensor).contiguous() for key, tensor in loaded.module.state_dict().items()}
        save_file(tensors, folder / files.WEIGHTS)
        progress.update()
        for graph, interface in interfaces.items():
            model = graphs.build(loaded.module, interface)
            weights.point_into(model, folder / files.WEIGHTS)
            ir.save(model, folder / f"{graph}.onnx")
            progress.update()
