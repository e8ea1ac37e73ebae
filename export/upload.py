"""Puts a model as this project runs it onto the hub, where servers without torch take it from: see
`export.runtime.ready`. The token that may write there comes from the environment, `HF_TOKEN`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from export.runtime import confined, exported_models, soundness
from export.runtime.layout import digest
from export.runtime.ready import FILES, GRAPHS, MANIFEST, NEEDED
from model import config as configs
from model import zoo

NO_TOKEN = "HF_TOKEN is not set; set it to a token of the hub that may write to {repository}"
CARD = """---
license: {licence}
tags:
- cutaway
- onnx
---

# {name}, ready for Cutaway

ONNX graphs and weights of {name} as Cutaway runs them: every inner value is an output of `tapped.onnx`. A server shows
it with `CUTAWAY_MODELS={repository}@{digest}`; `cutaway.json` lists each file with its SHA-256.
"""


def upload(folder: Path, name: str, repository: str) -> str:
    """Uploads a model's folder; gives the digest of its manifest.

    Args:
        folder: config.json, weights, tokenizer and graphs, as `export.runtime.exported_models` describes it.
        name: of the model, "gpt" or "openai-community/gpt2".
        repository: "owner/name", made if it is not there.

    Raises:
        PermissionError: there is no token, or it may not write there.
        FileNotFoundError: the hub is out of reach.
        ValueError: the folder lacks a file, a graph could not be taken from there, or that is no repository's name.
    """
    if not get_token():
        raise PermissionError(NO_TOKEN.format(repository=repository))
    if lacking := [file for file in NEEDED if not (folder / file).is_file()]:
        raise ValueError(f"{folder} has no {' and no '.join(lacking)}; export it first")
    for graph in GRAPHS:
        if (folder / graph).is_file():
            confined.check(folder / graph)
    body = described(folder, name)
    found = hashlib.sha256(body).hexdigest()
    card = CARD.format(licence=licence_of(name).lower(), name=name, repository=repository, digest=found)
    files = {file: folder / file for file in sorted(FILES) if (folder / file).is_file()}
    operations = [CommitOperationAdd(file, path) for file, path in files.items()]
    operations += [CommitOperationAdd(MANIFEST, body), CommitOperationAdd("README.md", card.encode())]
    api = HfApi()
    try:
        api.create_repo(repository, exist_ok=True)
        api.create_commit(repository, operations, commit_message=f"{name}, ready for Cutaway")
    except HFValidationError as error:
        raise ValueError(f"{repository!r} is no repository's name; give OWNER/REPO") from error
    except HfHubHTTPError as error:
        raise PermissionError(f"the hub does not let this token write to {repository}: {error}") from error
    except ValueError:
        raise
    except Exception as error:  # which error says that the hub was not reached depends on the client's HTTP library
        raise FileNotFoundError(f"the hub is out of reach: {type(error).__name__}") from error
    return found


def described(folder: Path, name: str) -> bytes:
    """The manifest of a model's folder; one that has no seal is sealed first, so that a server can hold its graphs."""
    if not (folder / soundness.SEAL).is_file():
        soundness.write(folder)
    files = [folder / file for file in sorted(FILES) if (folder / file).is_file()]
    told = {
        "layout": exported_models.LAYOUT,
        "name": name,
        "family": configs.load(folder).family,
        "parameters": zoo.n_parameters(folder / "model.safetensors"),
        "licence": licence_of(name),
        "files": {path.name: {"bytes": path.stat().st_size, "sha256": digest(path)} for path in files},
    }
    return (json.dumps(told, indent=1) + "\n").encode("ascii")


def licence_of(name: str) -> str:
    """The licence of a model that is listed; "other" for one that is not."""
    return next((entry.licence for entry in zoo.entries() if entry.name == name), "other")
