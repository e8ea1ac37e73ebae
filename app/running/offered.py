"""Models that an operator names when the server starts: a folder of ours, a folder in Hugging Face layout, or a name on
the hub. What has no graphs yet is exported first, by a process of its own: serving imports no torch.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from app.running.fetching import ROOT
from export.runtime import exported_models

GRAPH = "tapped.onnx"
NO_TORCH = "{said} has no graphs yet, and torch, which exports them, is not installed here."
NOTHING = "{said} is no folder, and no name on the hub: those are written OWNER/NAME."
ENDED = "Exporting {said} ended without a word."


class NotOfferedError(Exception):
    """A named model cannot be served; the message says why, in a sentence."""


def offered(said: str) -> tuple[str, Path]:
    """The name that a model is asked for by, and the folder with its graphs, made now if there is none.

    Args:
        said: a folder or OWNER/NAME.

    Raises:
        NotOfferedError: there is no such model, or none that can be exported.
    """
    folder = Path(said)
    if folder.is_dir():
        folder = folder.resolve()
        there = folder if (folder / GRAPH).is_file() else exported_models.folder_of(folder)
        return folder.name, there if there.is_dir() else exported(said)
    if said.count("/") != 1:
        raise NotOfferedError(NOTHING.format(said=said))
    return said, exported_models.newest(said) or exported(said)


def exported(said: str) -> Path:
    """Has a model exported, and waits for it."""
    if importlib.util.find_spec("torch") is None:
        raise NotOfferedError(NO_TORCH.format(said=said))
    command = [sys.executable, "-m", "export.progress", str(Path(said).resolve()) if Path(said).is_dir() else said]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    lines = ran.stdout.decode("utf-8", "replace").splitlines()
    told = json.loads(lines[-1]) if lines else {"error": ENDED.format(said=said)}
    if "folder" not in told:
        raise NotOfferedError(told.get("error", ENDED.format(said=said)))
    return Path(told["folder"])
