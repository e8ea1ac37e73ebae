"""Ready models: repositories of the hub that hold a model as this project runs it, graphs and all, so that a server
without torch can show it. `cutaway export NAME --upload OWNER/REPO` makes them, `CUTAWAY_MODELS` lists those that a
server offers.

A repository has `cutaway.json`, which tells what the model is and names every file with its size and its SHA-256. The
SHA-256 of this file itself may be listed behind the name, OWNER/REPO@DIGEST: then nothing that its owner changes later
is taken. What was fetched is held against the digests, and its graphs are walked (`export.runtime.confined`), before
anything reads it. Nothing in a repository is run but by ONNX Runtime, and nothing is unpickled.

    python -m export.runtime.ready OWNER/REPO[@DIGEST]

fetches one and tells how it goes, line by line, as `export.progress` does, and with `--attended` ends as that does.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import get_session, hf_hub_download, hf_hub_url
from huggingface_hub.utils._headers import build_hf_headers

from export.runtime import confined, exported_models
from export.runtime.layout import digest as digest_of
from model import config as configs
from model import faults, zoo
from model.config import FAMILIES, Config

MANIFEST = "cutaway.json"
NEEDED = ("config.json", "model.safetensors", "tapped.onnx", "tokenizer.json")
GRAPHS = ("tapped.onnx", "fused.onnx", "encoder.onnx", "decoder.onnx")
FILES = frozenset({*NEEDED, *GRAPHS, "CARD.md", "means.safetensors", "sound.json"})
"""What a repository may hold for us; all else in it is left where it is."""
MOST_MANIFEST = 65_536
MOST_SMALL = 64 * 2**20
"""Bytes of a file other than the weights."""
MOST_WEIGHTS = 16 * 10**9
TIMEOUT_S = 10.0
TOLD_EVERY_S = 0.5

_LISTED = re.compile(r"([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@([0-9a-f]{64}))?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")


class UnfitError(ValueError):
    """A repository is not what it should be; the message says in what."""


@dataclass(frozen=True)
class Ready:
    """One repository that a server offers."""

    repository: str
    digest: str | None = None
    """The SHA-256 of its manifest; whichever it has, unless given."""

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}" if self.digest else self.repository

    @property
    def folder(self) -> Path | None:
        """Where it lies on this machine; None if it does not."""
        if self.digest is None:
            return exported_models.newest(self.repository)
        there = exported_models.folder(self.repository, self.digest)
        return there if there.is_dir() else None


@dataclass(frozen=True)
class Manifest:
    """What a repository tells of itself."""

    digest: str
    name: str
    """Of the model that it was made of, "openai-community/gpt2" or "gpt"."""
    family: str
    parameters: int
    licence: str
    files: Mapping[str, tuple[int, str]]
    """Bytes and SHA-256 of each."""

    def entry(self, repository: str) -> zoo.Entry:
        """What the page's picker shows of it."""
        return zoo.Entry(repository, self.family, self.parameters, self.files["model.safetensors"][0], self.licence)


def listed(text: str) -> tuple[Ready, ...]:
    """The repositories in a setting with commas between them.

    Raises:
        ValueError: an entry is none; the message names it.
    """
    entries = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        if not (match := _LISTED.fullmatch(part)):
            raise ValueError(f"{part!r} is no repository; list OWNER/REPO, or OWNER/REPO@ and the digest of its state")
        entries.append(Ready(match[1], match[2]))
    return tuple(entries)


def manifest(ready: Ready) -> Manifest:
    """Asks the hub for a repository's manifest.

    Raises:
        FileNotFoundError: it is out of reach.
        UnfitError: it has none that is fit, or another than was listed.
    """
    try:
        with get_session().stream(
            "GET",
            hf_hub_url(ready.repository, MANIFEST),
            headers=build_hf_headers(),
            timeout=TIMEOUT_S,
            follow_redirects=True,
        ) as answer:
            if answer.status_code != 200:
                raise UnfitError(f"{ready.repository} has no {MANIFEST} on the hub, or keeps it from this server")
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > MOST_MANIFEST:
                    raise UnfitError(f"the {MANIFEST} of {ready.repository} is longer than {MOST_MANIFEST:,} bytes")
    except UnfitError:
        raise
    except Exception as error:  # which error says that the hub was not reached depends on the client's HTTP library
        raise FileNotFoundError(f"{ready.repository} is out of reach: {type(error).__name__}") from error
    return read(bytes(body), ready)


def read(body: bytes, ready: Ready) -> Manifest:
    """A manifest as it came. Raises UnfitError."""
    found = hashlib.sha256(body).hexdigest()
    if ready.digest not in (None, found):
        raise UnfitError(f"{ready.repository} is not what it was when it was listed: its {MANIFEST} has another digest")
    try:
        told: dict[str, Any] = json.loads(body)
        files = {str(file): (int(about["bytes"]), str(about["sha256"])) for file, about in told["files"].items()}
        made = Manifest(
            found, str(told["name"]), str(told["family"]), int(told["parameters"]), str(told["licence"]), files
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnfitError(f"the {MANIFEST} of {ready.repository} is none") from None
    if told.get("layout") != exported_models.LAYOUT:
        raise UnfitError(f"{ready.repository} was made by another version of the exporter; upload it anew")
    if not set(NEEDED) <= files.keys() <= FILES:
        raise UnfitError(f"{ready.repository} lists other files than {', '.join(sorted(FILES))}")
    for file, (size, sha256) in files.items():
        if not 0 <= size <= (MOST_WEIGHTS if file == "model.safetensors" else MOST_SMALL) or not _DIGEST.fullmatch(
            sha256
        ):
            raise UnfitError(f"{ready.repository} lists {file} with no size or digest that it could have")
    if made.family not in FAMILIES or not 0 < made.parameters < 10**12 or max(len(made.licence), len(made.name)) > 200:
        raise UnfitError(f"the {MANIFEST} of {ready.repository} describes no model")
    return made


def fetch(ready: Ready, tell: Any = lambda **what: None) -> Path:
    """The folder of a ready model; downloaded now, if it is not here.

    Args:
        ready: which.
        tell: told how far it is: `doing`, `done` and `total` bytes.

    Raises:
        FileNotFoundError: the hub is out of reach, or lacks a file.
        ValueError: something is not what it should be, or this machine could not hold it.
    """
    if ready.digest and (there := ready.folder):
        return there
    about = manifest(ready)
    place = exported_models.folder(ready.repository, about.digest)
    if place.is_dir():
        return place
    total = sum(size for size, _ in about.files.values())
    zoo.require_memory(ready.repository, about.files["model.safetensors"][0], total)
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f"{place.name}.partial-", dir=place.parent))
    done = threading.Event()

    def look() -> None:
        while not done.wait(TOLD_EVERY_S):
            here = sum(path.stat().st_size for path in partial.rglob("*") if path.is_file())
            tell(doing=f"downloading {ready.repository}", done=min(here, total), total=total, unit="B")

    threading.Thread(target=look, daemon=True).start()
    try:
        for file in about.files:
            try:
                hf_hub_download(ready.repository, file, local_dir=partial)
            except Exception as error:
                raise FileNotFoundError(
                    f"{file} of {ready.repository} cannot be had: {type(error).__name__}"
                ) from error
            hold(partial / file, *about.files[file])
        shutil.rmtree(partial / ".cache", ignore_errors=True)
        inspect(partial, about)
        partial.rename(place)
    finally:
        done.set()
        shutil.rmtree(partial, ignore_errors=True)
    return place


def graphs(config: Config) -> tuple[str, ...]:
    """The files of the graphs that a model of this kind has."""
    return ("tapped.onnx", "fused.onnx") if config.reader == config.speaker else ("tapped.onnx", *GRAPHS[2:])


def hold(path: Path, size: int, sha256: str) -> None:
    """Holds a file against what was told of it. Raises UnfitError."""
    if path.stat().st_size != size or digest_of(path) != sha256:
        raise UnfitError(f"{path.name} is not the one that {MANIFEST} tells of")


def inspect(folder: Path, about: Manifest) -> None:
    """Reads what was fetched as far as it can be without running it. Raises ValueError."""
    for graph in sorted(about.files.keys() & set(GRAPHS)):
        confined.check(folder / graph)
    config = configs.load(folder)
    if lacking := [graph for graph in graphs(config) if graph not in about.files]:
        raise UnfitError(f"{about.name} has no {' and no '.join(lacking)}")
    if config.family != about.family or zoo.n_parameters(folder / "model.safetensors") != about.parameters:
        raise UnfitError(f"{MANIFEST} describes another model than the one beside it")


def main(name: str, attended: bool = False) -> int:
    """Fetches one and tells how it goes; gives the exit status."""

    def tell(**what: Any) -> None:
        print(json.dumps(what), flush=True)

    def end_with_input() -> None:
        while os.read(sys.stdin.fileno(), 4_096):  # not by way of its buffer, whose lock would outlive a good end
            pass
        os._exit(1)

    if attended:
        threading.Thread(target=end_with_input, daemon=True).start()
    (ready,) = listed(name)
    try:
        tell(folder=str(fetch(ready, tell)))
    except (OSError, ValueError) as error:
        tell(error=f"{faults.said(error)}.")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], "--attended" in sys.argv[2:]))
