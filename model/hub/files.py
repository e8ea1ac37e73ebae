"""The files of a checkpoint: in a folder of Hugging Face layout, or brought into the hub's cache first.

Only safetensors are read. A pickle can run any code when it is opened; it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from huggingface_hub import HfApi, hf_hub_download, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

from model import zoo
from model.hub import lora, vocabularies

CONFIG = "config.json"
GENERATION = "generation_config.json"
"""What newer files say there, and older ones in their config.json: how a text is written."""
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack")


@dataclass(frozen=True)
class Files:
    """Where a checkpoint's parts lie."""

    config: Path
    weights: tuple[Path, ...]


def in_folder(folder: Path, name: str | None = None) -> Files:
    """The files of a folder.

    Args:
        name: what messages call it; the folder's path unless given.

    Raises:
        FileNotFoundError: there is no config.json, or there are no safetensors, or not all that their index names.
    """
    where = name or str(folder)
    config = folder / CONFIG
    if not config.is_file():
        raise FileNotFoundError(f"{where} holds no {CONFIG}; a checkpoint has one beside its weights")
    if (folder / WEIGHTS).is_file():
        weights: tuple[Path, ...] = (folder / WEIGHTS,)
    elif (folder / INDEX).is_file():
        weights = tuple(folder / name for name in shards(folder / INDEX))
    else:
        raise FileNotFoundError(without_weights(where, (path.name for path in folder.iterdir())))
    if missing := [path.name for path in weights if not path.is_file()]:
        raise FileNotFoundError(f"{where} lacks {', '.join(missing)}, which its {INDEX} names")
    return Files(config, weights)


def shards(index: Path) -> list[str]:
    """The names of the files that an index spreads the tensors over.

    Raises:
        ValueError: it names none, or some that do not lie beside it.
    """
    files = settings(index).get("weight_map")
    if not isinstance(files, dict) or not files or not all(map(_is_shard, files.values())):
        raise ValueError(f"{index.name} does not tell which file beside it holds which tensor")
    return sorted(set(files.values()))


def _is_shard(name: object) -> bool:
    return isinstance(name, str) and name.endswith(".safetensors") and name == PurePath(name).name


def settings(path: Path) -> dict[str, Any]:
    """What a JSON file says by name. Raises ValueError where it is none, or says nothing by name."""
    text = path.read_text(encoding="utf-8")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is no JSON, or not all of it is there ({error})") from error
    if not isinstance(said, dict):
        raise ValueError(f"{path.name} holds no settings by name, but {text.strip()[:20]!r}")
    return said


def without_weights(where: str, names: Iterable[str]) -> str:
    """What to say about a checkpoint without safetensors."""
    if pickles := sorted(set(names) & set(PICKLES)):
        return (
            f"{where} holds its weights only as {', '.join(pickles)}, which can run code when opened and is refused. "
            "Convert it where you trust it, with transformers: "
            f"AutoModel.from_pretrained({where!r}).save_pretrained(FOLDER), with the class that its config.json "
            "names in place of AutoModel; then load FOLDER"
        )
    return f"{where} holds no {WEIGHTS} and no {INDEX}"


def from_hub(
    name: str,
    revision: str | None = None,
    bytes_per_number: int = 4,
    bar: type[Any] | None = None,
    *,
    reads_text: bool = False,
) -> Path:
    """Brings a model's files into the hub's cache, with a progress bar, and returns the folder there.

    All files are of one commit. Without a network, or with HF_HUB_OFFLINE=1, the cache must hold them already.

    Args:
        name: as on the hub, "openai-community/gpt2".
        revision: a branch, a tag or a commit; the main branch unless given.
        bytes_per_number: what a weight will take up in memory.
        bar: what shows the progress in bytes; the hub's own bar unless given.
        reads_text: whether the model is of no use without its tokenizer.

    Raises:
        FileNotFoundError: the hub has no such model or revision, or it is not in the cache and the hub not reachable,
            or it has no safetensors, or no tokenizer that can be read where one is needed; nothing was downloaded.
        PermissionError: the model is to be had only with its owner's consent.
        ValueError: it is too large for this machine; nothing was downloaded.
    """
    try:
        info = HfApi().model_info(name, revision=revision, files_metadata=True)
    except GatedRepoError as error:
        raise PermissionError(f"{name} asks for its owner's consent: see https://huggingface.co/{name}") from error
    except RevisionNotFoundError as error:
        raise FileNotFoundError(f"{name} has no revision {revision!r} on the hub") from error
    except RepositoryNotFoundError as error:
        raise FileNotFoundError(f"the hub has no model {name!r} that you may read") from error
    except Exception as error:  # the hub was not reached; which error says so depends on the client's HTTP library
        return _from_cache(name, revision, error)

    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    if lora.SETTINGS in sizes and CONFIG not in sizes:
        return _adapter_from_hub(name, revision, sizes, bytes_per_number, bar, reads_text=reads_text)
    if WEIGHTS in sizes:
        weights = [WEIGHTS]
    elif INDEX in sizes:
        weights = [INDEX, *shards(Path(hf_hub_download(name, INDEX, revision=info.sha)))]
    else:
        raise FileNotFoundError(without_weights(name, sizes))
    vocabulary = vocabularies.needed(sizes, name) if reads_text else vocabularies.ALL
    n_bytes = sum(sizes.get(file, 0) for file in weights)
    # Where the hub does not say how many numbers those are, each is taken for two bytes: rather too many than too few.
    n_numbers = n_bytes // 2 if info.safetensors is None else info.safetensors.total
    zoo.require_memory(name, n_numbers * bytes_per_number, n_bytes)
    # By the revision's name and not by its commit: so the cache notes which commit it is, and finds it without the hub.
    wanted = [CONFIG, GENERATION, *vocabulary, *weights]
    return Path(snapshot_download(name, revision=revision, allow_patterns=wanted, tqdm_class=bar))


def _adapter_from_hub(
    name: str,
    revision: str | None,
    sizes: Mapping[str, int],
    bytes_per_number: int,
    bar: type[Any] | None,
    *,
    reads_text: bool,
) -> Path:
    """Brings an adapter into the hub's cache, and its base."""
    if lora.WEIGHTS not in sizes:
        pickled = f"; {lora.PICKLE} can run code when opened and is refused" if lora.PICKLE in sizes else ""
        raise FileNotFoundError(f"{name} holds no {lora.WEIGHTS}{pickled}")
    wanted = [lora.SETTINGS, lora.WEIGHTS, *vocabularies.ALL]
    folder = Path(snapshot_download(name, revision=revision, allow_patterns=wanted, tqdm_class=bar))
    own = vocabularies.TOKENIZER in sizes
    base_of(folder, bytes_per_number, bar, reads_text=reads_text and not own)
    return folder


def base_of(folder: Path, bytes_per_number: int = 4, bar: type[Any] | None = None, *, reads_text: bool = False) -> Path:
    """The folder of what an adapter is of, brought into the hub's cache if it is not here; raises as `from_hub`, and
    ValueError where the adapter names no base.
    """
    base = lora.base_of(folder)
    if isinstance(base, Path):
        return base
    revision = lora.settings_of(folder).get("revision")
    return from_hub(base, revision, bytes_per_number, bar, reads_text=reads_text)


def _from_cache(name: str, revision: str | None, error: Exception) -> Path:
    """The snapshot of a revision that an earlier call left in the cache."""
    kept = (try_to_load_from_cache(name, file, revision=revision) for file in (CONFIG, lora.SETTINGS))
    config = next((file for file in kept if isinstance(file, str)), None)
    if config is None:
        raise FileNotFoundError(
            f"{name} is not in the cache, and the hub is out of reach ({error}); load it once online"
        ) from error
    return Path(config).parent
