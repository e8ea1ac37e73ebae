"""Which version of what is running: `/version`."""

from __future__ import annotations

import platform
import tomllib
from importlib import metadata
from pathlib import Path

LIBRARIES = ("gradio", "numpy", "onnxruntime", "onnxruntime-gpu", "tokenizers")
_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def version() -> str:
    """The project's: of the folder that runs, as in a clone or on a Space, else of what is installed."""
    try:
        return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return installed("cutaway") or "unknown"


def installed(name: str) -> str | None:
    """The version of an installed package; None if it is not."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def told(files: str) -> dict[str, str]:
    """What `/version` answers.

    Args:
        files: the version of the page's files.
    """
    libraries = {name: found for name in LIBRARIES if (found := installed(name))}
    return {"cutaway": version(), "files": files, "python": platform.python_version(), **libraries}
