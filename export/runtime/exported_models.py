"""Where hub models lie that were exported on this machine: a directory with a folder for each commit of each model.

A folder is like a bundled checkpoint's: config.json, model.safetensors under our tensor names, tokenizer.json and the
graphs. `export.from_hub` makes it. The directory is `CUTAWAY_CACHE` if that is set; else `cutaway` in the place that
the system has for caches: `XDG_CACHE_HOME` or ~/.cache, ~/Library/Caches on macOS, LOCALAPPDATA on Windows.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

LAYOUT = "4"
"""Goes up with every change of the exporter that makes older folders wrong."""


def directory() -> Path:
    """Where all of them are."""
    if chosen := os.environ.get("CUTAWAY_CACHE"):
        return Path(chosen)
    home = Path(os.path.expanduser("~"))  # Path.home() raises for a user without a home
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "cutaway"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "cutaway"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "cutaway"


def folder(name: str, commit: str) -> Path:
    """The folder of one commit of a hub model, whether it is there or not."""
    return _folders(name) / f"{commit}-{LAYOUT}"


def folder_of(source: Path) -> Path:
    """The folder of a model that lies in a folder in Hugging Face layout as it is now, whether it is there or not."""
    return folder(f"local--{source.name}", _fingerprint(source))


def newest(name: str) -> Path | None:
    """The newest folder of a hub model; None if there is none, or none that can be read."""
    try:
        there = [path for path in _folders(name).glob(f"*-{LAYOUT}") if path.is_dir()]
        return max(there, key=lambda path: path.stat().st_mtime, default=None)
    except OSError:
        return None


def _fingerprint(source: Path) -> str:
    """What tells a folder's files from others without reading gigabytes: where they are, how long, and how old."""
    told = [str(source.resolve()), *_base(source)]
    for path in sorted(source.iterdir()):
        state = path.stat()
        told.append(f"{path.name} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:40]


def _base(source: Path) -> tuple[str, ...]:
    """Of the folder of an adapter, what tells its base from others: a folder's files, or a name on the hub.

    Nothing where there is none: whoever loads it says so.
    """
    settings = source / "adapter_config.json"
    if not settings.is_file() or (source / "config.json").is_file():
        return ()
    try:
        said = json.loads(settings.read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (ValueError, LookupError, TypeError):
        return ()
    if not isinstance(said, str) or not said:
        return ()
    there = next((place for place in (Path(said), source / said) if place.is_dir()), None)
    return (said if there is None else _fingerprint(there),)


def _folders(name: str) -> Path:
    return directory() / name.replace("/", "--")
