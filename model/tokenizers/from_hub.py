"""Any other vocabulary, by the name of a model on the hub: its tokenizer.json, out of the hub's cache or into it.

No torch. Only this one file is read, and it holds no code.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, LocalEntryNotFoundError, RepositoryNotFoundError

from model import zoo

FILE = "tokenizer.json"
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
LIMIT = 40_000_000
"""Bytes of a tokenizer.json; the largest vocabularies in use, of 256,000 entries, have some 34 MB."""
SUGGESTED = ("meta-llama/Llama-3.1-8B", "Xenova/gpt-4o", "deepseek-ai/DeepSeek-V3")


def fetch(name: str, folder: Path | None = None, limit: int = LIMIT) -> Path:
    """The tokenizer.json of a model. Without a network, or with HF_HUB_OFFLINE=1, the cache must hold it already.

    Args:
        name: as on the hub, "deepseek-ai/DeepSeek-V3".
        folder: where to keep what is downloaded; in the hub's own cache unless given.
        limit: the bytes that a file may have.

    Raises:
        FileNotFoundError: the hub has no such model, or none with a tokenizer.json, or is out of reach.
        PermissionError: the model is to be had only with its owner's consent.
        ValueError: that is no name, or the file is too large.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name on the hub; type owner/model, such as {SUGGESTED[-1]}")
    for cached in (try_to_load_from_cache(name, FILE), folder and try_to_load_from_cache(name, FILE, folder)):
        if isinstance(cached, str):
            return held(name, Path(cached), limit)
    try:
        size = get_hf_file_metadata(hf_hub_url(name, FILE)).size or 0
        if size <= limit:
            return held(name, Path(hf_hub_download(name, FILE, cache_dir=folder)), limit)
    except GatedRepoError as error:
        raise PermissionError(
            f"{name} asks for its owner's consent: see https://huggingface.co/{name}, and start the server with the"
            " token of an account that has it (HF_TOKEN)"
        ) from error
    except RepositoryNotFoundError as error:
        raise FileNotFoundError(f"{name} is no model on the hub that this server may read") from error
    except LocalEntryNotFoundError as error:
        raise out_of_reach(name) from error
    except EntryNotFoundError as error:
        raise FileNotFoundError(f"{name} has no {FILE} on the hub; choose a model with one") from error
    except Exception as error:  # the hub was not reached; which error says so depends on the client's HTTP library
        raise out_of_reach(name) from error
    raise too_large(name, size, limit)


def held(name: str, path: Path, limit: int = LIMIT) -> Path:
    """A file that is there, if it is not too large: one in the cache may have come there by another way."""
    if (size := path.stat().st_size) > limit:
        raise too_large(name, size, limit)
    path.touch()  # what was used longest ago makes room, see `evict`
    return path


def evict(folder: Path, limit: int, but: Path) -> None:
    """Removes what was used longest ago from a folder that `fetch` keeps files in, until the rest fits into a limit."""
    models = {}
    for model in folder.glob("models--*"):
        files = [file for file in model.glob("blobs/*") if file.is_file()]
        used = max((file.stat().st_mtime for file in files), default=0.0)
        models[model] = used, sum(file.stat().st_size for file in files)
    held = sum(size for _, size in models.values())
    for model, (_, size) in sorted(models.items(), key=lambda entry: entry[1]):
        if held > limit and not but.is_relative_to(model):
            shutil.rmtree(model, ignore_errors=True)
            held -= size


def too_large(name: str, size: int, limit: int = LIMIT) -> ValueError:
    """What to say about a file past the limit."""
    return ValueError(f"{name} has a {FILE} of {zoo.in_words(size)}; {zoo.in_words(limit)} is the limit here")


def out_of_reach(name: str) -> FileNotFoundError:
    """What to say when only the cache could have helped."""
    return FileNotFoundError(f"{name} is not in the cache, and the hub is out of reach; load it once online")
